#!/usr/bin/env -S MALLOC_ARENA_MAX=1 node --max-semi-space-size=2
// The command. Plain JavaScript that old versions of Node can read too, so that they hear what is wrong instead of a
// syntax error: `--version` works from Node 18 on, everything else needs the version below. The flag above keeps 20 MB
// of young generation from a main thread that hardly allocates (threads get sizes of their own), and one arena keeps
// glibc from holding freed batches in one per thread, which costs another 15 to 25 MB.
import { existsSync, readFileSync } from 'node:fs'
import module from 'node:module'
import { homedir } from 'node:os'
import { join } from 'node:path'

const needed = 24
const here = (path) => new URL(path, import.meta.url)

function packageVersion() {
  const file = ['../package.json', '../../package.json'].map(here).find((each) => existsSync(each))
  return JSON.parse(readFileSync(file, 'utf8')).version
}

function refuse(message) {
  process.stderr.write(`rowtap: ${message}\n`)
  process.exitCode = 1
}

async function run() {
  const argument = process.argv[2]
  if (argument === '--version' || argument === '-V') {
    process.stdout.write(`${packageVersion()}\n`)
    return
  }
  if (Number(process.versions.node.split('.')[0]) < needed) {
    refuse(
      `Node.js ${process.versions.node} is too old: rowtap ${packageVersion()} needs Node.js ${needed} or later.`,
    )
    return
  }
  const source = existsSync(here('./cli/main.ts'))
  const conditions = `${process.execArgv.join(' ')} ${process.env.NODE_OPTIONS ?? ''}`
  if (source && !conditions.includes('rowtap-source')) {
    refuse(
      'in a checkout use `npm start -- ARGUMENTS`, or node --conditions=rowtap-source src/rowtap.js ARGUMENTS.',
    )
    return
  }
  // What was compiled once is kept for the next start, of this process and its threads: half of the start-up time.
  process.env.NODE_COMPILE_CACHE ??= join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'rowtap')
  module.enableCompileCache(process.env.NODE_COMPILE_CACHE)
  const { main } = await import(here(source ? './cli/main.ts' : './cli/main.js').href)
  process.exitCode = await main(process.argv)
}

await run()
