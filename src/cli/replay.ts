/**
 * `rowtap replay NAME …`: reads a part of a connector's log once more, over the REST API of a running worker, and
 * follows it to its end. Exit codes: 0 finished, 1 refused, failed or stopped, 130 interrupted.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { type Command, Option } from 'commander'
import { ConfigError, ConnectError } from '#errors'
import type { ReplayPlanView, ReplayStatus } from '#worker'
import { type RestClient, restClient } from './client.ts'
import { durationText, planText, progressText, sizeText } from './replay-text.ts'

const defaultUrl = process.env['ROWTAP_URL'] ?? 'http://127.0.0.1:8083'
const lookEveryMs = 500

interface ReplayFlags {
  readonly url: string
  readonly json?: true
  readonly from?: string
  readonly gtid?: string
  readonly time?: string
  readonly to?: string
  readonly tables?: string
  readonly topicSuffix?: string
  readonly dryRun?: true
  readonly detach?: true
  readonly status?: true
  readonly stop?: true
}

export function addReplayCommand(program: Command, exit: (code: number) => void): void {
  program
    .command('replay')
    .description('read a part of a connector’s log once more, into its topics or into topics beside them')
    .argument('<connector>')
    .addOption(
      new Option('--from <position>', 'where to begin: mysql-bin.000003:154').conflicts(['gtid', 'time']),
    )
    .addOption(
      new Option('--gtid <set>', 'begin with the first transaction that is not in this set').conflicts(
        'time',
      ),
    )
    .option('--time <rfc3339>', 'begin with the first transaction of this time or later')
    .option('--to <place>', 'where to end, in any of these forms; default: the end of the log as of now')
    .option('--tables <list>', 'regular expressions for database.table, with commas between')
    .option('--topic-suffix <suffix>', 'write into topics with this suffix; default: the connector’s topics')
    .option('--dry-run', 'say what would be read, and read nothing')
    .option('--detach', 'start it and do not wait for its end')
    .option('--status', 'only show the replay that runs, or ran last')
    .option('--stop', 'stop the replay that runs')
    .option('--url <url>', 'address of the worker (also ROWTAP_URL)', defaultUrl)
    .option('--json', 'print JSON, one object a line')
    .action(async (name: string, flags: ReplayFlags) => exit(await replay(name, flags)))
}

async function replay(name: string, flags: ReplayFlags): Promise<number> {
  const client = restClient(flags.url)
  const path = `/connectors/${encodeURIComponent(name)}/replay`
  if (flags.status === true) return shown((await client.get(path)) as ReplayStatus, flags)
  if (flags.stop === true) return shown((await client.send('DELETE', path)) as ReplayStatus, flags)
  const started = (await client.send('POST', path, requestOf(flags))) as ReplayStatus
  if (flags.json === true) print(JSON.stringify(started))
  else if (started.plan !== null) printPlan(started.plan, started.topic_suffix)
  if (flags.dryRun === true && started.state === 'PLANNED') return 0
  if (flags.detach === true) return 0
  return follow(client, path, started, flags)
}

function requestOf(flags: ReplayFlags): Readonly<Record<string, unknown>> {
  const from = flags.from ?? flags.gtid ?? flags.time
  if (from === undefined)
    throw new ConfigError('Where shall the replay begin?', {
      remedy:
        'Give --from mysql-bin.000003:154, --gtid SET or --time 2026-01-02T03:04:05Z. --dry-run says what would be read.',
    })
  return {
    from,
    ...(flags.to === undefined ? {} : { to: flags.to }),
    ...(flags.tables === undefined ? {} : { tables: flags.tables }),
    ...(flags.topicSuffix === undefined ? {} : { topic_suffix: flags.topicSuffix }),
    ...(flags.dryRun === undefined ? {} : { dry_run: true }),
  }
}

/** To its end; interrupted, the replay is stopped as well. */
async function follow(
  client: RestClient,
  path: string,
  started: ReplayStatus,
  { json }: ReplayFlags,
): Promise<number> {
  const interrupted = new AbortController()
  const interrupt = () => interrupted.abort()
  process.once('SIGINT', interrupt)
  const line = progressLine(json === true)
  let status = started
  let planned = status.plan !== null
  try {
    while (status.ended_at === null) {
      await delay(lookEveryMs, null, { signal: interrupted.signal }).catch(() => {})
      status = (await (interrupted.signal.aborted
        ? client.send('DELETE', path)
        : client.get(path))) as ReplayStatus
      if (status.started_at !== started.started_at)
        throw new ConnectError('Another replay of the connector has begun since.')
      if (!planned && status.plan !== null && json !== true) printPlan(status.plan, status.topic_suffix)
      planned = status.plan !== null
      line.show(status)
    }
  } finally {
    line.end()
    process.off('SIGINT', interrupt)
  }
  if (json !== true) printEnd(status)
  return interrupted.signal.aborted ? 130 : codeOf(status)
}

function codeOf({ state }: ReplayStatus): number {
  return state === 'FAILED' || state === 'STOPPED' ? 1 : 0
}

function shown(status: ReplayStatus, { json }: ReplayFlags): number {
  if (json === true) print(JSON.stringify(status))
  else {
    if (status.plan !== null) printPlan(status.plan, status.topic_suffix)
    if (status.ended_at === null) print(progressText(status))
    else printEnd(status)
  }
  return 0
}

function printPlan(plan: ReplayPlanView, suffix: string): void {
  for (const line of planText(plan, suffix)) print(line)
}

function printEnd(status: ReplayStatus): void {
  const { state, error, progress, started_at: start, ended_at: end } = status
  if (state === 'PLANNED') return
  const took = durationText(((end ?? start) - start) / 1000)
  const done = `${progress?.records ?? 0} records written, ${sizeText(progress?.bytes ?? 0)} of log read in ${took}`
  if (state === 'FINISHED') return print(`Finished: ${done}.`)
  const at = progress === null ? '' : ` at ${progress.position}`
  process.stderr.write(
    state === 'FAILED'
      ? `rowtap: The replay has failed${at}: ${error ?? ''}\n`
      : `rowtap: The replay was stopped${at}: ${done}. It can go on from there with --from.\n`,
  )
}

const print = (text: string): void => void process.stdout.write(`${text}\n`)

interface ProgressLine {
  show(status: ReplayStatus): void
  end(): void
}

/** One line that is written over on a terminal; else a line now and then. JSON: each status. */
function progressLine(json: boolean): ProgressLine {
  const { stdout } = process
  const quietMs = 10_000
  let last = performance.now()
  let open = false
  return {
    show(status) {
      if (json) return print(JSON.stringify(status))
      if (stdout.isTTY) {
        stdout.write(`\r\u001b[K${progressText(status)}`)
        open = true
      } else if (performance.now() - last > quietMs) {
        last = performance.now()
        print(progressText(status))
      }
    },
    end() {
      if (open) stdout.write('\n')
    },
  }
}
