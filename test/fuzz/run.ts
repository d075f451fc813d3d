/**
 * Fuzzes what reads foreign bytes and texts: npm run test:fuzz -- [target…]
 *
 *   ROWTAP_FUZZ_SECONDS   for each target; 60
 *   ROWTAP_FUZZ_SEED      a number; that of the day else
 *   ROWTAP_FUZZ_INPUT     base64 of one input, which the one target named reads
 *
 * An input ends in what is right or in an error that refuses it. Anything else is a finding, and so is an input that
 * takes ten seconds or far more memory than it has bytes: it is printed as base64, and the exit code is 1.
 */
import { Worker } from 'node:worker_threads'
import type { Fuzzed, Fuzzing } from './fuzzing.ts'
import { targets } from './targets/index.ts'

const patienceMs = 10_000
const heapMb = 512

const seconds = Number(process.env['ROWTAP_FUZZ_SECONDS'] ?? 60)
const seed = Number(process.env['ROWTAP_FUZZ_SEED'] ?? Math.floor(Date.now() / 86_400_000))
const given = process.env['ROWTAP_FUZZ_INPUT']
const known = targets.map(({ name }) => name)
const named = process.argv.slice(2)
const wrong = named.filter((name) => !known.includes(name))
if (wrong.length > 0 || (given !== undefined && named.length !== 1)) {
  console.error(
    wrong.length > 0 ? `no target ${wrong}: ${known.join(', ')}` : 'ROWTAP_FUZZ_INPUT is for one target',
  )
  process.exit(2)
}

/** Runs a target to its end, or until it stands still. */
function fuzz(fuzzing: Fuzzing): Promise<Fuzzed> {
  const worker = new Worker(new URL('./fuzzing.ts', import.meta.url), {
    workerData: fuzzing,
    resourceLimits: { maxOldGenerationSizeMb: heapMb },
  })
  return new Promise((resolve) => {
    let seen = 0
    const watch = setInterval(() => {
      const begun = Atomics.load(fuzzing.progress, 0)
      if (begun === seen && begun > 0) settle(`it has taken ${patienceMs / 1000} s`)
      seen = begun
    }, patienceMs)
    const settle = (finding: string): void => {
      clearInterval(watch)
      resolve({ executions: Atomics.load(fuzzing.progress, 0) - 1, refused: 0, finding })
      void worker.terminate()
    }
    worker.on('message', (result: Fuzzed) => {
      clearInterval(watch)
      resolve(result)
    })
    worker.on('error', (error) => settle(String(error)))
  })
}

for (const target of named.length > 0 ? named : known) {
  const progress = new Int32Array(new SharedArrayBuffer(8))
  const current = new Uint8Array(new SharedArrayBuffer(4 << 20))
  const input = given === undefined ? null : Buffer.from(given, 'base64')
  const begin = performance.now()
  const { executions, refused, finding } = await fuzz({
    ...{ target, seed, input, progress, current },
    budgetMs: seconds * 1000,
  })
  const took = ((performance.now() - begin) / 1000).toFixed(0)
  console.log(`${target}: seed ${seed}, ${executions} inputs in ${took} s, ${refused} refused`)
  if (finding === null) continue
  process.exitCode = 1
  const bytes = Buffer.from(current.subarray(0, Atomics.load(progress, 1)))
  console.log(`${target}: FOUND ${finding}\nROWTAP_FUZZ_INPUT=${bytes.toString('base64')}`)
}
