/**
 * `rowtap demo`: a real database, a worker in this process, a source and a sink registered over REST, a snapshot, then
 * live changes with before and after, until Ctrl-C or `--seconds`; where the log can be read again, a replay of what came
 * live. Everything it makes is in one temporary directory and goes with it.
 */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { ConnectError } from '#errors'
import { type RestClient, restClient } from '../client.ts'
import { asChange, changeLine } from './changes.ts'
import { type ConnectorRequest, sinkRequest } from './connectors.ts'
import type { DemoDatabase } from './database.ts'
import { type Beginning, recordsIn, replayLive, replaySuffix } from './replay.ts'
import { changeSomething, countOrders, createShop, fingerprint } from './shop.ts'
import type { Terminal } from './terminal.ts'

export interface DemoOptions {
  /** End by itself after this many seconds of live changes; undefined: at Ctrl-C. */
  readonly seconds: number | undefined
  readonly rows: number
  readonly product: 'postgres' | 'mysql'
  /** The address of a server to use in place of one of its own. */
  readonly server: string | null
  readonly port: number
}

/** A worker that runs in this process: where it listens, and how it ends. */
export interface DemoWorker extends AsyncDisposable {
  readonly url: string
}

export type StartWorker = (dataDirectory: string, port: number) => Promise<DemoWorker>

interface Stage {
  readonly terminal: Terminal
  readonly rest: RestClient
  readonly database: DemoDatabase
}

/** Resolves to the exit code: 0 when all agreed at the end, or the signal came before there was anything. */
export async function runDemo(
  options: DemoOptions,
  startWorker: StartWorker,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> {
  const directory = mkdtempSync(join(tmpdir(), 'rowtap-demo-'))
  chmodSync(directory, 0o711) // under root the database runs as another user, who must get through
  await using cleanup = new AsyncDisposableStack()
  cleanup.defer(() => rmSync(directory, { recursive: true, force: true }))
  try {
    const stage = await setUp(options, directory, startWorker, terminal, cleanup, signal)
    await watchSnapshot(options.rows, stage, signal)
    signal.throwIfAborted()
    const from = await beginning(stage)
    invite(stage, from)
    const agreed = await liveChanges(options, stage, signal)
    const replayed = from === null || (await replayLive(stage.database.topic, from, stage.rest, terminal))
    return agreed && replayed ? 0 : 1
  } catch (error) {
    if (!signal.aborted) throw error
    terminal.line('Stopped before the first change.')
    return 0
  }
}

async function setUp(
  options: DemoOptions,
  directory: string,
  startWorker: StartWorker,
  terminal: Terminal,
  cleanup: AsyncDisposableStack,
  signal: AbortSignal,
): Promise<Stage> {
  const database = cleanup.use(await openDemoDatabase(options, directory, terminal, signal))
  const { host, port } = database.server
  terminal.line(`${terminal.green('✓')} ${database.title} on ${host}:${port}`)
  await createShop(database.shop, options.rows)
  signal.throwIfAborted()
  const began = performance.now()
  const worker = cleanup.use(await startWorker(join(directory, 'worker'), options.port))
  const ms = Math.round(performance.now() - began)
  terminal.line(`${terminal.green('✓')} worker on ${worker.url} after ${ms} ms`)
  const stage: Stage = { terminal, rest: restClient(worker.url), database }
  for (const request of [database.source, sinkRequest(database)]) await register(request, stage)
  return stage
}

async function openDemoDatabase(
  { product, server }: DemoOptions,
  directory: string,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<DemoDatabase> {
  if (server === null) terminal.status('  A database server is being set up …')
  const place = join(directory, product)
  if (product === 'mysql') return (await import('./mysql.ts')).openMysql(place, server, signal)
  return (await import('./postgres.ts')).openPostgres(place, server, signal)
}

async function register(request: ConnectorRequest, { rest, terminal }: Stage): Promise<void> {
  await rest.send('POST', '/connectors', request)
  terminal.line(
    `${terminal.green('✓')} POST /connectors ${terminal.bold(request.name)} (${request.config['connector.class']})`,
  )
}

/** Fails with the trace of a task that has FAILED, so that the demo says what went wrong. */
async function assertRunning({ rest }: Stage): Promise<void> {
  const all = (await rest.get('/connectors?expand=status')) as Record<
    string,
    { status: { tasks: { state: string; trace?: string }[] } }
  >
  for (const [name, { status }] of Object.entries(all))
    for (const task of status.tasks)
      if (task.state === 'FAILED')
        throw new ConnectError(`A task of ${name} has failed: ${task.trace?.split('\n')[0] ?? ''}`)
}

async function watchSnapshot(rows: number, stage: Stage, signal: AbortSignal): Promise<void> {
  const { terminal, database } = stage
  const began = performance.now()
  for (let arrived = 0; arrived < rows && !signal.aborted; ) {
    await assertRunning(stage)
    arrived = await countOrders(database.warehouse)
    const seconds = (performance.now() - began) / 1000
    const done = Math.round((arrived / rows) * 20)
    const bar = `${'█'.repeat(done)}${'░'.repeat(20 - done)}`
    const text = `  snapshot ${bar} ${arrived.toLocaleString('en')} of ${rows.toLocaleString('en')} rows in the warehouse, ${seconds.toFixed(1)} s`
    terminal.status(text, arrived >= rows)
    if (arrived < rows) await delay(100)
  }
}

function invite({ terminal, rest, database }: Stage, from: Beginning | null): void {
  const say = (text: string): void => terminal.line(`    ${terminal.cyan(text)}`)
  terminal.line('\n  Try it from another terminal:')
  say(`curl -s '${rest.address}/connectors?expand=status'`)
  say(`curl -s ${rest.address}/connectors/shop-source/offsets`)
  say(`curl -s -X PUT ${rest.address}/connectors/warehouse-sink/pause    # and /resume`)
  say(`curl -s -X POST '${rest.address}/connectors/shop-source/restart?includeTasks=true'`)
  say(database.shell)
  if (from !== null) {
    const order = JSON.stringify({ from: from.position, topic_suffix: replaySuffix })
    say(
      `curl -s -X POST ${rest.address}/connectors/shop-source/replay -H 'content-type: application/json' -d '${order}'`,
    )
    say(
      `rowtap replay shop-source --url ${rest.address} --from ${from.position} --topic-suffix ${replaySuffix}`,
    )
  }
  terminal.line('')
}

/** null where the log cannot be read a second time. */
async function beginning({ database, rest }: Stage): Promise<Beginning | null> {
  if (database.logEnd === null) return null
  return { position: await database.logEnd(), records: await recordsIn(database.topic, rest) }
}

interface Tally {
  changes: number
  lagMs: number
}

/** Resolves to whether both tables agreed at the end. */
async function liveChanges(options: DemoOptions, stage: Stage, signal: AbortSignal): Promise<boolean> {
  const { terminal } = stage
  const watching = new AbortController()
  const tally: Tally = { changes: 0, lagMs: 0 }
  const watch = watchTopic(stage, tally, watching.signal)
  try {
    await Promise.race([keepChanging(options.seconds, stage, tally, signal), failure(watch)])
    const agreed = await converge(stage.database)
    const { rows } = await fingerprint(stage.database.warehouse)
    const total = `${rows.toLocaleString('en')} rows, ${tally.changes} live changes`
    const verdict = agreed
      ? `${terminal.green('✓')} shop and warehouse are equal, row by row: ${total}`
      : `${terminal.red('✗')} shop and warehouse differ: ${total}`
    terminal.line(`\n${verdict}`)
    return agreed
  } finally {
    watching.abort()
  }
}

/** Never resolves; rejects with the other. */
function failure(of: Promise<unknown>): Promise<never> {
  return new Promise((_, reject) => {
    of.catch(reject)
  })
}

async function keepChanging(
  seconds: number | undefined,
  stage: Stage,
  tally: Tally,
  signal: AbortSignal,
): Promise<void> {
  const began = performance.now()
  const elapsed = (): number => (performance.now() - began) / 1000
  for (let reported = 0; !signal.aborted && (seconds === undefined || elapsed() < seconds); ) {
    await changeSomething(stage.database.shop)
    if (elapsed() - reported >= 2) {
      reported = elapsed()
      await assertRunning(stage)
      stage.terminal.line(await summary(stage, tally, elapsed()))
    }
    await delay(120)
  }
}

async function summary(stage: Stage, tally: Tally, seconds: number): Promise<string> {
  const { shop, warehouse } = stage.database
  const [source, sink] = await Promise.all([countOrders(shop), countOrders(warehouse)])
  const rate = (tally.changes / seconds).toFixed(1)
  return stage.terminal.dim(
    `  ${tally.changes} changes, ${rate}/s, captured ${tally.lagMs} ms after their commit; ${source} rows in the shop, ${sink} in the warehouse`,
  )
}

async function watchTopic(
  { rest, terminal, database }: Stage,
  tally: Tally,
  signal: AbortSignal,
): Promise<void> {
  for await (const record of rest.lines(`/topics/${database.topic}/records?from=latest`, signal)) {
    const change = asChange(record)
    if (change === null) continue
    tally.changes++
    tally.lagMs = change.lagMs
    terminal.line(`  ${changeLine(change, terminal)}`)
  }
}

/** Waits until the sink has caught up: the last changes are still on their way. */
async function converge({ shop, warehouse }: DemoDatabase): Promise<boolean> {
  for (let tries = 0; tries < 100; tries++) {
    const [source, sink] = [await fingerprint(shop), await fingerprint(warehouse)]
    if (source.digest === sink.digest) return true
    await delay(100)
  }
  return false
}
