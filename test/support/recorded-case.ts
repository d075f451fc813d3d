/**
 * Plays a recorded case (test/golden/postgres/<name>): the statements that were run on a real Debezium, and the
 * records that came out of it. Positions, times, transaction ids and names of databases differ from run to run and
 * are masked; everything else must be equal, byte for byte.
 */
import { readFileSync } from 'node:fs'
import type { RawConfig } from '#plugin'
import { postgresSource } from '../../connectors/postgres-cdc/index.ts'
import { better } from './better.ts'
import { createDatabase, type TestDatabase } from './services/database.ts'
import { type Emitted, SourceDriver } from './source-driver.ts'

type Step = Readonly<Record<string, unknown>>

interface RecordedCase {
  readonly config: Readonly<Record<string, string>>
  readonly steps?: readonly Step[]
}

export interface Shown {
  readonly topic: string
  readonly key: string | null
  readonly value: string | null
  readonly headers: readonly (readonly [string, string | null])[]
}

const folder = new URL('../golden/postgres/', import.meta.url)

function text(name: string, file: string): string {
  return readFileSync(new URL(`${name}/${file}`, folder), 'utf8')
}

export function caseConfig(name: string, database: TestDatabase, more: RawConfig = {}): RawConfig {
  const recorded = JSON.parse(text(name, 'case.json')) as RecordedCase
  const prefix = `postgres_${name.replaceAll('-', '_')}`
  return {
    'connector.class': postgresSource.javaClass,
    'topic.prefix': prefix,
    'database.hostname': database.host,
    'database.port': String(database.port),
    'database.user': database.user,
    'database.password': database.password,
    'slot.name': database.database,
    'publication.name': database.database,
    'poll.interval.ms': '200',
    ...recorded.config,
    'database.dbname': database.database,
    ...more,
  }
}

/** What differs between Debezium's records and ours, but for what is meant to be better; empty where nothing does. */
export async function differences(name: string): Promise<readonly string[]> {
  const [got, wanted] = [await play(name), expected(name)]
  const hide = better(`postgres-${name}`)
  const text = (shown: Shown | undefined, ours: boolean): string =>
    shown === undefined ? '(no record)' : JSON.stringify({ ...shown, value: hide(shown.value, ours) })
  return [...new Set([...wanted.keys(), ...got.keys()])].sort().flatMap((topic) => {
    const [theirs, ours] = [wanted.get(topic) ?? [], got.get(topic) ?? []]
    const count = Math.max(theirs.length, ours.length)
    return Array.from({ length: count }, (_, index) => index).flatMap((index) => {
      const [a, b] = [text(theirs[index], false), text(ours[index], true)]
      return a === b ? [] : [`${topic} record ${index}: ${b} instead of ${a}`]
    })
  })
}

/** Runs the case's steps; returns what came out, by topic. */
async function play(name: string): Promise<ReadonlyMap<string, readonly Shown[]>> {
  const recorded = JSON.parse(text(name, 'case.json')) as RecordedCase
  const database = await createDatabase()
  const driver = new SourceDriver(postgresSource, caseConfig(name, database))
  const steps = recorded.steps ?? [{ sql: 'setup.sql' }, { start: {} }, { sql: 'stream.sql' }, { quiet: 0 }]
  try {
    for (const step of steps) await playStep(step, name, database, driver)
    await driver.quiet(3)
  } finally {
    await driver.stop().catch(() => {})
    await database.drop()
  }
  return byTopic(driver.emitted.map((record) => masked(record)))
}

/** Steps on other databases only prepare the one that `createDatabase` has made. */
async function playStep(
  step: Step,
  name: string,
  database: TestDatabase,
  driver: SourceDriver,
): Promise<void> {
  if (typeof step['sql'] === 'string') await run(database, text(name, step['sql']))
  else if (typeof step['database'] === 'string') return
  else if (typeof step['exec'] === 'string') await run(database, step['exec'])
  else if ('start' in step) await driver.start()
  else if (typeof step['quiet'] === 'number') await driver.until(step['quiet'])
  else if ('delete' in step) await driver.stop()
  else if ('http' in step) {
    const { path } = step['http'] as { path: string }
    if (path.endsWith('/stop')) await driver.stop()
    else if (path.endsWith('/resume')) await driver.start()
    else throw new Error(`the step ${JSON.stringify(step)} cannot be played`)
  } else if (!('sleep' in step) && !('query' in step))
    throw new Error(`the step ${JSON.stringify(step)} cannot be played`)
}

/** Each statement for itself, as psql would: a transaction is what the script makes one. */
async function run(database: TestDatabase, script: string): Promise<void> {
  for (const statement of statements(script)) await database.client.query(statement)
}

/** Splits at `;` outside of quotes, dollar quotes and comments. */
export function statements(script: string): readonly string[] {
  const found: string[] = []
  const token = /'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(\w*)\$[\s\S]*?\$\1\$|--[^\n]*|;|[^'"$;-]+|[\s\S]/g
  let current = ''
  for (const [part] of script.matchAll(token)) {
    if (part === ';') {
      found.push(current)
      current = ''
    } else current += part
  }
  return [...found, current].map((each) => each.trim()).filter((each) => each !== '')
}

/** What Debezium wrote, by topic. */
function expected(name: string): ReadonlyMap<string, readonly Shown[]> {
  const lines = text(name, 'expected.jsonl').trim().split('\n')
  const records = lines
    .map((line) => JSON.parse(line) as Emitted & { asked?: unknown })
    .filter((each) => !each.asked)
  return byTopic(records.map((record) => masked(record)))
}

function masked({ topic, key, value, headers }: Omit<Emitted, 'offset'>): Shown {
  return {
    topic,
    key,
    value: value === null ? null : hide(value),
    headers: headers.map(([name, text]) => [name, name === '__debezium.context.runId' ? '*' : text] as const),
  }
}

function hide(value: string): string {
  const source = value.replace(/"source":\{"version".*?"origin_lsn":[^}]*\}/, (block) =>
    block
      .replace(/"(version|db)":"[^"]*"/g, '"$1":"*"')
      .replace(/"(ts_ms|ts_us|ts_ns|txId|lsn)":-?\d+/g, '"$1":"*"')
      .replace(
        /"sequence":"\[(null|\\"\d+\\"),\\"\d+\\"\]"/,
        (_, before: string) => `"sequence":"${before === 'null' ? 'first' : 'later'}"`,
      ),
  )
  return source.replace(/"(ts_ms|ts_us|ts_ns)":\d+(?=[,}])/g, '"$1":"*"')
}

function byTopic(records: readonly Shown[]): Map<string, Shown[]> {
  const topics = new Map<string, Shown[]>()
  for (const record of records) topics.set(record.topic, [...(topics.get(record.topic) ?? []), record])
  return topics
}
