/** Damaged events: an error that says so, or something decoded; never anything else, and never for long. */
import { expect, test } from 'vitest'
import { type CellReader, type ColumnType, RowKey, type RowLayout, tableVersion } from '#cdc'
import { materialize, struct } from '#data'
import { ConnectError } from '#errors'
import { columnType } from '../../../../../connectors/mysql-cdc/column-types/column-type.ts'
import { defaultTypeOptions } from '../../../../../connectors/mysql-cdc/column-types/options.ts'
import { BinlogDecoder } from '../../../../../connectors/mysql-cdc/decode/binlog-decoder.ts'
import { columnTypes as T } from '../../../../../connectors/mysql-cdc/decode/log-columns.ts'
import type { LogColumn, TableMap } from '../../../../../connectors/mysql-cdc/decode/table-map.ts'
import { payloadEvents } from '../../../../../connectors/mysql-cdc/decode/transaction-payload.ts'
import { changesOf, golden, spans } from '../golden.ts'

const files = [
  'mysql-events',
  'mariadb-events',
  'mysql-types-json',
  'mysql-types-int',
  'mysql-types-temporal',
].map((name) => golden(`${name}.binlog`))

let state = 42
/** A repeatable number below `limit`. */
function next(limit: number): number {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0
  return Math.floor((state / 2 ** 32) * limit)
}

/** Any declared type that may stand for the column. */
const declared = new Map<number, string>([
  ...([T.TINY, T.SHORT, T.INT24, T.LONG, T.LONGLONG] as const).map(
    (type, i) => [type, ['TINYINT', 'SMALLINT', 'MEDIUMINT', 'INT', 'BIGINT'][i] as string] as const,
  ),
  [T.JSON, 'JSON'],
  [T.VARCHAR, 'VARCHAR'],
  [T.BLOB, 'TEXT'],
  [T.DATETIME2, 'DATETIME'],
  [T.TIMESTAMP2, 'TIMESTAMP'],
  [T.TIME2, 'TIME'],
  [T.DATE, 'DATE'],
  [T.YEAR, 'YEAR'],
  [T.GEOMETRY, 'GEOMETRY'],
  [T.VARCHAR_COMPRESSED, 'VARCHAR'],
  [T.BLOB_COMPRESSED, 'BLOB'],
])

function typeOf(column: LogColumn): ColumnType {
  const name = declared.get(column.type) ?? 'VARBINARY'
  const declaredType = column.unsigned === true ? `${name} UNSIGNED` : name
  const rest = { scale: null, charset: null, labels: [], optional: true, default: null }
  const type = columnType({ name: 'c', declaredType, length: column.size, ...rest }, defaultTypeOptions)
  const unread: CellReader = (_bytes, _from, _to, writer) => writer.null()
  return declared.has(column.type) ? type.log(column) : { ...type.text, read: unread }
}

const layouts = new WeakMap<TableMap, RowLayout>()
function layoutOf(table: TableMap): RowLayout {
  let layout = layouts.get(table)
  if (layout === undefined) {
    const columns = table.columns.map((column, cell) => ({ name: `c${cell}`, cell, type: typeOf(column) }))
    const names = { database: 'd', schemaName: 'd', table: 't', names: undefined as never }
    layout = tableVersion({ topic: 't', columns, key: null, source: struct([]), ...names }).row
    layouts.set(table, layout)
  }
  return layout
}

/** Decodes what is behind the file's format, reading all values; returns how many rows there were. */
function decodeAll(file: Buffer, found: readonly (readonly [number, number])[], mariadb: boolean): number {
  const decoder = new BinlogDecoder({ checksum: false, serverVersion: '', mariadb })
  let rows = 0
  for (const [from, to] of found) {
    const event = decoder.decode(file, from, to)
    if (event.kind === 'payload') payloadEvents(event.payload)
    for (const change of changesOf(event)) {
      rows++
      for (const row of [change.before, change.after])
        if (row >= 0) materialize(new RowKey(layoutOf(change.table), change.chunk, row))
    }
  }
  return rows
}

test('damaged bytes', () => {
  const outcomes = { decoded: 0, refused: 0 }
  for (let round = 0; round < 1500; round++) {
    const file = files[round % files.length] as Buffer
    const all = spans(file).filter(([from]) => file[from + 4] !== 15)
    // A stretch of the file, in a copy without checksums.
    const start = next(all.length)
    const bytes = Buffer.from(file)
    const stretch = all.slice(start, start + 12).map(([from, to]) => {
      bytes.writeUInt32LE(to - from - 4, from + 9)
      return [from, to - 4] as const
    })
    for (let i = next(4) + 1; i > 0; i--) {
      const [from, to] = stretch[next(stretch.length)] as readonly [number, number]
      if (to - from > 19) bytes[from + 19 + next(to - from - 19)] = next(256)
    }
    try {
      decodeAll(bytes, stretch, file === files[1])
      outcomes.decoded++
    } catch (error) {
      if (!(error instanceof ConnectError)) throw error
      outcomes.refused++
    }
  }
  expect(outcomes.decoded).toBeGreaterThan(100)
  expect(outcomes.refused).toBeGreaterThan(100)
})

test('undamaged bytes', () => {
  for (const file of files) {
    const bytes = Buffer.from(file)
    const all = spans(file).filter(([from]) => file[from + 4] !== 15)
    for (const [from, to] of all) bytes.writeUInt32LE(to - from - 4, from + 9)
    expect(
      decodeAll(
        bytes,
        all.map(([from, to]) => [from, to - 4] as const),
        file === files[1],
      ),
    ).toBeGreaterThan(4)
  }
})
