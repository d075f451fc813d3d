/**
 * What the JSON writer compiles for a schema, once: names with their separators, what null prints as, the scale of
 * decimals. How a default prints is the writer's business, so it hands that in.
 */
import { Literal } from '#bytes'
import type { Schema } from '#data'
import type { JsonFormat } from './json-format.ts'
import { jsonString } from './json-text.ts'

/** What must be known of a value's schema before it is written. */
export interface Slot {
  /** What null prints as; null where it is an error. */
  readonly onNull: Literal | null
  /** Of a Decimal: all its values are written at this scale. */
  readonly scale: number | null
}

/** What is compiled for one schema. */
export interface Layout {
  /** Per field: `{"name":` for the first, `,"name":` for the others. */
  readonly names: readonly Literal[]
  readonly fields: readonly Slot[]
  /** Of an array's items or a map's values. */
  readonly item: Slot
  readonly key: Slot
  /** Of this schema itself; null until first asked for. */
  own: Slot | null
  /** `{"schema":…,"payload":`, made when first asked for. */
  envelope: Literal | null
  /** Map keys are strings: the map is an object, else an array of pairs. */
  readonly stringKeys: boolean
}

export const nullText = new Literal('null')
const schemaless = new Literal('{"schema":null,"payload":')
export const freeSlot: Slot = { onNull: nullText, scale: null }
const nameSlot: Slot = { onNull: null, scale: null }
export const freeLayout: Layout = {
  ...{ names: [], fields: [], item: freeSlot, key: nameSlot, own: freeSlot },
  envelope: schemaless,
  stringKeys: true,
}
export const freePairs: Layout = { ...freeLayout, key: freeSlot, stringKeys: false }

/** Prints a schema's default. */
export type DefaultLiteral = (schema: Schema) => Literal

export function compileLayout(schema: Schema, format: JsonFormat, print: DefaultLiteral): Layout {
  const stringKeys = schema.keySchema === null || schema.keySchema.type === 'string'
  return {
    names: schema.fields.map((field, i) => new Literal(`${i === 0 ? '{' : ','}${jsonString(field.name)}:`)),
    fields: schema.fields.map((field) => slotOf(field.schema, format, print)),
    item: slotOf(schema.valueSchema, format, print),
    // A member's name cannot be null, whatever the schema says.
    key: stringKeys ? nameSlot : slotOf(schema.keySchema, format, print),
    own: null,
    envelope: null,
    stringKeys,
  }
}

export function slotOf(schema: Schema | null, format: JsonFormat, print: DefaultLiteral): Slot {
  return schema === null ? freeSlot : { onNull: nullOf(schema, format, print), scale: scaleOf(schema) }
}

export function scaleOf({ name, parameters }: Schema): number | null {
  if (name !== 'org.apache.kafka.connect.data.Decimal') return null
  const text = parameters?.['scale']
  return text !== undefined && /^-?\d{1,9}$/.test(text) ? Number(text) : null
}

/** What null prints as under a schema; null where the schema allows none. */
function nullOf(schema: Schema, format: JsonFormat, print: DefaultLiteral): Literal | null {
  if (schema.hasDefault && schema.default !== null && format.defaultsForNull) return print(schema)
  return schema.optional ? nullText : null
}
