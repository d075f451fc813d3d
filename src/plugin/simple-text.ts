/**
 * The text form of header values that Connect's SimpleHeaderConverter writes and guesses back: `42`, `1.5`, `true`,
 * `plain text`, `[1,2]`, `{"a":1}`, `2024-02-29T12:34:56.789Z`. Writing; reading is in `simple-parser.ts`.
 */
import { Decimal, javaDecimal, javaDouble, javaFloat, type Schema, Struct } from '#data'
import { isTemporal } from './java-text.ts'

export { parseSimple } from './simple-parser.ts'

const DAY_MS = 86_400_000

/** The text of a value that is not null. */
export function simpleText(value: unknown, schema: Schema | null): string {
  return textOf(value, schema, false)
}

function textOf(value: unknown, schema: Schema | null, nested: boolean): string {
  if (value === null || value === undefined) return 'null'
  if (isTemporal(schema)) return temporalText(value, schema)
  switch (typeof value) {
    case 'string':
      return nested ? `"${value.replace(/[\\"]/g, '\\$&')}"` : value
    case 'number':
      return numberText(value, schema)
    case 'bigint':
    case 'boolean':
      return String(value)
  }
  if (value instanceof Decimal) return javaDecimal(value.unscaled, value.scale)
  if (value instanceof Uint8Array) {
    const text = Buffer.from(value).toString('base64')
    return nested ? `"${text}"` : text
  }
  if (Array.isArray(value))
    return `[${value.map((item) => textOf(item, schema?.valueSchema ?? null, true)).join(',')}]`
  const members =
    value instanceof Struct
      ? value.schema.fields.map(
          (field) => `${textOf(field.name, null, true)}:${textOf(value.get(field.name), field.schema, true)}`,
        )
      : [...(value as ReadonlyMap<unknown, unknown>)].map(
          ([key, item]) =>
            `${textOf(key, schema?.keySchema ?? null, true)}:${textOf(item, schema?.valueSchema ?? null, true)}`,
        )
  return `{${members.join(',')}}`
}

function numberText(value: number, schema: Schema | null): string {
  if (schema?.type === 'float32') return javaFloat(value)
  return schema === null || schema.type === 'float64' ? javaDouble(value) : String(value)
}

/** By the instant alone, as Connect does: before the second day it is a time, at a midnight a date. */
function temporalText(value: unknown, schema: Schema | null): string {
  const instant = schema?.name?.endsWith('.Date') ? Number(value) * DAY_MS : Number(value)
  const text = new Date(instant).toISOString()
  if (instant < DAY_MS) return text.slice(-13)
  return instant % DAY_MS === 0 ? text.slice(0, -14) : text
}
