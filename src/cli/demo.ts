/** `rowtap demo`: see `demo/`. Its code, and the database it brings, are loaded only when it is asked for. */
import type { Command } from 'commander'
import { ConfigError } from '#errors'

interface DemoFlags {
  readonly seconds?: string
  readonly rows: string
  readonly port: string
  readonly postgres?: string
}

export function addDemoCommand(program: Command, exit: (code: number) => void): void {
  program
    .command('demo')
    .description('a real PostgreSQL, a source, a sink, and changes that travel between them')
    .option('--seconds <n>', 'end by itself after so many seconds of live changes')
    .option('--rows <n>', 'rows that are there at the start', '5000')
    .option('--port <n>', 'port of the REST API', '8083')
    .option(
      '--postgres <url>',
      'use this server (postgres://user:password@host:port) instead of one of its own',
    )
    .action(async (flags: DemoFlags) => exit(await demo(flags)))
}

function whole(name: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new ConfigError(`--${name} takes a whole number, not ${text}.`)
  return Number(text)
}

async function demo({ seconds, rows, port, postgres }: DemoFlags): Promise<number> {
  // The worker's log would bury the demo: warnings and errors only, unless asked for more.
  process.env['ROWTAP_LOG_LEVEL'] ??= 'warn'
  const { runDemo } = await import('./demo/demo.ts')
  const { openTerminal } = await import('./demo/terminal.ts')
  const { launch } = await import('./launch.ts')
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())
  return runDemo(
    {
      seconds: seconds === undefined ? undefined : whole('seconds', seconds),
      rows: whole('rows', rows),
      port: whole('port', port),
      postgres,
    },
    (dataDirectory, at) => {
      const file = { 'data.dir': dataDirectory, listeners: `http://127.0.0.1:${at}` }
      return launch({ mode: 'distributed', file, environment: {} })
    },
    openTerminal(process.stdout),
    stop.signal,
  )
}
