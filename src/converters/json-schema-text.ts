/**
 * A schema as JsonConverter writes it: `type`, then items | keys, values | fields, then `optional`, `name`, `version`,
 * `doc`, `parameters`, `default`; within `fields` each entry ends with `field`. Source: recorded events of Kafka
 * Connect 4.3.
 */
import type { Schema } from '#data'
import { jsonString } from './json-text.ts'

const typeNames: Readonly<Record<string, string>> = { float32: 'float', float64: 'double' }

/** Prints a schema's default as JSON: a value, so its form is the writer's business. */
type DefaultText = (schema: Schema) => string

/** The JSON text of a schema; `null` for none. */
export function renderSchema(schema: Schema | null, defaultText: DefaultText): string {
  return schema === null ? 'null' : `{${members(schema, defaultText)}}`
}

function members(schema: Schema, defaultText: DefaultText): string {
  const parts = [`"type":"${typeNames[schema.type] ?? schema.type}"`]
  if (schema.type === 'array') parts.push(`"items":${renderSchema(schema.valueSchema, defaultText)}`)
  if (schema.type === 'map')
    parts.push(
      `"keys":${renderSchema(schema.keySchema, defaultText)},"values":${renderSchema(schema.valueSchema, defaultText)}`,
    )
  if (schema.type === 'struct') {
    const fields = schema.fields.map(
      (field) => `{${members(field.schema, defaultText)},"field":${jsonString(field.name)}}`,
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
  if (schema.hasDefault && schema.default !== null) parts.push(`"default":${defaultText(schema)}`)
  return parts.join(',')
}
