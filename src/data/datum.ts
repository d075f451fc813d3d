/** A value with its schema that may not have been decoded yet: it can write itself, and only builds objects when asked. */
import type { Schema } from './schema.ts'
import { type Struct, Decimal } from './values.ts'
import type { ValueWriter } from './writer.ts'

export interface Datum {
  readonly schema: Schema | null
  /** Pushes the value; may be called any number of times. */
  write(to: ValueWriter): void
  /** The value as `values.ts` lays down; decoded at each call unless the implementation keeps it. */
  value(): unknown
}

class HeldDatum implements Datum {
  readonly schema: Schema | null
  readonly #value: unknown

  constructor(schema: Schema | null, value: unknown) {
    this.schema = schema
    this.#value = value
  }

  write(to: ValueWriter): void {
    writeValue(this.schema, this.#value, to)
  }

  value(): unknown {
    return this.#value
  }
}

/** A datum over a value that is already there. */
export function datum(schema: Schema | null, value: unknown): Datum {
  return schema === null && value === null ? nothing : new HeldDatum(schema, value)
}

/** Neither schema nor value: the key of a keyless record, the value of a tombstone. */
export const nothing: Datum = new HeldDatum(null, null)

/** Pushes a held value. A value of the wrong kind for its schema is a TypeError that names both. */
export function writeValue(schema: Schema | null, value: unknown, to: ValueWriter): void {
  if (value === null || value === undefined) to.null()
  else if (schema === null) writeFree(value, to)
  else writeTyped(schema, value, to)
}

function writeTyped(schema: Schema, value: unknown, to: ValueWriter): void {
  switch (schema.type) {
    case 'struct': {
      const struct = value as Struct
      to.beginStruct(schema)
      for (const field of schema.fields) {
        to.field(field.index)
        writeValue(field.schema, struct.values[field.index], to)
      }
      return to.endStruct()
    }
    case 'array':
      return writeArray(schema, value as readonly unknown[], to)
    case 'map':
      return writeMap(schema, value as ReadonlyMap<unknown, unknown>, to)
    case 'float32':
      return to.float32(value as number)
    case 'float64':
      return to.float64(value as number)
    case 'int8':
    case 'int16':
    case 'int32':
      if (typeof value === 'number') return to.integer(value)
      break
    default:
      if (typeof value !== 'number') return writeFree(value, to)
  }
  throw new TypeError(`a ${typeof value} is no value of the schema type ${schema.type}`)
}

function writeArray(schema: Schema | null, values: readonly unknown[], to: ValueWriter): void {
  to.beginArray(schema, values.length)
  for (let i = 0; i < values.length; i++) {
    to.element(i)
    writeValue(schema?.valueSchema ?? null, values[i], to)
  }
  to.endArray()
}

function writeMap(schema: Schema | null, values: ReadonlyMap<unknown, unknown>, to: ValueWriter): void {
  let index = 0
  to.beginMap(schema, values.size, schema !== null || allText(values.keys()))
  for (const [key, value] of values) {
    to.entry(index++)
    writeValue(schema?.keySchema ?? null, key, to)
    to.entryValue()
    writeValue(schema?.valueSchema ?? null, value, to)
  }
  to.endMap()
}

function allText(keys: Iterable<unknown>): boolean {
  for (const key of keys) if (typeof key !== 'string') return false
  return true
}

/** By the value's own kind: all schemaless values, and those typed ones whose kind says it all. */
function writeFree(value: unknown, to: ValueWriter): void {
  switch (typeof value) {
    case 'string':
      return to.string(value)
    case 'bigint':
      return to.int64(value)
    case 'number':
      return to.float64(value)
    case 'boolean':
      return to.boolean(value)
  }
  if (value instanceof Uint8Array) return to.bytes(value, 0, value.length)
  if (value instanceof Decimal) return to.decimal(value.unscaled, value.scale)
  if (Array.isArray(value)) return writeArray(null, value, to)
  if (value instanceof Map) return writeMap(null, value, to)
  throw new TypeError(`a value of type ${typeof value} cannot be written`)
}
