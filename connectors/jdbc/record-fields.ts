/**
 * Rows out of records: which fields become which columns, and how to read them. A layout is compiled once for the
 * schemas of a record and found again by their identity; equal layouts are one object, so that a schema that is only
 * spelled anew starts no new batch.
 */
import { type Schema, type SinkRecord, Struct, scalar } from '#data'
import type { WantedColumn } from './dialects/dialect.ts'

/** Reads one column's value; the structs are null where the record has none. */
export type ColumnReader = (record: SinkRecord, key: unknown, value: Struct | null) => unknown

export interface LayoutColumn extends WantedColumn {
  /** Where `read` finds it: layouts are equal only if theirs are. */
  readonly source: string
  readonly read: ColumnReader
}

export interface Layout {
  /** Key columns first, in key order: the order of statements. */
  readonly columns: readonly LayoutColumn[]
  readonly keys: number
  /** The order of a new table's columns. */
  readonly created: readonly WantedColumn[]
  /** Columns whose value may be the stand-in for one that the source did not send. */
  readonly mayLack: readonly number[]
  /** The layout without some of its columns, by their positions. */
  without(positions: readonly number[]): Layout
}

export function layoutOf(
  keys: readonly LayoutColumn[],
  others: readonly LayoutColumn[],
  created: readonly WantedColumn[],
): Layout {
  const columns = [...keys, ...others]
  const partial = new Map<string, Layout>()
  const layout: Layout = {
    columns,
    keys: keys.length,
    created,
    mayLack: columns.flatMap((column, i) => (i >= keys.length && canLack(column.schema) ? [i] : [])),
    without: (positions) => {
      const name = positions.join(',')
      let made = partial.get(name)
      if (made === undefined) {
        made = layoutOf(
          keys,
          others.filter((_, i) => !positions.includes(i + keys.length)),
          created,
        )
        partial.set(name, made)
      }
      return made
    },
  }
  return layout
}

function canLack(schema: Schema): boolean {
  return (
    schema.type === 'string' || schema.type === 'bytes' || schema.type === 'array' || schema.type === 'map'
  )
}

export function readRow(layout: Layout, record: SinkRecord, key: unknown, value: Struct | null): unknown[] {
  const { columns } = layout
  const row = new Array<unknown>(columns.length)
  for (let i = 0; i < columns.length; i++)
    row[i] = (columns[i] as LayoutColumn).read(record, key, value) ?? null
  return row
}

/** The three columns of the key mode `kafka`, under these names. */
export function kafkaColumns(names: readonly string[]): LayoutColumn[] {
  const [topic = '__connect_topic', partition = '__connect_partition', offset = '__connect_offset'] = names
  return [
    { name: topic, schema: scalar('string'), key: true, source: 'topic', read: (record) => record.topic },
    {
      name: partition,
      schema: scalar('int32'),
      key: true,
      source: 'partition',
      read: (record) => record.partition,
    },
    { name: offset, schema: scalar('int64'), key: true, source: 'offset', read: (record) => record.offset },
  ]
}

/** Columns from the key's fields. */
export function keyStructColumns(
  schema: Schema,
  wanted: readonly string[],
  defaults: boolean,
): LayoutColumn[] {
  const fields = wanted.length === 0 ? schema.fields.map((field) => field.name) : wanted
  return fields.flatMap((name): LayoutColumn[] => {
    const field = schema.field(name)
    if (field === undefined) return []
    const read = reader(field.index, field.schema, defaults)
    return [
      { name, schema: field.schema, key: true, source: `k${field.index}`, read: (_record, key) => read(key) },
    ]
  })
}

/** One column from a field of the value. */
export function valueColumn(
  schema: Schema,
  name: string,
  key: boolean,
  defaults: boolean,
): LayoutColumn | null {
  const field = schema.field(name)
  if (field === undefined) return null
  const read = reader(field.index, field.schema, defaults)
  return {
    name,
    schema: field.schema,
    key,
    source: `v${field.index}`,
    read: (_record, _key, value) => read(value),
  }
}

/** `defaults`: an unset field reads as its schema's default, as Connect's `Struct.get` does. */
function reader(index: number, schema: Schema, defaults: boolean): (struct: unknown) => unknown {
  if (!defaults || !schema.hasDefault)
    return (struct) => (struct instanceof Struct ? (struct.values[index] ?? null) : null)
  return (struct) => (struct instanceof Struct ? (struct.values[index] ?? schema.default) : null)
}

/** Layouts by schema identity, equal ones made one by their signature. */
export class LayoutCache {
  readonly #byIdentity = new Map<string, Map<Schema | null, Map<Schema | null, Layout>>>()
  readonly #bySignature = new Map<string, Layout>()
  #size = 0

  /** `scope`: what else the layout depends on, such as the topic. */
  get(scope: string, key: Schema | null, value: Schema | null, make: () => Layout): Layout {
    let byKey = this.#byIdentity.get(scope)
    if (byKey === undefined) this.#byIdentity.set(scope, (byKey = new Map()))
    let byValue = byKey.get(key)
    if (byValue === undefined) byKey.set(key, (byValue = new Map()))
    const known = byValue.get(value)
    if (known !== undefined) return known
    // A converter that makes a schema per record must not fill the memory.
    if (++this.#size > 10_000) {
      this.#byIdentity.clear()
      this.#size = 0
    }
    const layout = this.#interned(scope, make())
    byValue.set(value, layout)
    return layout
  }

  #interned(scope: string, layout: Layout): Layout {
    const signature = `${scope}\n${layout.columns.map(signatureOf).join('\n')}`
    const known = this.#bySignature.get(signature)
    if (known !== undefined) return known
    this.#bySignature.set(signature, layout)
    return layout
  }
}

function signatureOf(column: LayoutColumn): string {
  return `${column.key} ${column.source} ${JSON.stringify(column.name)} ${schemaSignature(column.schema)}`
}

function schemaSignature(schema: Schema): string {
  const { type, name, optional, parameters, valueSchema } = schema
  const fallback = schema.hasDefault ? String(schema.default) : ''
  const item = valueSchema === null ? '' : schemaSignature(valueSchema)
  return JSON.stringify([type, name, optional, parameters, schema.hasDefault, fallback, item])
}
