/**
 * Dates and times in the forms of MySQL's log and text, read into `moment` of `#cdc`.
 *
 *   log:   DATE      := day:5 month:4 year:15 bits, little-endian          3 bytes
 *          DATETIME2 := 1 yearMonth:17 day:5 hour:5 minute:6 second:6 bits, fraction     yearMonth = year × 13 + month
 *          TIMESTAMP2:= seconds:4 fraction                                 big-endian, since 1970
 *          TIME2     := sign:1 0 hour:10 minute:6 second:6 bits, fraction  big-endian; negative: all of it negated
 *          fraction  := hundredths:1 | ten-thousandths:2 | millionths:3    as the declared digits need
 *          DATETIME, TIMESTAMP, TIME (before MySQL 5.6): YYYYMMDDhhmmss:8, seconds:4, hhmmss:3, little-endian
 *   text:  date      := dddd '-' dd '-' dd
 *          datetime  := date ' ' dd ':' dd ':' dd ('.' d{1,6})?
 *          time      := '-'? d{2,3} ':' dd ':' dd ('.' d{1,6})?
 */
import { moment } from '#cdc'
import { misread } from './value-type.ts'

/** A fraction of so many bytes, in microseconds. */
function fraction(bytes: Uint8Array, at: number, size: number): number {
  switch (size) {
    case 1:
      return (bytes[at] as number) * 10_000
    case 2:
      return (((bytes[at] as number) << 8) | (bytes[at + 1] as number)) * 100
    case 3:
      return ((bytes[at] as number) << 16) | ((bytes[at + 1] as number) << 8) | (bytes[at + 2] as number)
    default:
      return 0
  }
}

export function readLogDate(bytes: Uint8Array, from: number): void {
  const value =
    (bytes[from] as number) | ((bytes[from + 1] as number) << 8) | ((bytes[from + 2] as number) << 16)
  moment.day = value & 31
  moment.month = (value >> 5) & 15
  moment.year = value >> 9
  moment.seconds = 0
  moment.micros = 0
}

export function readLogDatetime(bytes: Uint8Array, from: number, to: number): void {
  const high = ((bytes[from] as number) << 8) | (bytes[from + 1] as number)
  const low =
    ((bytes[from + 2] as number) << 16) | ((bytes[from + 3] as number) << 8) | (bytes[from + 4] as number)
  const yearMonth = ((high & 0x7fff) << 2) | (low >> 22)
  const year = (yearMonth / 13) | 0
  moment.year = year
  moment.month = (yearMonth - year * 13) | 0
  moment.day = (low >> 17) & 31
  moment.seconds = ((low >> 12) & 31) * 3600 + ((low >> 6) & 63) * 60 + (low & 63)
  moment.micros = fraction(bytes, from + 5, to - from - 5)
}

/** Seconds since 1970 of a TIMESTAMP; its fraction goes to `moment`. */
export function readLogTimestamp(bytes: Uint8Array, from: number, to: number): number {
  moment.micros = fraction(bytes, from + 4, to - from - 4)
  return (
    (((bytes[from] as number) << 24) |
      ((bytes[from + 1] as number) << 16) |
      ((bytes[from + 2] as number) << 8) |
      (bytes[from + 3] as number)) >>>
    0
  )
}

/** Microseconds of a TIME, which may be negative. */
export function readLogTime(bytes: Uint8Array, from: number, to: number): number {
  let value = 0
  for (let i = from; i < to; i++) value = value * 256 + (bytes[i] as number)
  const size = to - from - 3
  const unit = size === 0 ? 1 : size === 1 ? 256 : size === 2 ? 65_536 : 16_777_216
  const offset = value - 0x800000 * unit
  const magnitude = Math.abs(offset)
  const whole = Math.floor(magnitude / unit)
  const parts = magnitude - whole * unit
  const micros = parts * (size === 1 ? 10_000 : size === 2 ? 100 : 1)
  const seconds = (whole >> 12) * 3600 + ((whole >> 6) & 63) * 60 + (whole & 63)
  return signed(seconds * 1_000_000 + micros, offset < 0)
}

function signed(value: number, negative: boolean): number {
  return negative && value !== 0 ? -value : value
}

/** A number of so many bytes, little-endian. */
function little(bytes: Uint8Array, from: number, to: number): number {
  let value = 0
  for (let i = to - 1; i >= from; i--) value = value * 256 + (bytes[i] as number)
  return value
}

/** A DATETIME of before MySQL 5.6. */
export function readOldDatetime(bytes: Uint8Array, from: number, to: number): void {
  const value = little(bytes, from, to)
  const date = Math.floor(value / 1e6)
  const time = value - date * 1e6
  moment.year = Math.floor(date / 10_000)
  moment.month = Math.floor(date / 100) % 100
  moment.day = date % 100
  moment.seconds = clockSeconds(time)
  moment.micros = 0
}

function clockSeconds(digits: number): number {
  return Math.floor(digits / 10_000) * 3600 + (Math.floor(digits / 100) % 100) * 60 + (digits % 100)
}

/** Seconds since 1970 of a TIMESTAMP of before MySQL 5.6. */
export function readOldTimestamp(bytes: Uint8Array, from: number, to: number): number {
  moment.micros = 0
  return little(bytes, from, to)
}

/** Microseconds of a TIME of before MySQL 5.6. */
export function readOldTime(bytes: Uint8Array, from: number, to: number): number {
  const value = little(bytes, from, to)
  const digits = value >= 0x800000 ? value - 0x1000000 : value
  return signed(clockSeconds(Math.abs(digits)) * 1_000_000, digits < 0)
}

function digit(bytes: Uint8Array, at: number): number {
  const value = (bytes[at] as number) - 0x30
  if (!(value >= 0 && value <= 9)) throw misread('a date or time')
  return value
}

function pair(bytes: Uint8Array, at: number): number {
  return digit(bytes, at) * 10 + digit(bytes, at + 1)
}

function expect(bytes: Uint8Array, at: number, character: number): void {
  if (bytes[at] !== character) throw misread('a date or time')
}

const [COLON, DASH, BLANK, POINT] = [0x3a, 0x2d, 0x20, 0x2e] as const

export function readTextDate(bytes: Uint8Array, from: number, to: number): void {
  if (to - from < 10) throw misread('a date')
  moment.year = pair(bytes, from) * 100 + pair(bytes, from + 2)
  expect(bytes, from + 4, DASH)
  moment.month = pair(bytes, from + 5)
  expect(bytes, from + 7, DASH)
  moment.day = pair(bytes, from + 8)
  moment.seconds = 0
  moment.micros = 0
}

/** A date alone is its midnight. */
export function readTextDatetime(bytes: Uint8Array, from: number, to: number): void {
  readTextDate(bytes, from, to)
  if (to - from === 10) return
  expect(bytes, from + 10, BLANK)
  readTextClock(bytes, from + 11, to)
}

/** `dd:dd:dd` and a fraction, up to the end. */
function readTextClock(bytes: Uint8Array, from: number, to: number): void {
  if (to - from < 8) throw misread('a time of day')
  expect(bytes, from + 2, COLON)
  expect(bytes, from + 5, COLON)
  moment.seconds = pair(bytes, from) * 3600 + pair(bytes, from + 3) * 60 + pair(bytes, from + 6)
  moment.micros = 0
  if (to === from + 8) return
  expect(bytes, from + 8, POINT)
  let unit = 100_000
  let micros = 0
  for (let at = from + 9; at < to; at++, unit = (unit / 10) | 0) micros += digit(bytes, at) * unit
  moment.micros = micros | 0
}

/** Microseconds of a TIME, which may be negative and may have three digits of hours. */
export function readTextTime(bytes: Uint8Array, from: number, to: number): number {
  const negative = bytes[from] === DASH
  let start = negative ? from + 1 : from
  let hundreds = 0
  if (bytes[start + 3] === COLON) hundreds = digit(bytes, start++)
  readTextClock(bytes, start, to)
  return signed((hundreds * 360_000 + moment.seconds) * 1_000_000 + moment.micros, negative)
}
