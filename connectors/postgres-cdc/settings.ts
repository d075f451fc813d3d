/** What follows from the configuration: sets, filters and options in the form that the connector works with. */
import { type NameFilter, nameFilter, type Operation } from '#cdc'
import { ConfigError } from '#errors'
import type { RawConfig } from '#plugin'
import { placeholderBytes, type TypeOptions } from './column-types/options.ts'
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

/** SELECT statements by `schema.table`. */
export function selectOverrides(raw: RawConfig, config: PostgresConfig): ReadonlyMap<string, string> {
  const property = 'snapshot.select.statement.overrides'
  const tables = (config[property] ?? '').split(',').map((each) => each.trim())
  const overrides = new Map<string, string>()
  for (const table of tables.filter((each) => each !== '')) {
    const statement = raw[`${property}.${table}`]?.trim().replace(/;+$/, '')
    if (statement === undefined || statement === '')
      throw new ConfigError(`${property}: the table ${table} has no statement: set ${property}.${table}.`)
    overrides.set(table, statement)
  }
  return overrides
}
