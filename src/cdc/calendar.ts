/**
 * Dates and times of day, printed in Java's ISO style. The calendar is the proleptic Gregorian one; the year before 1
 * is 0. Connectors read the forms of their databases into `moment`: one place for all, so that nothing is allocated
 * per value.
 */

export interface Moment {
  year: number
  month: number
  day: number
  /** Of the day. */
  seconds: number
  micros: number
}

/** What was read last. */
export const moment: Moment = { year: 0, month: 0, day: 0, seconds: 0, micros: 0 }

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

export function daysInMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
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
