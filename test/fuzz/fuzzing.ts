/**
 * One target, in a thread of its own: the one who started it can tell that an input takes forever, or all memory. What
 * is being read stands in memory that both share.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { random } from '../support/ddl/random.ts'
import { targets } from './targets/index.ts'
import { tried } from './target.ts'

export interface Fuzzing {
  readonly target: string
  readonly seed: number
  readonly budgetMs: number
  /** This one alone, instead of those of the seed. */
  readonly input: Uint8Array | null
  /** How many inputs were begun, and how long the last one is; its bytes are in `current`. */
  readonly progress: Int32Array<SharedArrayBuffer>
  readonly current: Uint8Array<SharedArrayBuffer>
}

export interface Fuzzed {
  readonly executions: number
  readonly refused: number
  /** A finding ends it. */
  readonly finding: string | null
}

/** Bytes beyond the input's that may be held while it is read. */
const roomBytes = 256 << 20
/** And for each of its own. */
const roomPerByte = 1000

async function run({ target: name, seed, budgetMs, input, progress, current }: Fuzzing): Promise<Fuzzed> {
  const target = targets.find((each) => each.name === name)
  if (target === undefined) throw new Error(`There is no target ${name}.`)
  const numbers = random(seed)
  const end = performance.now() + budgetMs
  let [executions, refused] = [0, 0]
  do {
    const bytes = input === null ? target.input(numbers) : Buffer.from(input)
    current.set(bytes.subarray(0, current.length))
    Atomics.store(progress, 1, bytes.length)
    Atomics.add(progress, 0, 1)
    const held = process.memoryUsage().arrayBuffers
    try {
      if ((await tried(target, bytes)) === 'refused') refused++
      const grown = process.memoryUsage().arrayBuffers - held
      if (grown > roomBytes + bytes.length * roomPerByte) throw new Error(`it takes ${grown} bytes`)
    } catch (error) {
      return { executions, refused, finding: error instanceof Error ? `${error.stack}` : String(error) }
    }
    executions++
  } while (input === null && performance.now() < end)
  return { executions, refused, finding: null }
}

parentPort?.postMessage(await run(workerData as Fuzzing))
