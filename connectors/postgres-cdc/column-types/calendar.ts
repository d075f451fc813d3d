/**
 * Dates and times of day in PostgreSQL's ISO style, read from bytes by digit arithmetic, and printed in Java's ISO
 * style. The calendar is the proleptic Gregorian one; the year before 1 is 0.
 *
 *   date      := year '-' dd '-' dd ' BC'? | 'infinity' | '-infinity'
 *   timestamp := year '-' dd '-' dd ' ' time offset? ' BC'? | 'infinity' | '-infinity'
 *   time      := dd ':' dd ':' dd ('.' d{1,6})?
 *   offset    := ('+' | '-') dd (':' dd (':' dd)?)?
 *   year      := d{4,7}
 */
import { misread } from './value-type.ts'

/** What was read last: one place for all readers, so that nothing is allocated per value. */
export interface Moment {
  /** 1: infinity, -1: -infinity, 0: the rest holds. */
  infinite: number
  year: number
  month: number
  day: number
  seconds: number
  micros: number
  /** Seconds east of Greenwich. */
  offset: number
}

export const moment: Moment = { infinite: 0, year: 0, month: 0, day: 0, seconds: 0, micros: 0, offset: 0 }

/** Where reading stands. */
let position = 0

/** In place of a pair that is none: whatever it is part of becomes negative, and stays an integer of 32 bits. */
const noPair = -400_000

/** The number that two digits say. */
function pair(bytes: Uint8Array, at: number): number {
  const tens = (bytes[at] as number) - 0x30
  const ones = (bytes[at + 1] as number) - 0x30
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : noPair
}

/** True: the text is an infinity, and `moment` says which. */
function readInfinity(bytes: Uint8Array, from: number, to: number): boolean {
  const negative = bytes[from] === 0x2d
  const start = negative ? from + 1 : from
  moment.infinite = 0
  if (bytes[start] !== 0x69) return false
  if (to - start !== 8) throw misread('a date or an infinity')
  moment.infinite = negative ? -1 : 1
  return true
}

function readDay(bytes: Uint8Array, from: number, to: number): void {
  let year = 0
  let at = from
  for (let digit = 0; at < to && (digit = (bytes[at] as number) - 0x30) >= 0 && digit <= 9; at++)
    year = year * 10 + digit
  moment.year = year
  moment.month = pair(bytes, at + 1)
  moment.day = pair(bytes, at + 4)
  position = at + 6
  const wellFormed = at - from >= 4 && at - from <= 7 && bytes[at] === 0x2d && bytes[at + 3] === 0x2d
  if (!wellFormed || position > to || moment.month < 1 || moment.month > 12 || moment.day < 1)
    throw misread('a date')
}

function readClock(bytes: Uint8Array, from: number, to: number): void {
  const hours = pair(bytes, from)
  const seconds = hours * 3600 + pair(bytes, from + 3) * 60 + pair(bytes, from + 6)
  if (from + 8 > to || bytes[from + 2] !== 0x3a || bytes[from + 5] !== 0x3a || seconds < 0 || seconds > 86400)
    throw misread('a time of day')
  moment.seconds = seconds
  moment.micros = 0
  position = from + 8
  if (position < to && bytes[position] === 0x2e) readFraction(bytes, position + 1, to)
}

/** Microseconds in the last of so many digits of a fraction. */
const units = Int32Array.of(0, 100_000, 10_000, 1_000, 100, 10, 1)

function readFraction(bytes: Uint8Array, from: number, to: number): void {
  let micros = 0
  let at = from
  const end = Math.min(to, from + 7)
  for (let digit = 0; at < end && (digit = (bytes[at] as number) - 0x30) >= 0 && digit <= 9; at++)
    micros = micros * 10 + digit
  if (at === from || at - from > 6) throw misread('a fraction of a second')
  moment.micros = micros * (units[at - from] as number)
  position = at
}

/** An offset, if one stands here. */
function readOffset(bytes: Uint8Array, to: number): void {
  const sign = bytes[position]
  moment.offset = 0
  if (position >= to || (sign !== 0x2b && sign !== 0x2d)) return
  let seconds = pair(bytes, position + 1) * 3600
  position += 3
  for (let unit = 60; unit > 0 && position < to && bytes[position] === 0x3a; unit = unit === 60 ? 1 : 0) {
    seconds += pair(bytes, position + 1) * unit
    position += 3
  }
  if (seconds < 0 || seconds >= 86400 || position > to) throw misread('an offset from UTC')
  moment.offset = sign === 0x2d ? -seconds : seconds
}

/** ` BC`, or the end. */
function readEra(bytes: Uint8Array, to: number, what: string): void {
  if (position === to) return
  const isEra =
    to - position === 3 &&
    bytes[position] === 0x20 &&
    bytes[position + 1] === 0x42 &&
    bytes[position + 2] === 0x43
  if (!isEra) throw misread(what)
  moment.year = 1 - moment.year
}

/** Reads a date into `moment`. */
export function readDate(bytes: Uint8Array, from: number, to: number): void {
  if (readInfinity(bytes, from, to)) return
  readDay(bytes, from, to)
  readEra(bytes, to, 'a date')
}

/** Reads a timestamp, with or without offset, into `moment`. */
export function readTimestamp(bytes: Uint8Array, from: number, to: number): void {
  if (readInfinity(bytes, from, to)) return
  readDay(bytes, from, to)
  if (bytes[position] !== 0x20) throw misread('a timestamp')
  readClock(bytes, position + 1, to)
  readOffset(bytes, to)
  readEra(bytes, to, 'a timestamp')
}

/** Reads a time of day, with or without offset, into `moment`. */
export function readTime(bytes: Uint8Array, from: number, to: number): void {
  moment.infinite = 0
  readClock(bytes, from, to)
  readOffset(bytes, to)
  if (position !== to) throw misread('a time of day')
}

/** Days since 1970-01-01. */
export function epochDay(year: number, month: number, day: number): number {
  // Years begin in March here, so that the leap day is a year's last.
  const shifted = month > 2 ? year : year - 1
  const era = ((shifted < 0 ? shifted - 399 : shifted) / 400) | 0
  const yearOfEra = shifted - era * 400
  const dayOfYear = (((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) | 0) + day - 1
  const dayOfEra = yearOfEra * 365 + ((yearOfEra / 4) | 0) - ((yearOfEra / 100) | 0) + dayOfYear
  return era * 146097 + dayOfEra - 719468
}

/** Sets `moment`'s date to a day since 1970-01-01. */
export function setEpochDay(days: number): void {
  const shifted = days + 719468
  const era = Math.floor(shifted / 146097)
  const dayOfEra = shifted - era * 146097
  const yearOfEra =
    ((dayOfEra - ((dayOfEra / 1460) | 0) + ((dayOfEra / 36524) | 0) - ((dayOfEra / 146096) | 0)) / 365) | 0
  const dayOfYear = dayOfEra - (365 * yearOfEra + ((yearOfEra / 4) | 0) - ((yearOfEra / 100) | 0))
  const month = ((5 * dayOfYear + 2) / 153) | 0
  moment.day = dayOfYear - (((153 * month + 2) / 5) | 0) + 1
  moment.month = month < 10 ? month + 3 : month - 9
  moment.year = yearOfEra + era * 400 + (moment.month <= 2 ? 1 : 0)
}

/** Turns `moment` into the same instant at offset 0. */
export function toUtc(): void {
  if (moment.offset === 0 && moment.seconds < 86400) return
  const seconds = moment.seconds - moment.offset
  const days = Math.floor(seconds / 86400)
  if (days !== 0) setEpochDay(epochDay(moment.year, moment.month, moment.day) + days)
  moment.seconds = seconds - days * 86400
  moment.offset = 0
}

function printPair(out: Uint8Array, at: number, value: number): number {
  const tens = (value / 10) | 0
  out[at] = 0x30 + tens
  out[at + 1] = 0x30 + value - tens * 10
  return at + 2
}

/** Prints `moment`'s date: four digits of year at least, `+` before more, `-` before years below 0. */
export function printDate(out: Uint8Array, at: number): number {
  const { year, month, day } = moment
  let end = at
  if (year >= 0 && year <= 9999) {
    const century = (year / 100) | 0
    end = printPair(out, printPair(out, end, century), year - century * 100)
  } else {
    out[end++] = year < 0 ? 0x2d : 0x2b
    for (const digit of `${Math.abs(year)}`.padStart(4, '0')) out[end++] = digit.charCodeAt(0)
  }
  out[end++] = 0x2d
  end = printPair(out, end, month)
  out[end++] = 0x2d
  return printPair(out, end, day)
}

/** Prints `moment`'s time of day with so many digits of fraction; -1: as many as are not trailing zeros. */
export function printClock(out: Uint8Array, at: number, digits: number): number {
  const minutes = (moment.seconds / 60) | 0
  const hours = (minutes / 60) | 0
  let end = printPair(out, at, hours)
  out[end++] = 0x3a
  end = printPair(out, end, minutes - hours * 60)
  out[end++] = 0x3a
  end = printPair(out, end, moment.seconds - minutes * 60)
  if (digits === 0 || (digits < 0 && moment.micros === 0)) return end
  out[end++] = 0x2e
  let rest = moment.micros
  for (let i = end + 5; i >= end; i--) {
    const next = (rest / 10) | 0
    out[i] = 0x30 + rest - next * 10
    rest = next
  }
  if (digits > 0) return end + digits
  end += 6
  while (out[end - 1] === 0x30) end--
  return end
}
