/** The text forms that PostgreSQL and MySQL share: numbers, dates and times of Connect values. */
import { DataError } from '#errors'
import type { Semantic } from '../semantic.ts'
import { dateText, instantOf, parseZonedTimestamp, timestampText, timeText } from '../temporal-text.ts'
import { decimalText, variableDecimalText } from '../values.ts'
import type { Flavour } from './dialect.ts'

const secondsPerDay = 86_400

/** A count of units: int32 and int64 fields, and text in `timestamp.fields.list`. */
function countOf(value: unknown): number | bigint {
  if (typeof value === 'number' || typeof value === 'bigint') return value
  if (typeof value === 'string' && /^[-+]?\d+$/.test(value.trim())) return BigInt(value.trim())
  throw new DataError('A whole number was expected for a date or time.')
}

/** The text of the kinds that have one in all databases; null for the others. */
export function logicalText(semantic: Semantic, flavour: Flavour): ((value: unknown) => string) | null {
  switch (semantic.kind) {
    case 'int':
    case 'float':
    case 'year':
      return (value) => String(value)
    case 'decimal':
      return decimalText
    case 'variable-decimal':
      return variableDecimalText
    case 'date':
      return (value) => {
        const instant = flavour.dateClock(instantOf(countOf(value), 'days'))
        return dateText(Math.floor(instant.seconds / secondsPerDay))
      }
    case 'time':
      return timeOfDay(semantic, flavour)
    case 'timestamp': {
      const { clock } = flavour
      return (value) => timestampText(clock(instantOf(countOf(value), semantic.unit)))
    }
    case 'zoned-timestamp':
      return (value) => zonedTimestampText(String(value))
    default:
      return null
  }
}

function timeOfDay(
  semantic: Extract<Semantic, { kind: 'time' }>,
  flavour: Flavour,
): (value: unknown) => string {
  if (!semantic.connect) return (value) => timeText(instantOf(countOf(value), semantic.unit))
  return (value) => {
    const local = flavour.clock(instantOf(countOf(value), semantic.unit))
    const seconds = ((local.seconds % secondsPerDay) + secondsPerDay) % secondsPerDay
    return timeText({ seconds, nanos: local.nanos })
  }
}

/** As a wall clock in UTC, which is the session's zone; `infinity` and other words pass as they are. */
function zonedTimestampText(text: string): string {
  const instant = parseZonedTimestamp(text)
  return instant === null ? text : timestampText(instant)
}
