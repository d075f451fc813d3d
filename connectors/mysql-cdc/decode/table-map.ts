/**
 * TABLE_MAP: the table that the rows behind it belong to, as it was when they were written.
 *
 *   body     := tableId:6 flags:2 name name count:packed type:1{count} size:packed metadata nullable optional*
 *   name     := length:1 text 0
 *   metadata := per column, by its type, 0 to 2 bytes
 *   nullable := a bit per column, lowest first
 *   optional := kind:1 size:packed value        (MySQL 8, MariaDB 10.5: binlog_row_metadata)
 */
import { DecodeError } from '#errors'
import { EventReader } from './event-reader.ts'
import { columnLayout, columnTypes as T, type ColumnLayout } from './log-columns.ts'
import { applyMetadata, type ColumnFacts, type TableFacts } from './table-metadata.ts'

/** One column of the log's rows. What binlog_row_metadata leaves out is null. */
export interface LogColumn extends ColumnLayout {
  readonly nullable: boolean
  readonly unsigned: boolean | null
  readonly name: string | null
  /** The number of its collation, which stands for its character set. */
  readonly collation: number | null
  /** Labels of an enum or set, in the column's character set. */
  readonly labels: readonly Buffer[] | null
  readonly geometryType: number | null
  readonly visible: boolean | null
  /** Dimensions of a vector. */
  readonly dimensions: number | null
}

export interface TableMap {
  readonly id: number
  readonly schema: string
  readonly table: string
  readonly columns: readonly LogColumn[]
  /** Per column: the bytes of its cells, or minus the bytes of the length that stands before them. */
  readonly widths: Int32Array
  /** Columns of the primary key in key order; null: the log does not say. */
  readonly primaryKey: readonly number[] | null
  /** How many columns are JSON documents, which rows events may carry as differences. */
  readonly jsonColumns: number
}

/** The id of the table in the body of a TABLE_MAP or rows event. */
export function tableIdAt(bytes: Buffer, from: number): number {
  return bytes.readUIntLE(from, 6)
}

export function decodeTableMap(bytes: Buffer, from: number, to: number, mariadb: boolean): TableMap {
  const reader = new EventReader(bytes, from, to, 'TABLE_MAP')
  const id = reader.uint48()
  reader.uint16()
  const schema = name(reader)
  const table = name(reader)
  const count = reader.packed()
  const types = reader.slice(count)
  const layouts = readLayouts(
    new EventReader(bytes, ...span(reader), 'TABLE_MAP'),
    types,
    `${schema}.${table}`,
  )
  const nullable = reader.slice((count + 7) >> 3)
  const facts = layouts.map((layout, i): ColumnFacts => {
    const isNullable = ((nullable[i >> 3] as number) & (1 << (i & 7))) !== 0
    return { ...layout, ...unsaid, nullable: isNullable }
  })
  const found: TableFacts = { primaryKey: null }
  if (reader.left > 0) applyMetadata(reader, facts, found, mariadb)
  return {
    id,
    schema,
    table,
    columns: facts,
    widths: Int32Array.from(layouts, ({ width }) => width),
    primaryKey: found.primaryKey,
    jsonColumns: layouts.filter(({ type }) => type === T.JSON).length,
  }
}

const unsaid = {
  unsigned: null,
  name: null,
  collation: null,
  labels: null,
  geometryType: null,
  visible: null,
  dimensions: null,
} as const

function name(reader: EventReader): string {
  const text = reader.text(reader.uint8())
  if (reader.uint8() !== 0) throw reader.expected('a zero byte behind a name')
  return text
}

/** Passes over what a packed number says is the size of; returns where that is. */
function span(reader: EventReader): [from: number, to: number] {
  const size = reader.packed()
  const from = reader.take(size)
  return [from, from + size]
}

function readLayouts(metadata: EventReader, types: Buffer, table: string): ColumnLayout[] {
  const layouts: ColumnLayout[] = []
  for (const type of types) {
    const layout = columnLayout(type, metadata)
    if (layout === null)
      throw new DecodeError(
        `Column ${layouts.length + 1} of ${table} has the type ${type}, which is not known in row events.`,
      )
    layouts.push(layout)
  }
  metadata.end()
  return layouts
}

/** Enough for the tables of one statement; what is left over from earlier ones is forgotten beyond. */
const kept = 4096

/** The table maps in force. A map that comes again unchanged, as before nearly every row event, is not read again. */
export class TableMaps {
  readonly #maps = new Map<number, { readonly body: Buffer; readonly table: TableMap }>()
  #statementEnded = true

  /** Takes the body of a TABLE_MAP. */
  take(bytes: Buffer, from: number, to: number, mariadb: boolean): TableMap {
    if (to - from < 8) return decodeTableMap(bytes, from, to, mariadb)
    const id = tableIdAt(bytes, from)
    const known = this.#maps.get(id)
    if (known !== undefined && known.body.compare(bytes, from, to) === 0) return known.table
    if (this.#statementEnded && this.#maps.size >= kept) this.#maps.clear()
    this.#statementEnded = false
    const table = decodeTableMap(bytes, from, to, mariadb)
    this.#maps.set(id, { body: Buffer.from(bytes.subarray(from, to)), table })
    return table
  }

  get(id: number): TableMap | undefined {
    return this.#maps.get(id)?.table
  }

  /** The last rows event of a statement has come. */
  endStatement(): void {
    this.#statementEnded = true
  }

  /** Another file: the server numbers its tables anew after a restart. */
  clear(): void {
    this.#maps.clear()
  }
}
