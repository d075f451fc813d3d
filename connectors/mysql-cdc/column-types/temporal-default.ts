/**
 * Defaults of temporal columns. Servers take them in many forms; announced are those in full form (`2001-02-03`,
 * `2001-02-03 04:05:06.789`, `1:02`), as by Debezium, and a zero date as what its values are. Of a NOT NULL column all
 * forms are, because there a default stands for values too.
 */
import type { CellReader } from '#cdc'
import { type Schema, StructWriter } from '#data'
import { DataError } from '#errors'
import type { DefaultLiteral } from './default-literal.ts'

interface TemporalForm {
  readonly schema: Schema
  readonly readText: CellReader
  readonly zero: unknown
  readonly isZero: (text: string) => boolean
}

export function temporalDefault(
  form: TemporalForm,
  { optional }: { readonly optional: boolean },
): (literal: DefaultLiteral) => unknown {
  return (literal) => {
    if (literal.kind !== 'text' && literal.kind !== 'number') return undefined
    const { text } = literal
    if (form.isZero(text)) return optional ? undefined : form.zero
    return readValue(form, paddedTime(text)) ?? (optional ? undefined : readValue(form, fullForm(text)))
  }
}

/** `1:2` and `1:02` are times: hours and minutes. */
function paddedTime(text: string): string {
  const match = /^(-?)(\d{1,3}):(\d{1,2})(?::(\d{1,2})(\.\d+)?)?$/.exec(text)
  if (match === null) return text
  const [, sign = '', hours = '', minutes = '', seconds = '', fraction = ''] = match
  return `${sign}${hours.padStart(2, '0')}:${minutes.padStart(2, '0')}:${seconds.padStart(2, '0')}${fraction}`
}

const loose = /^(\d{4})\D(\d{1,2})\D(\d{1,2})(?:[T ]+(\d{1,2})(?::(\d{1,2})(?::(\d{1,2})(\.\d+)?)?)?)?$/
const digitsOnly = /^(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d))?(\.\d+)?$/
const clockDigits = /^(-?)(\d{0,3}?)(\d{0,2}?)(\d{1,2})(\.\d+)?$/
const daysAndTime = /^(-?)(\d{1,2}) (\d{1,2})(?::(\d{1,2})(?::(\d{1,2})(\.\d+)?)?)?$/

/** The full form of what servers take besides: other separators, single digits, digits alone, days before a time. */
function fullForm(text: string): string {
  const two = (part = '0') => part.padStart(2, '0')
  const date = loose.exec(text) ?? digitsOnly.exec(text)
  if (date !== null) {
    const [, year, month, day, hours, minutes, seconds, fraction = ''] = date
    const clock = hours === undefined ? '' : ` ${two(hours)}:${two(minutes)}:${two(seconds)}${fraction}`
    return `${year}-${two(month)}-${two(day)}${clock}`
  }
  const days = daysAndTime.exec(text)
  if (days !== null) {
    const [, sign, count, hours, minutes, seconds, fraction = ''] = days
    return `${sign}${two(`${Number(count) * 24 + Number(hours)}`)}:${two(minutes)}:${two(seconds)}${fraction}`
  }
  const clock = clockDigits.exec(text)
  if (clock === null) return text
  const [, sign, hours, minutes, seconds, fraction = ''] = clock
  return `${sign}${two(hours || '0')}:${two(minutes || '0')}:${two(seconds)}${fraction}`
}

/** The value of a text; undefined if it is not of the type. */
function readValue({ schema, readText }: TemporalForm, text: string): unknown {
  const bytes = Buffer.from(text)
  const writer = new StructWriter(schema)
  try {
    readText(bytes, 0, bytes.length, writer)
    return writer.result ?? undefined
  } catch (error) {
    if (error instanceof DataError) return undefined
    throw error
  }
}
