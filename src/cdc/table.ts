/**
 * One version of one captured table: its schemas and column readers, compiled once and shared by every record until
 * the next DDL. Names and layout are Debezium's: `<topic>.Key`, `<topic>.Value`, `<topic>.Envelope`.
 */
import { type FixedFields, type Schema, scalar, struct, type ValueWriter, writeValue } from '#data'
import { DataError } from '#errors'
import { type CellChunk, NO_ROW, UNAVAILABLE_CELL } from './cells.ts'
import type { CellReader, Column } from './column.ts'
import type { KeyField } from './topics.ts'
import { transactionSchema } from './transactions.ts'

/** How one struct is filled from a row's cells. */
export interface RowLayout {
  readonly schema: Schema
  readonly columns: readonly Column[]
  readonly readers: readonly CellReader[]
  /** Per field: twice the cell's position in the log's row. */
  readonly slots: Int32Array
}

export interface TableVersion {
  readonly topic: string
  /** The database's own names, for errors and the source block. */
  readonly database: string
  readonly schemaName: string
  readonly table: string
  readonly row: RowLayout
  /** null: a keyless table. */
  readonly key: RowLayout | null
  readonly envelope: Schema
  /** `schema` and `table` of the source block, or `table` alone: a run of its constant fields. */
  readonly names: FixedFields
}

export interface TableShape {
  readonly topic: string
  /** What the names of the schemas begin with; absent: the topic. */
  readonly schemaPrefix?: string
  readonly database: string
  readonly schemaName: string
  readonly table: string
  readonly columns: readonly Column[]
  /** Key columns in key order; null for a keyless table. Need not be among `columns` (excluded ones stay in the key). */
  readonly key: readonly Column[] | null
  /** One more field of the key, the same for all rows (topic.naming.strategy); absent or null: none. */
  readonly keyField?: KeyField | null
  /** Schema of the connector's source block. */
  readonly source: Schema
  readonly names: FixedFields
}

export function tableVersion(shape: TableShape): TableVersion {
  const { topic, schemaPrefix: prefix = topic, database, schemaName, table, names } = shape
  const row = rowLayout(shape.columns, { name: `${prefix}.Value`, optional: true })
  const keys = [...(shape.key ?? []), ...(shape.keyField ? [constantColumn(shape.keyField)] : [])]
  const key = keys.length === 0 ? null : rowLayout(keys, { name: `${prefix}.Key` })
  const envelope = envelopeSchema(row.schema, shape.source, `${prefix}.Envelope`)
  return { topic, database, schemaName, table, row, key, envelope, names }
}

/** Whatever is in the row's first cell. */
function constantColumn({ name, value }: KeyField): Column {
  const schema = scalar('string')
  const read: CellReader = (_bytes, _from, _to, writer) => writer.string(value)
  return { name, type: { schema, read, fallback: value, unavailable: value }, cell: 0, constant: true }
}

function rowLayout(columns: readonly Column[], options: { name: string; optional?: boolean }): RowLayout {
  return {
    schema: struct(
      columns.map((column) => [column.name, column.type.schema] as const),
      options,
    ),
    columns,
    readers: columns.map((column) => column.type.read),
    slots: Int32Array.from(columns, (column) => column.cell * 2),
  }
}

/** Field order as in Debezium's Envelope, version 2. */
export function envelopeSchema(row: Schema, source: Schema, name: string): Schema {
  const instant = scalar('int64', { optional: true })
  return struct(
    [
      ['before', row],
      ['after', row],
      ['source', source],
      ['transaction', transactionSchema],
      ['op', scalar('string')],
      ['ts_ms', instant],
      ['ts_us', instant],
      ['ts_ns', instant],
    ],
    { name, version: 2 },
  )
}

/**
 * Pushes the row at `at` as one struct. A NULL under a NOT NULL column (a key-only old image) becomes the column's
 * fallback; a value that the log does not carry is taken from `full`, the row's full old image, where there is one.
 */
export function writeRow(
  layout: RowLayout,
  chunk: CellChunk,
  at: number,
  full: number,
  to: ValueWriter,
): void {
  const { bytes, cells } = chunk
  const { readers, slots } = layout
  to.beginStruct(layout.schema)
  let i = 0
  try {
    for (; i < readers.length; i++) {
      const slot = slots[i] as number
      const from = cells[at + slot] as number
      to.field(i)
      if (from >= 0) (readers[i] as CellReader)(bytes, from, cells[at + slot + 1] as number, to)
      else writeAbsent(layout.columns[i] as Column, from, chunk, full, to)
    }
  } catch (error) {
    throw located(error, layout, i)
  }
  to.endStruct()
}

/** A reader knows what it expected, not which column it reads. */
function located(error: unknown, layout: RowLayout, index: number): unknown {
  if (!(error instanceof DataError)) return error
  const details = {
    cause: error.cause ?? error,
    ...(error.remedy === undefined ? {} : { remedy: error.remedy }),
  }
  const reason = error.remedy === undefined ? error.message : error.message.slice(0, -error.remedy.length - 1)
  return new DataError(`Column ${layout.columns[index]?.name} of ${layout.schema.name}: ${reason}`, details)
}

function writeAbsent(column: Column, kind: number, chunk: CellChunk, full: number, to: ValueWriter): void {
  const { schema, read, unavailable, fallback, ofNull } = column.type
  if (kind === UNAVAILABLE_CELL && full !== NO_ROW) {
    const from = chunk.cells[full + column.cell * 2] as number
    if (from >= 0) return read(chunk.bytes, from, chunk.cells[full + column.cell * 2 + 1] as number, to)
  }
  const stand = kind === UNAVAILABLE_CELL ? unavailable : (ofNull ?? null)
  if (stand !== null) writeValue(schema, stand, to)
  else if (schema.optional) to.null()
  else writeValue(schema, fallback, to)
}
