/** What follows from the configuration: sets, filters and options in the form that the parts of the connector take. */
import {
  listEntries,
  type NameFilter,
  nameFilter,
  namePatterns,
  type Operation,
  placeholderBytes,
} from '#cdc'
import { ConfigError } from '#errors'
import type { RawConfig } from '#plugin'
import type { TypeOptions } from '../column-types/options.ts'
import type { MysqlConfig } from './servers.ts'

export function typeOptions(config: MysqlConfig): TypeOptions {
  return {
    decimals: config['decimal.handling.mode'],
    bigintUnsigned: config['bigint.unsigned.handling.mode'],
    times: config['time.precision.mode'],
    binary: config['binary.handling.mode'],
    adjustYears: config['enable.time.adjuster'],
    placeholder: placeholderBytes(config['unavailable.value.placeholder']),
    unrepresentable: config['event.converting.failure.handling.mode'] === 'fail' ? 'fail' : 'null',
  }
}

export function skippedOperations(config: MysqlConfig): ReadonlySet<Operation> {
  const entries = config['skipped.operations'].split(',').map((each) => each.trim().toLowerCase())
  return new Set(entries.filter((each): each is Operation => /^[crudt]$/.test(each)))
}

/** What happens to events that cannot be read: the newer name wins where both are set. */
export function onBadEvent(config: MysqlConfig): 'fail' | 'warn' | 'skip' {
  const newer = config['event.processing.failure.handling.mode']
  const mode = newer === 'fail' ? config['event.deserialization.failure.handling.mode'] : newer
  return mode === 'ignore' ? 'skip' : mode
}

export function onInconsistentSchema(config: MysqlConfig): 'fail' | 'warn' | 'skip' {
  const mode = config['inconsistent.schema.handling.mode']
  return mode === 'ignore' ? 'skip' : mode
}

/** Whether a source's transactions count: a UUID of MySQL, a domain of MariaDB. null: all do. */
export function gtidSources(config: MysqlConfig): NameFilter | null {
  const include = config['gtid.source.includes']
  const exclude = config['gtid.source.excludes']
  if (include === null && exclude === null) return null
  return nameFilter({
    includeProperty: 'gtid.source.includes',
    include: include?.join(',') ?? null,
    excludeProperty: 'gtid.source.excludes',
    exclude,
  })
}

export function includedInSnapshot(config: MysqlConfig): NameFilter {
  const patterns = namePatterns(
    'snapshot.include.collection.list',
    config['snapshot.include.collection.list'],
  )
  return patterns === null ? () => true : (name) => patterns.some((each) => each.test(name))
}

const overridesProperty = 'snapshot.select.statement.overrides'

/** SELECT statements by `database.table`. Names may be quoted. */
export function selectOverrides(raw: RawConfig): ReadonlyMap<string, string> {
  const overrides = new Map<string, string>()
  for (const table of listEntries(raw[overridesProperty] ?? null)) {
    const statement = raw[`${overridesProperty}.${table}`]?.trim().replace(/;+$/, '') ?? ''
    if (statement !== '') overrides.set(table.replaceAll('`', ''), statement)
  }
  return overrides
}

/** Tables that are listed to have a statement of their own and have none: they are read as a whole. */
export function missingOverrides(raw: RawConfig): readonly string[] {
  return listEntries(raw[overridesProperty] ?? null).filter(
    (table) => !Object.hasOwn(raw, `${overridesProperty}.${table}`),
  )
}

const multiplierProperty = 'snapshot.max.threads.multiplier'

/** Into how many chunks for each connection a table is divided: its own number, or that of all. */
export function chunkMultiplier(config: MysqlConfig, raw: RawConfig, table: string): number {
  const text = raw[`${multiplierProperty}.${table}`]?.trim()
  if (text === undefined) return config[multiplierProperty]
  const number = Number(text)
  if (Number.isInteger(number) && number >= 1) return number
  throw new ConfigError(`${multiplierProperty}.${table} must be a whole number of at least 1, not ${text}.`)
}

/** Tables that have a multiplier of their own. */
export function multipliedTables(raw: RawConfig): readonly string[] {
  const prefix = `${multiplierProperty}.`
  return Object.keys(raw).flatMap((name) => (name.startsWith(prefix) ? [name.slice(prefix.length)] : []))
}

/** How often an idle log shows life. */
export function logHeartbeatMs(config: MysqlConfig): number {
  return config['connect.keep.alive'] ? Math.ceil(config['connect.keep.alive.interval.ms'] * 0.8) : 0
}

/** Few enough for their objects to die young: what outlives two collections costs twice what the codec does. */
const MOST_PER_POLL = 256

export function recordsPerPoll(config: MysqlConfig): number {
  return Math.min(config['max.batch.size'], MOST_PER_POLL)
}

/** Of the log that waits to be decoded: enough for the server to send on meanwhile. */
const LOG_BYTES = 8 * 1024 * 1024

export function logBytes(config: MysqlConfig): number {
  const bytes = config['max.queue.size.in.bytes']
  return bytes > 0 ? bytes : LOG_BYTES
}
