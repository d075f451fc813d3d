/**
 * date, time, timestamp, timetz and timestamptz, by time.precision.mode. Infinite and other values outside the Java
 * types stand for themselves as Debezium writes them: pgjdbc's sentinels for timestamps, overflown days for dates.
 */
import { type CellReader, epochDay, moment, printClock, printDate, setEpochDay } from '#cdc'
import { scalar, type ValueWriter } from '#data'
import { readDate, readTime, readTimestamp, told, toUtc } from './calendar.ts'
import type { TypeOptions } from './options.ts'
import type { DefaultRule, Refuse, ValueType } from './value-type.ts'

const infiniteMicros = 9223372036825200000n
const minusInfiniteMicros = -9223372036832400000n
const infiniteDay = -2147472692
const minusInfiniteDay = -2147472691
const maxInt64 = 2n ** 63n - 1n

/** Days whose microseconds are safe integers: 1684 to 2255. */
const safeDays = 104_249

const scratch = Buffer.alloc(64)
const Z = 0x5a
const T = 0x54

const logical = (type: 'int32' | 'int64' | 'string', name: string) =>
  scalar(type, { name: name.startsWith('org.') ? name : `io.debezium.time.${name}`, version: 1 })
const connect = (name: string) => `org.apache.kafka.connect.data.${name}`

/** Literals that the reader understands, or else are dropped with their default; `computed` is the epoch. */
function temporalDefaults(computed: string): DefaultRule {
  return { computed, cell: (literal) => literal }
}

function temporal(type: Pick<ValueType, 'schema' | 'read' | 'zero' | 'defaults'>): ValueType {
  return { ...type, unavailable: null, optionalItem: true }
}

function readDays(bytes: Uint8Array, from: number, to: number): number {
  readDate(bytes, from, to)
  if (told.infinite !== 0) return told.infinite > 0 ? infiniteDay : minusInfiniteDay
  return epochDay(moment.year, moment.month, moment.day)
}

export function dateType(options: TypeOptions): ValueType {
  const defaults = temporalDefaults('1970-01-01')
  if (options.times === 'isostring') {
    const read: CellReader = (bytes, from, to, writer) => {
      readDate(bytes, from, to)
      if (told.infinite !== 0) setEpochDay(told.infinite > 0 ? infiniteDay : minusInfiniteDay)
      const end = printDate(scratch, 0)
      scratch[end] = Z
      writer.text(scratch, 0, end + 1)
    }
    return temporal({ schema: logical('string', 'IsoDate'), read, zero: '1970-01-01Z', defaults })
  }
  const schema = logical('int32', options.times === 'connect' ? connect('Date') : 'Date')
  const read: CellReader = (bytes, from, to, writer) => writer.integer(readDays(bytes, from, to))
  return temporal({ schema, read, zero: 0, defaults })
}

const readTimeMillis: CellReader = (bytes, from, to, writer) => {
  readTime(bytes, from, to)
  writer.integer(moment.seconds * 1000 + Math.floor(moment.micros / 1000))
}

const readTimeMicros: CellReader = (bytes, from, to, writer) => {
  readTime(bytes, from, to)
  writer.integer(moment.seconds * 1_000_000 + moment.micros)
}

const readTimeNanos: CellReader = (bytes, from, to, writer) => {
  readTime(bytes, from, to)
  writer.integer(moment.seconds * 1_000_000_000 + moment.micros * 1000)
}

/** In UTC, with the shortest fraction; the end of the day is its beginning, as Java has no hour 24. */
const readTimeText: CellReader = (bytes, from, to, writer) => {
  readTime(bytes, from, to)
  moment.seconds = (moment.seconds - told.offset + 172_800) % 86_400
  const end = printClock(scratch, 0, -1)
  scratch[end] = Z
  writer.text(scratch, 0, end + 1)
}

export function timeType(modifier: number, options: TypeOptions): ValueType {
  const defaults = temporalDefaults('00:00:00')
  const millis = { read: readTimeMillis, zero: 0, defaults }
  switch (options.times) {
    case 'isostring':
      return temporal({
        schema: logical('string', 'IsoTime'),
        read: readTimeText,
        zero: '00:00:00Z',
        defaults,
      })
    case 'connect':
      return temporal({ ...millis, schema: logical('int32', connect('Time')) })
    case 'nanoseconds':
      return temporal({ schema: logical('int64', 'NanoTime'), read: readTimeNanos, zero: 0n, defaults })
    case 'adaptive':
      if (modifier >= 0 && modifier <= 3) return temporal({ ...millis, schema: logical('int32', 'Time') })
  }
  return temporal({ schema: logical('int64', 'MicroTime'), read: readTimeMicros, zero: 0n, defaults })
}

export function timeWithZoneType(): ValueType {
  const schema = logical('string', 'ZonedTime')
  return temporal({ schema, read: readTimeText, zero: '00:00:00Z', defaults: null })
}

/** Microseconds since 1970 of `moment`, read from a timestamp; pgjdbc's sentinels for the infinities. */
function wideMicros(): bigint {
  if (told.infinite !== 0) return told.infinite > 0 ? infiniteMicros : minusInfiniteMicros
  const days = epochDay(moment.year, moment.month, moment.day)
  return BigInt(days) * 86_400_000_000n + BigInt(moment.seconds * 1_000_000 + moment.micros)
}

function readTimestampMillis(): CellReader {
  return (bytes, from, to, writer) => {
    readTimestamp(bytes, from, to)
    const days = told.infinite === 0 ? epochDay(moment.year, moment.month, moment.day) : safeDays
    if (days < safeDays && days > -safeDays)
      writer.integer(days * 86_400_000 + moment.seconds * 1000 + Math.floor(moment.micros / 1000))
    else {
      const micros = wideMicros()
      // Java's infinities are cut, all other instants rounded down.
      const floor = told.infinite === 0 && micros < 0n && micros % 1000n !== 0n ? 1n : 0n
      writer.int64(micros / 1000n - floor)
    }
  }
}

function readTimestampMicros(refuse: Refuse): CellReader {
  return (bytes, from, to, writer) => {
    readTimestamp(bytes, from, to)
    const days = told.infinite === 0 ? epochDay(moment.year, moment.month, moment.day) : safeDays
    if (days < safeDays && days > -safeDays)
      writer.integer(days * 86_400_000_000 + moment.seconds * 1_000_000 + moment.micros)
    else writeWide(wideMicros(), writer, refuse)
  }
}

function writeWide(value: bigint, writer: ValueWriter, refuse: Refuse): void {
  if (value > maxInt64 || value < -maxInt64) refuse(writer, 'a timestamp out of the range of 64 bits')
  else writer.int64(value)
}

function readTimestampNanos(refuse: Refuse): CellReader {
  return (bytes, from, to, writer) => {
    readTimestamp(bytes, from, to)
    if (told.infinite !== 0) writer.int64(told.infinite > 0 ? maxInt64 : -maxInt64 - 1n)
    else writeWide(wideMicros() * 1000n, writer, refuse)
  }
}

const infiniteText = '+294247-01-10T04:00:25.2Z'
const minusInfiniteText = '-290308-12-21T19:59:27.6Z'

const readTimestampText: CellReader = (bytes, from, to, writer) => {
  readTimestamp(bytes, from, to)
  if (told.infinite !== 0) return writer.string(told.infinite > 0 ? infiniteText : minusInfiniteText)
  writeInstant(writer, -1)
}

function writeInstant(writer: ValueWriter, digits: number): void {
  const date = printDate(scratch, 0)
  scratch[date] = T
  const end = printClock(scratch, date + 1, digits)
  scratch[end] = Z
  writer.text(scratch, 0, end + 1)
}

export function timestampType(modifier: number, options: TypeOptions, refuse: Refuse): ValueType {
  const defaults = temporalDefaults('1970-01-01 00:00:00')
  const millis = { read: readTimestampMillis(), zero: 0n, defaults }
  switch (options.times) {
    case 'isostring': {
      const schema = logical('string', 'IsoTimestamp')
      return temporal({ schema, read: readTimestampText, zero: '1970-01-01T00:00:00Z', defaults })
    }
    case 'connect':
      return temporal({ ...millis, schema: logical('int64', connect('Timestamp')) })
    case 'nanoseconds': {
      const read = readTimestampNanos(refuse)
      return temporal({ schema: logical('int64', 'NanoTimestamp'), read, zero: 0n, defaults })
    }
    case 'adaptive':
    case 'adaptive_time_microseconds':
      if (modifier >= 0 && modifier <= 3)
        return temporal({ ...millis, schema: logical('int64', 'Timestamp') })
  }
  const read = readTimestampMicros(refuse)
  return temporal({ schema: logical('int64', 'MicroTimestamp'), read, zero: 0n, defaults })
}

/** In UTC, with exactly the declared digits of fraction. */
export function timestampWithZoneType(modifier: number): ValueType {
  const digits = modifier < 0 ? 6 : modifier
  const read: CellReader = (bytes, from, to, writer) => {
    readTimestamp(bytes, from, to)
    if (told.infinite !== 0) return writer.string(told.infinite > 0 ? 'infinity' : '-infinity')
    toUtc()
    writeInstant(writer, digits)
  }
  return temporal({
    schema: logical('string', 'ZonedTimestamp'),
    read,
    zero: '1970-01-01T00:00:00Z',
    defaults: temporalDefaults('1970-01-01 00:00:00+00'),
  })
}
