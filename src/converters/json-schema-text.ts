/**
 * A schema as JsonConverter writes it: `type`, then items | keys, values | fields, then `optional`, `name`, `version`,
 * `doc`, `parameters`, `default`; within `fields` each entry ends with `field`. Source: recorded events of Kafka
 * Connect 4.3.
 */
import { ByteBuffer } from '#bytes'
import type { Schema } from '#data'
import type { JsonFormat } from './json-format.ts'
import { JsonWriter } from './json-writer.ts'

const typeNames: Readonly<Record<string, string>> = { float32: 'float', float64: 'double' }

/** The JSON text of a schema; `null` for none. */
export function schemaText(schema: Schema | null, format: JsonFormat): string {
  return schema === null ? 'null' : `{${members(schema, format)}}`
}

function members(schema: Schema, format: JsonFormat): string {
  const parts = [`"type":"${typeNames[schema.type] ?? schema.type}"`]
  if (schema.type === 'array') parts.push(`"items":${schemaText(schema.valueSchema, format)}`)
  if (schema.type === 'map')
    parts.push(
      `"keys":${schemaText(schema.keySchema, format)},"values":${schemaText(schema.valueSchema, format)}`,
    )
  if (schema.type === 'struct') {
    const fields = schema.fields.map(
      (field) => `{${members(field.schema, format)},"field":${jsonString(field.name)}}`,
    )
    parts.push(`"fields":[${fields.join(',')}]`)
  }
  parts.push(`"optional":${schema.optional}`)
  if (schema.name !== null) parts.push(`"name":${jsonString(schema.name)}`)
  if (schema.version !== null) parts.push(`"version":${schema.version}`)
  if (schema.doc !== null) parts.push(`"doc":${jsonString(schema.doc)}`)
  if (schema.parameters !== null) {
    const entries = Object.entries(schema.parameters)
    parts.push(
      `"parameters":{${entries.map(([key, value]) => `${jsonString(key)}:${jsonString(value)}`).join(',')}}`,
    )
  }
  if (schema.hasDefault && schema.default !== null) parts.push(`"default":${payloadText(schema, format)}`)
  return parts.join(',')
}

function payloadText(schema: Schema, format: JsonFormat): string {
  const out = new ByteBuffer()
  new JsonWriter(format).held(schema, schema.default, out)
  return out.written().toString('utf8')
}

/** A JSON string as Jackson escapes it: control characters, quote, backslash, and UTF-16 pairs beyond the BMP. */
export function jsonString(text: string): string {
  return JSON.stringify(text)
    .replace(/[\ud800-\udfff]/g, (unit) => unicodeEscape(unit.charCodeAt(0)))
    .replace(/\\u([0-9a-f]{4})/g, (_, hex: string) => `\\u${hex.toUpperCase()}`)
}

function unicodeEscape(unit: number): string {
  return `\\u${unit.toString(16).toUpperCase().padStart(4, '0')}`
}
