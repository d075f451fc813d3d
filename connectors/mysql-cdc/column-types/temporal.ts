/**
 * DATE, TIME, DATETIME and TIMESTAMP, by time.precision.mode. A zero date (or one without month or day) is null, or the
 * epoch where the column is NOT NULL. Snapshot and stream differ in the fraction of a TIMESTAMP, as in Debezium: text
 * without trailing zeros, the log with all declared digits.
 */
import { type CellReader, daysInMonth, epochDay, moment, printClock, printDate, setEpochDay } from '#cdc'
import { scalar, type ValueWriter } from '#data'
import { columnTypes as T } from '../decode/log-columns.ts'
import {
  readLogDate,
  readLogDatetime,
  readLogTime,
  readLogTimestamp,
  readOldDatetime,
  readOldTime,
  readOldTimestamp,
  readTextDate,
  readTextDatetime,
  readTextTime,
} from './clock.ts'
import { temporalDefault } from './temporal-default.ts'
import type { TypeOptions } from './options.ts'
import type { Refuse, ValueType } from './value-type.ts'

export interface TemporalColumn {
  /** Declared digits of a second's fraction. */
  readonly digits: number
  readonly optional: boolean
  readonly options: TypeOptions
  readonly refuse: Refuse
}

/** Days whose microseconds are safe integers: 1684 to 2255. */
const safeDays = 104_249
const scratch = Buffer.alloc(64)
const [Z, LETTER_T] = [0x5a, 0x54] as const

const logical = (type: 'int32' | 'int64' | 'string', name: string) =>
  scalar(type, { name: name.startsWith('org.') ? name : `io.debezium.time.${name}`, version: 1 })
const connect = (name: string) => `org.apache.kafka.connect.data.${name}`

type ReadMoment = (bytes: Uint8Array, from: number, to: number) => void
type WriteMoment = (writer: ValueWriter) => void

/** How a date in `moment` is to be taken. */
const [VALID, ZERO, IMPOSSIBLE] = [0, 1, 2] as const

function adjust(adjustYears: boolean): number {
  const { month, day } = moment
  if (month === 0 || day === 0) return ZERO
  if (adjustYears && moment.year < 100) moment.year += moment.year < 70 ? 2000 : 1900
  if (day > 28 && day > daysInMonth(moment.year, month)) return IMPOSSIBLE
  return month > 12 ? IMPOSSIBLE : VALID
}

/** Reads a moment and writes it, or what stands for it. */
function dated(read: ReadMoment, write: WriteMoment, epoch: WriteMoment, column: TemporalColumn): CellReader {
  const { optional, refuse } = column
  const { adjustYears } = column.options
  return (bytes, from, to, writer) => {
    read(bytes, from, to)
    const kind = adjust(adjustYears)
    if (kind === VALID) write(writer)
    else if (kind === IMPOSSIBLE) refuse(writer, 'a date that is not in the calendar')
    else if (optional) writer.null()
    else epoch(writer)
  }
}

const isZeroText = (text: string) => /^0+(-00-00.*)?$/.test(text)

export function dateType(column: TemporalColumn): ValueType {
  const isText = column.options.times === 'isostring'
  const write: WriteMoment = isText
    ? (writer) => {
        const end = printDate(scratch, 0)
        scratch[end] = Z
        writer.text(scratch, 0, end + 1)
      }
    : (writer) => writer.integer(epochDay(moment.year, moment.month, moment.day))
  const zero = isText ? '1970-01-01Z' : 0
  const epoch: WriteMoment = (writer) => (isText ? writer.string('1970-01-01Z') : writer.integer(0))
  const schema = isText
    ? logical('string', 'IsoDate')
    : logical('int32', column.options.times === 'connect' ? connect('Date') : 'Date')
  const readText = dated(readTextDate, write, epoch, column)
  return {
    schema,
    readText,
    readLog: ({ type }) => (type === T.DATE ? dated(readLogDate, write, epoch, column) : null),
    zero,
    unavailable: null,
    defaultOf: temporalDefault({ schema, readText, zero, isZero: isZeroText }, column),
  }
}

interface DatetimeForm {
  readonly schema: ReturnType<typeof logical>
  readonly write: WriteMoment
  readonly zero: unknown
}

function epochMillis(): number {
  const days = epochDay(moment.year, moment.month, moment.day)
  return days * 86_400_000 + moment.seconds * 1000 + Math.floor(moment.micros / 1000)
}

const writeMillis: WriteMoment = (writer) => writer.integer(epochMillis())

const writeMicros: WriteMoment = (writer) => {
  const days = epochDay(moment.year, moment.month, moment.day)
  if (days < safeDays && days > -safeDays)
    writer.integer(days * 86_400_000_000 + moment.seconds * 1_000_000 + moment.micros)
  else writer.int64(BigInt(days) * 86_400_000_000n + BigInt(moment.seconds * 1_000_000 + moment.micros))
}

const maxInt64 = 2n ** 63n - 1n

function writeNanos(refuse: Refuse): WriteMoment {
  return (writer) => {
    const days = epochDay(moment.year, moment.month, moment.day)
    const micros = BigInt(days) * 86_400_000_000n + BigInt(moment.seconds * 1_000_000 + moment.micros)
    const nanos = micros * 1000n
    if (nanos > maxInt64 || nanos < -maxInt64 - 1n) refuse(writer, 'a time out of the range of nanoseconds')
    else writer.int64(nanos)
  }
}

function writeInstant(digits: number): WriteMoment {
  return (writer) => {
    const date = printDate(scratch, 0)
    scratch[date] = LETTER_T
    const end = printClock(scratch, date + 1, digits)
    scratch[end] = Z
    writer.text(scratch, 0, end + 1)
  }
}

const epochText = '1970-01-01T00:00:00Z'

function datetimeForm({ digits, options, refuse }: TemporalColumn): DatetimeForm {
  switch (options.times) {
    case 'isostring':
      return { schema: logical('string', 'IsoTimestamp'), write: writeInstant(-1), zero: epochText }
    case 'connect':
      return { schema: logical('int64', connect('Timestamp')), write: writeMillis, zero: 0n }
    case 'nanoseconds':
      return { schema: logical('int64', 'NanoTimestamp'), write: writeNanos(refuse), zero: 0n }
    case 'adaptive_time_microseconds':
      if (digits <= 3) return { schema: logical('int64', 'Timestamp'), write: writeMillis, zero: 0n }
  }
  return { schema: logical('int64', 'MicroTimestamp'), write: writeMicros, zero: 0n }
}

export function datetimeType(column: TemporalColumn): ValueType {
  const { schema, write, zero } = datetimeForm(column)
  const epoch: WriteMoment = (writer) => (typeof zero === 'string' ? writer.string(zero) : writer.integer(0))
  const readText = dated(readTextDatetime, write, epoch, column)
  return {
    schema,
    readText,
    readLog: ({ type, size }) => {
      if (type === T.DATETIME2 && size === column.digits) return dated(readLogDatetime, write, epoch, column)
      return type === T.DATETIME ? dated(readOldDatetime, write, epoch, column) : null
    },
    zero,
    unavailable: null,
    defaultOf: temporalDefault({ schema, readText, zero, isZero: isZeroText }, column),
  }
}

/** In the log seconds since 1970, of which 0 stands for the zero date. */
function instantReader(
  read: (bytes: Uint8Array, from: number, to: number) => number,
  column: TemporalColumn,
): CellReader {
  const write = writeInstant(column.digits)
  let lastDay = Number.NaN
  let [year, month, day] = [0, 0, 0]
  return (bytes, from, to, writer) => {
    const seconds = read(bytes, from, to)
    if (seconds === 0) return column.optional ? writer.null() : writer.string(epochText)
    const days = Math.floor(seconds / 86_400)
    if (days === lastDay) {
      moment.year = year
      moment.month = month
      moment.day = day
    } else {
      setEpochDay(days)
      lastDay = days
      ;({ year, month, day } = moment)
    }
    moment.seconds = (seconds - days * 86_400) | 0
    write(writer)
  }
}

export function timestampType(column: TemporalColumn): ValueType {
  const schema = logical('string', 'ZonedTimestamp')
  const epoch: WriteMoment = (writer) => writer.string(epochText)
  const readText = dated(readTextDatetime, writeInstant(-1), epoch, column)
  const readDefault = dated(readTextDatetime, writeInstant(column.digits), epoch, column)
  const whole = temporalDefault(
    { schema, readText: readDefault, zero: epochText, isZero: isZeroText },
    column,
  )
  return {
    schema,
    readText,
    readLog: ({ type, size }) => {
      if (type === T.TIMESTAMP2 && size === column.digits) return instantReader(readLogTimestamp, column)
      return type === T.TIMESTAMP ? instantReader(readOldTimestamp, column) : null
    },
    zero: epochText,
    unavailable: null,
    defaultOf: (literal) => {
      const value = whole(literal)
      // The moment of insertion: announced where the column is NOT NULL.
      if (!/^1970-01-01T00:00:00(\.0+)?Z$/.test(`${value}`)) return value
      return column.optional ? undefined : epochText
    },
  }
}

type WriteMicros = (writer: ValueWriter, micros: number) => void

const dayMicros = 86_400_000_000
const notOfDay = 'a time that is no time of day'

function timeForm({ options, refuse }: TemporalColumn): {
  schema: ReturnType<typeof logical>
  write: WriteMicros
  zero: unknown
} {
  switch (options.times) {
    case 'connect':
      return {
        schema: logical('int32', connect('Time')),
        write: (writer, micros) => {
          if (micros < 0 || micros >= dayMicros) refuse(writer, notOfDay)
          else writer.integer(Math.floor(micros / 1000))
        },
        zero: 0,
      }
    case 'isostring':
      return {
        schema: logical('string', 'IsoTime'),
        write: (writer, micros) => {
          if (micros < 0 || micros >= dayMicros) return refuse(writer, notOfDay)
          moment.seconds = Math.floor(micros / 1_000_000)
          moment.micros = micros % 1_000_000
          const end = printClock(scratch, 0, -1)
          scratch[end] = Z
          writer.text(scratch, 0, end + 1)
        },
        zero: '00:00:00Z',
      }
    case 'nanoseconds':
      return {
        schema: logical('int64', 'NanoTime'),
        write: (writer, micros) => writer.integer(micros * 1000),
        zero: 0n,
      }
    default:
      return {
        schema: logical('int64', 'MicroTime'),
        write: (writer, micros) => writer.integer(micros),
        zero: 0n,
      }
  }
}

export function timeType(column: TemporalColumn): ValueType {
  const { schema, write, zero } = timeForm(column)
  const reader =
    (read: (bytes: Uint8Array, from: number, to: number) => number): CellReader =>
    (bytes, from, to, writer) =>
      write(writer, read(bytes, from, to))
  const readText = reader(readTextTime)
  return {
    schema,
    readText,
    readLog: ({ type, size }) => {
      if (type === T.TIME2 && size === column.digits) return reader(readLogTime)
      return type === T.TIME ? reader(readOldTime) : null
    },
    zero,
    unavailable: null,
    defaultOf: temporalDefault({ schema, readText, zero, isZero: () => false }, column),
  }
}
