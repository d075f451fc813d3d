/** Points in time, as Debezium and Connect write them: which schemas they have, and their milliseconds. */
import type { Schema } from '#data'
import { DataError } from '#errors'

/** How many units of a number are a millisecond, by the name of its schema. */
export const unitsPerMs: Readonly<Record<string, bigint>> = {
  'io.debezium.time.Timestamp': 1n,
  'org.apache.kafka.connect.data.Timestamp': 1n,
  'io.debezium.time.MicroTimestamp': 1000n,
  'io.debezium.time.NanoTimestamp': 1_000_000n,
}

export const zonedTimestamp = 'io.debezium.time.ZonedTimestamp'

/** Since 1970, rounded down. A plain INT64 counts milliseconds. */
export function millisecondsOf({ name, type }: Schema, value: unknown): bigint {
  const units = name === null && type === 'int64' ? 1n : unitsPerMs[name ?? '']
  if (units !== undefined && typeof value === 'bigint')
    return (value - (((value % units) + units) % units)) / units
  const parsed = name === zonedTimestamp ? Date.parse(String(value)) : Number.NaN
  if (Number.isFinite(parsed)) return BigInt(parsed)
  throw new DataError(`A field of the type ${name ?? type.toUpperCase()} holds no point in time`)
}
