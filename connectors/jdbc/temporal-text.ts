/**
 * Dates and times as ISO text, exactly: proleptic Gregorian calendar, any year, up to nanoseconds, no JS Date. A year
 * has at least four digits; years before 1 are the caller's to spell.
 */
import type { TimeUnit } from './semantic.ts'

const secondsPerDay = 86_400
const unitsPerSecond: Readonly<Record<Exclude<TimeUnit, 'days'>, bigint>> = {
  ms: 1_000n,
  us: 1_000_000n,
  ns: 1_000_000_000n,
}
const unitDigits: Readonly<Record<Exclude<TimeUnit, 'days'>, number>> = { ms: 3, us: 6, ns: 9 }

/** A moment or an amount of time: whole seconds, rounded down, and nanoseconds from there, 0 to 999,999,999. */
export interface Instant {
  readonly seconds: number
  readonly nanos: number
}

/** A count of units since an epoch, as a number or a bigint. */
export function instantOf(count: number | bigint, unit: TimeUnit): Instant {
  if (unit === 'days') return { seconds: Number(count) * secondsPerDay, nanos: 0 }
  if (unit === 'ms' || (unit === 'us' && count > -9007199254740991n && count < 9007199254740991n)) {
    const perSecond = unit === 'ms' ? 1_000 : 1_000_000
    const value = Number(count)
    const seconds = Math.floor(value / perSecond)
    return { seconds, nanos: (value - seconds * perSecond) * (1_000_000_000 / perSecond) }
  }
  const perSecond = unitsPerSecond[unit]
  const value = BigInt(count)
  let seconds = value / perSecond
  if (value % perSecond < 0n) seconds -= 1n
  return {
    seconds: Number(seconds),
    nanos: Number(value - seconds * perSecond) * 10 ** (9 - unitDigits[unit]),
  }
}

/** Howard Hinnant's algorithm: days since 1970-01-01 to year (0 is 1 BC), month and day. */
export function civil(days: number): { year: number; month: number; day: number } {
  const shifted = days + 719_468
  const era = Math.floor(shifted / 146_097)
  const dayOfEra = shifted - era * 146_097
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1_460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153)
  const day = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day }
}

/** Days since 1970-01-01 of a date. */
export function daysOf(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year
  const era = Math.floor(shifted / 400)
  const yearOfEra = shifted - era * 400
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return era * 146_097 + dayOfEra - 719_468
}

/** `2024-02-29`; PostgreSQL's ` BC` for years before 1. */
export function dateText(days: number): string {
  const { year, month, day } = civil(days)
  const text = `${pad(year < 1 ? 1 - year : year, 4)}-${pad(month, 2)}-${pad(day, 2)}`
  return year < 1 ? `${text} BC` : text
}

/** `12:34:56.789012`, fraction as long as needed; hours may exceed 24, and negative amounts have a sign. */
export function timeText(instant: Instant): string {
  const negative = instant.seconds < 0
  // The amount's magnitude: -1 s + 0.5 s is -0.5 s.
  const borrowed = negative && instant.nanos > 0
  const seconds = negative ? -instant.seconds - (borrowed ? 1 : 0) : instant.seconds
  const nanos = borrowed ? 1_000_000_000 - instant.nanos : instant.nanos
  const clock = `${pad(Math.floor(seconds / 3_600), 2)}:${pad(Math.floor(seconds / 60) % 60, 2)}:${pad(seconds % 60, 2)}`
  return `${negative ? '-' : ''}${clock}${fraction(nanos)}`
}

/** `2024-02-29 12:34:56.789`. */
export function timestampText(instant: Instant): string {
  const days = Math.floor(instant.seconds / secondsPerDay)
  const date = dateText(days)
  const time = timeText({ seconds: instant.seconds - days * secondsPerDay, nanos: instant.nanos })
  return date.endsWith(' BC') ? `${date.slice(0, -3)} ${time} BC` : `${date} ${time}`
}

function fraction(nanos: number): string {
  return nanos === 0 ? '' : `.${pad(nanos, 9).replace(/0+$/, '')}`
}

function pad(value: number, width: number): string {
  return String(value).padStart(width, '0')
}

const zonedForm =
  /^([+-]?\d{4,})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d(?::?\d\d)?(?::?\d\d)?)$/

/** `2024-02-29T12:34:56.789+02:00` as the instant it names; null for any other text. */
export function parseZonedTimestamp(text: string): Instant | null {
  const match = zonedForm.exec(text)
  if (match === null) return null
  const [, year, month, day, hour, minute, second = '0', part = '', zone = 'Z'] = match
  const seconds =
    daysOf(Number(year), Number(month), Number(day)) * secondsPerDay +
    Number(hour) * 3_600 +
    Number(minute) * 60 +
    Number(second)
  return { seconds: seconds - zoneSeconds(zone), nanos: Number(part.padEnd(9, '0')) }
}

function zoneSeconds(zone: string): number {
  if (zone === 'Z') return 0
  const digits = zone.slice(1).replaceAll(':', '')
  const seconds =
    Number(digits.slice(0, 2)) * 3_600 +
    Number(digits.slice(2, 4) || 0) * 60 +
    Number(digits.slice(4, 6) || 0)
  return zone.startsWith('-') ? -seconds : seconds
}
