/** Answers as JSON text in the form that Connect's clients know: nulls written, characters beyond the BMP escaped. */
import { jsonText, type JsonValue } from '#worker'

export function answerText(value: unknown): string {
  return jsonText(exact(value))
}

/** Whole numbers are integers here; a field that is undefined is left out. */
function exact(value: unknown): JsonValue {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value
  if (Array.isArray(value)) return value.map(exact)
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(
      Object.entries(value)
        .filter(([, each]) => each !== undefined)
        .map(([key, each]) => [key, exact(each)]),
    )
  return value as JsonValue
}
