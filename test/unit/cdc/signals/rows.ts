/** Change events of tables `(pk INTEGER, v INTEGER)` and of a signal table, over texts. */
import {
  CellSlab,
  ChangeEvent,
  type ColumnType,
  RowKey,
  type SourceBlock,
  tableVersion,
  type TableVersion,
} from '#cdc'
import { FixedFields, noHeaders, nothing, type OffsetMap, scalar, type SourceRecord, struct } from '#data'

const source = struct([['at', scalar('int64')]], { name: 'Source' })
const integer: ColumnType = {
  schema: scalar('int32'),
  read: (bytes, from, to, writer) => writer.integer(Number(Buffer.from(bytes.subarray(from, to)).toString())),
  fallback: 0,
  unavailable: null,
}
const text: ColumnType = {
  schema: scalar('string', { optional: true }),
  read: (bytes, from, to, writer) => writer.text(bytes, from, to),
  fallback: '',
  unavailable: null,
}

export function versionOf(
  table: string,
  columns: Readonly<Record<string, ColumnType>>,
  key: readonly string[],
): TableVersion {
  const all = Object.entries(columns).map(([name, type], cell) => ({ name, type, cell }))
  const keys = key.flatMap((name) => all.filter((column) => column.name === name))
  return tableVersion({
    topic: `p.db.${table}`,
    database: 'db',
    schemaName: 'db',
    table,
    columns: all,
    key: keys.length === 0 ? null : keys,
    source,
    names: new FixedFields(source, 0, []),
  })
}

export const numbers = (table: string, key: readonly string[] = ['pk']): TableVersion =>
  versionOf(table, { pk: integer, v: integer }, key)
export const signals = versionOf('signals', { id: text, type: text, data: text }, ['id'])

/** The stream's position: how many events of the log are behind it. */
export interface Place {
  readonly partition: OffsetMap
  offset(): OffsetMap
}
export const placeAt = (events: number): Place => ({
  partition: { server: 'p' },
  offset: () => ({ pos: BigInt(events) }),
})

export const block: SourceBlock = {
  write: (to, _, position) => {
    to.beginStruct(source)
    to.field(0)
    to.integer(position)
    to.endStruct()
  },
}

export type Cell = string | number | null

export function slabOf(rows: readonly (readonly Cell[])[]): { slab: CellSlab; at: readonly number[] } {
  const texts = rows.map((row) => row.map((cell) => (cell === null ? null : Buffer.from(String(cell)))))
  const slab = new CellSlab(Buffer.concat(texts.flat().map((each) => each ?? Buffer.alloc(0))))
  let end = 0
  const at = texts.map((row) => {
    const place = slab.reserve(row.length)
    for (const [i, cell] of row.entries()) {
      slab.cells[place + 2 * i] = cell === null ? -1 : end
      end += cell?.length ?? 0
      slab.cells[place + 2 * i + 1] = end
    }
    return place
  })
  return { slab, at }
}

export function change(
  version: TableVersion,
  before: readonly Cell[] | null,
  after: readonly Cell[] | null,
  position: number,
): SourceRecord {
  const { slab, at } = slabOf([before, after].filter((row) => row !== null))
  const old = before === null ? -1 : (at[0] as number)
  const now = after === null ? -1 : (at.at(-1) as number)
  const operation = before === null ? 'c' : after === null ? 'd' : 'u'
  const time = { numbers: new Float64Array(2) }
  return {
    topic: version.topic,
    partition: null,
    key: version.key === null ? nothing : new RowKey(version.key, slab, now === -1 ? old : now),
    value: new ChangeEvent(version, operation, slab, old, now, block, position, time),
    headers: noHeaders,
    timestamp: null,
    from: placeAt(position),
  }
}
