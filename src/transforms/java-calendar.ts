/** Java's calendar in UTC: Gregorian from 15 October 1582 on, Julian before. Days count from 1970-01-01. */

const DAY_MS = 86_400_000
/** 15 October 1582. */
const cutover = -141_427

/** The day of a year, month (from 0) and day of the month; all may be out of their usual range. */
export function dayOf(year: number, month: number, day: number): number {
  const years = year + Math.floor(month / 12)
  const within = ((month % 12) + 12) % 12
  const gregorian = gregorianDay(years, within) + day - 1
  return gregorian >= cutover ? gregorian : Math.min(julianDay(years, within) + day - 1, cutover - 1)
}

export function fieldsOf(milliseconds: number) {
  const days = Math.floor(milliseconds / DAY_MS)
  const rest = milliseconds - days * DAY_MS
  const { year, month, day } = dateOf(days)
  return {
    year,
    month,
    day,
    dayOfYear: days - dayOf(year, 0, 1) + 1,
    weekday: (((days + 4) % 7) + 7) % 7,
    hour: Math.floor(rest / 3_600_000),
    minute: Math.floor(rest / 60_000) % 60,
    second: Math.floor(rest / 1000) % 60,
    millisecond: rest % 1000,
  }
}

function dateOf(days: number): { year: number; month: number; day: number } {
  if (days >= cutover) {
    const date = new Date(days * DAY_MS)
    return { year: date.getUTCFullYear(), month: date.getUTCMonth(), day: date.getUTCDate() }
  }
  let year = Math.floor((days + 719_530) / 365.25)
  while (julianDay(year + 1, 0) <= days) year++
  while (julianDay(year, 0) > days) year--
  let month = 11
  while (julianDay(year, month) > days) month--
  return { year, month, day: days - julianDay(year, month) + 1 }
}

/** The first day of a month. */
function gregorianDay(year: number, month: number): number {
  return monthDay(year, month, (y) => Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400)) - 719_468
}

function julianDay(year: number, month: number): number {
  return monthDay(year, month, (y) => Math.floor(y / 4)) - 719_470
}

/** Days up to a month, in years that begin in March, so that the leap day is the last of its year. */
function monthDay(year: number, month: number, leapDays: (year: number) => number): number {
  const shifted = month >= 2 ? year : year - 1
  const index = month >= 2 ? month - 2 : month + 10
  return shifted * 365 + leapDays(shifted) + Math.floor((153 * index + 2) / 5)
}
