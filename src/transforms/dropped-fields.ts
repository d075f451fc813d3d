/**
 * `drop.fields.header.name` of ExtractNewRecordState: a header of the record lists fields that are left out of the row
 * and, if so chosen, of the key. While schemas are to stay compatible, only optional fields are left out.
 */
import { type ConnectRecord, type Datum, datum, type Schema, Struct, struct } from '#data'
import { basicsOf, perSchema } from './struct-change.ts'

export interface Dropped {
  readonly row: Struct
  readonly key: { readonly key: Datum } | null
}

/** null: this record's header names no fields. */
export type FieldDropper = (record: ConnectRecord, row: Struct) => Dropped | null

export function droppedFields(
  header: string | null,
  fromKey: boolean,
  compatible: boolean,
): FieldDropper | null {
  if (header === null || header === '') return null
  const narrow = narrower(compatible)
  return (record, row) => {
    const names = record.headers.find((each) => each.key === header)?.value.value()
    if (!Array.isArray(names) || names.length === 0) return null
    const key = fromKey ? record.key.value() : null
    return {
      row: narrow(row, names),
      key: key instanceof Struct ? { key: held(narrow(key, names)) } : null,
    }
  }
}

function held(value: Struct): Datum {
  return datum(value.schema, value)
}

function narrower(compatible: boolean): (from: Struct, names: readonly unknown[]) => Struct {
  const plans = perSchema(() => new Map<string, Schema>())
  return (from, names) => {
    const left = from.schema.fields.filter(
      (field) => !names.includes(field.name) || (compatible && !field.schema.optional),
    )
    if (left.length === from.schema.fields.length) return from
    const known = plans(from.schema)
    const key = left.map((field) => field.index).join()
    let schema = known.get(key)
    if (schema === undefined) {
      const pairs = left.map((field) => [field.name, field.schema] as const)
      schema = struct(pairs, { ...basicsOf(from.schema), optional: from.schema.optional })
      known.set(key, schema)
    }
    return new Struct(
      schema,
      left.map((field) => from.values[field.index] ?? null),
    )
  }
}
