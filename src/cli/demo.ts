/** `rowtap demo`: see `demo/`. Its code, and the database it brings, are loaded only when it is asked for. */
import { type Command, Option } from 'commander'
import { ConfigError } from '#errors'

interface DemoFlags {
  readonly seconds?: string
  readonly rows: string
  readonly port: string
  readonly postgres?: string
  readonly mysql?: string | true
}

export function addDemoCommand(program: Command, exit: (code: number) => void): void {
  program
    .command('demo')
    .description('a real database, a source, a sink, and changes that travel between them')
    .option('--seconds <n>', 'end by itself after so many seconds of live changes')
    .option('--rows <n>', 'rows that are there at the start', '5000')
    .option('--port <n>', 'port of the REST API', '8083')
    .option(
      '--postgres <url>',
      'use this PostgreSQL (postgres://user:password@host:port) instead of one of its own',
    )
    .addOption(
      new Option(
        '--mysql [url]',
        'on MySQL or MariaDB: this one (mysql://user:password@host:port), or one of its own',
      ).conflicts('postgres'),
    )
    .action(async (flags: DemoFlags) => exit(await demo(flags)))
}

function whole(name: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new ConfigError(`--${name} takes a whole number, not ${text}.`)
  return Number(text)
}

async function demo({ seconds, rows, port, postgres, mysql }: DemoFlags): Promise<number> {
  // The worker's log would bury the demo: warnings and errors only, unless asked for more.
  process.env['ROWTAP_LOG_LEVEL'] ??= 'warn'
  const { runDemo } = await import('./demo/demo.ts')
  const { openTerminal } = await import('./demo/terminal.ts')
  const { launch } = await import('./launch.ts')
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => {
      if (stop.signal.aborted) process.exit(130) // asked twice: what is left goes with the process
      stop.abort()
    })
  process.stdout.on('error', () => stop.abort()) // whoever read along is gone
  return runDemo(
    {
      seconds: seconds === undefined ? undefined : whole('seconds', seconds),
      rows: whole('rows', rows),
      port: whole('port', port),
      product: mysql === undefined ? 'postgres' : 'mysql',
      server: (mysql === true ? undefined : mysql) ?? postgres ?? null,
    },
    async (dataDirectory, at) => {
      const file = { 'data.dir': dataDirectory, listeners: `http://127.0.0.1:${at}` }
      try {
        return await launch({ mode: 'distributed', file, environment: {} })
      } catch (error) {
        throw portTaken(error, at) ?? error
      }
    },
    openTerminal(process.stdout),
    stop.signal,
  )
}

function portTaken(error: unknown, port: number): ConfigError | null {
  const cause = error instanceof ConfigError ? (error.cause as NodeJS.ErrnoException | undefined) : undefined
  if (cause?.code !== 'EADDRINUSE') return null
  const remedy = `Name another: rowtap demo --port ${port + 1} (in a checkout: npm run demo -- --port ${port + 1}).`
  return new ConfigError(`Port ${port} is taken by another process.`, { remedy, cause: error })
}
