/** The row that ExtractNewRecordState hands on: the table's columns, `__deleted`, and the fields of `add.fields`. */
import { type Datum, datum, scalar, type Schema, Struct, struct } from '#data'
import type { AddedField } from './added-field.ts'
import { basicsOf, perSchema, valuesOf } from './struct-change.ts'

const deletedSchema = scalar('string', { optional: true })

interface Plan {
  readonly schema: Schema
  /** Those of the added fields that the envelope has. */
  readonly added: readonly AddedField[]
}

export function rowBuilder(added: readonly AddedField[], marked: boolean, defaults: boolean) {
  const plans = perSchema((envelope: Schema) =>
    perSchema((row: Schema): Plan => {
      const present = added.filter((field) => field.schema(envelope) !== null)
      const pairs = [
        ...row.fields.map((field) => [field.name, field.schema] as const),
        ...(marked ? [['__deleted', deletedSchema] as const] : []),
        ...present.map((field) => [field.name, field.schema(envelope) as Schema] as const),
      ]
      return { schema: struct(pairs, basicsOf(row)), added: present }
    }),
  )
  return (envelope: Struct, row: Struct, deleted: boolean): Datum => {
    const { schema, added: present } = plans(envelope.schema)(row.schema)
    const values = valuesOf(row, defaults)
    if (marked) values.push(deleted ? 'true' : 'false')
    for (const field of present) values.push(field.value(envelope))
    return datum(schema, new Struct(schema, values))
  }
}
