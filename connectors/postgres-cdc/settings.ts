/** What follows from the configuration: sets, filters and options in the form that the connector works with. */
import { listEntries, type NameFilter, nameFilter, type Operation, placeholderBytes } from '#cdc'
import type { RawConfig } from '#plugin'
import type { TypeOptions } from './column-types/options.ts'
import type { PostgresConfig } from './config.ts'

export function typeOptions(config: PostgresConfig): TypeOptions {
  return {
    decimals: config['decimal.handling.mode'],
    times: config['time.precision.mode'],
    binary: config['binary.handling.mode'],
    intervals: config['interval.handling.mode'],
    hstore: config['hstore.handling.mode'],
    moneyFractionDigits: config['money.fraction.digits'],
    includeUnknown: config['include.unknown.datatypes'],
    placeholder: placeholderBytes(config['unavailable.value.placeholder']),
    unrepresentable: config['event.converting.failure.handling.mode'] === 'fail' ? 'fail' : 'null',
  }
}

export function skippedOperations(config: PostgresConfig): ReadonlySet<Operation> {
  const entries = config['skipped.operations'].split(',').map((each) => each.trim().toLowerCase())
  return new Set(entries.filter((each): each is Operation => /^[crudt]$/.test(each)))
}

export function includedInSnapshot(config: PostgresConfig): NameFilter {
  return nameFilter({
    includeProperty: 'snapshot.include.collection.list',
    include: config['snapshot.include.collection.list'],
    excludeProperty: '',
    exclude: null,
  })
}

const overridesProperty = 'snapshot.select.statement.overrides'

/** SELECT statements by `schema.table`. Names may be quoted. */
export function selectOverrides(raw: RawConfig): ReadonlyMap<string, string> {
  const overrides = new Map<string, string>()
  for (const table of listEntries(raw[overridesProperty] ?? null)) {
    const statement = raw[`${overridesProperty}.${table}`]?.trim().replace(/;+$/, '') ?? ''
    if (statement !== '') overrides.set(table.replaceAll('"', ''), statement)
  }
  return overrides
}

/** Tables that are listed to have a statement of their own and have none: they are read as a whole. */
export function missingOverrides(raw: RawConfig): readonly string[] {
  return listEntries(raw[overridesProperty] ?? null).filter(
    (table) => !Object.hasOwn(raw, `${overridesProperty}.${table}`),
  )
}

/**
 * Few enough for their objects to die young: what outlives two collections costs twice what the codec does. (With 2,048
 * a record cost 10 µs of CPU over Kafka, with 256 it cost 7.5.)
 */
const MOST_PER_POLL = 256

export function recordsPerPoll(config: PostgresConfig): number {
  return Math.min(config['max.batch.size'], MOST_PER_POLL)
}
