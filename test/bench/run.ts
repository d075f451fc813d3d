/** `npm run bench -- NAME ARGUMENTS…`: runs one of the benchmarks in a process of its own, so that each begins cold. */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'

const [name = '', ...args] = process.argv.slice(2)
const file = new URL(`./${name}.ts`, import.meta.url).pathname
if (name === '' || name === 'run' || !existsSync(file)) {
  const known = readdirSync(new URL('.', import.meta.url)).filter(
    (each) => each.endsWith('.ts') && each !== 'run.ts',
  )
  process.stderr.write(
    `usage: npm run bench -- NAME [ARGUMENTS]; NAME is one of ${known.map((each) => each.slice(0, -3)).join(', ')}\n`,
  )
  process.exitCode = 1
} else
  process.exitCode =
    spawnSync(process.execPath, ['--conditions=rowtap-source', file, ...args], { stdio: 'inherit' }).status ??
    1
