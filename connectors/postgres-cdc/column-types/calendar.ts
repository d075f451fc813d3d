/**
 * Dates and times of day in PostgreSQL's ISO style, read from bytes into `moment` by digit arithmetic.
 *
 *   date      := year '-' dd '-' dd ' BC'? | 'infinity' | '-infinity'
 *   timestamp := year '-' dd '-' dd ' ' time offset? ' BC'? | 'infinity' | '-infinity'
 *   time      := dd ':' dd ':' dd ('.' d{1,6})?
 *   offset    := ('+' | '-') dd (':' dd (':' dd)?)?
 *   year      := d{4,7}
 */
import { epochDay, moment, setEpochDay } from '#cdc'
import { misread } from './value-type.ts'

/** What was read last beside `moment`. */
export const told = {
  /** 1: infinity, -1: -infinity, 0: the moment holds. */
  infinite: 0,
  /** Seconds east of Greenwich. */
  offset: 0,
}

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

/** True: the text is an infinity, and `told` says which. */
function readInfinity(bytes: Uint8Array, from: number, to: number): boolean {
  const negative = bytes[from] === 0x2d
  const start = negative ? from + 1 : from
  told.infinite = 0
  if (bytes[start] !== 0x69) return false
  if (to - start !== 8) throw misread('a date or an infinity')
  told.infinite = negative ? -1 : 1
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
  told.offset = 0
  if (position >= to || (sign !== 0x2b && sign !== 0x2d)) return
  let seconds = pair(bytes, position + 1) * 3600
  position += 3
  for (let unit = 60; unit > 0 && position < to && bytes[position] === 0x3a; unit = unit === 60 ? 1 : 0) {
    seconds += pair(bytes, position + 1) * unit
    position += 3
  }
  if (seconds < 0 || seconds >= 86400 || position > to) throw misread('an offset from UTC')
  told.offset = sign === 0x2d ? -seconds : seconds
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
  told.infinite = 0
  readClock(bytes, from, to)
  readOffset(bytes, to)
  if (position !== to) throw misread('a time of day')
}

/** Turns `moment` into the same instant at offset 0. */
export function toUtc(): void {
  if (told.offset === 0 && moment.seconds < 86400) return
  const seconds = moment.seconds - told.offset
  const days = Math.floor(seconds / 86400)
  if (days !== 0) setEpochDay(epochDay(moment.year, moment.month, moment.day) + days)
  moment.seconds = seconds - days * 86400
  told.offset = 0
}
