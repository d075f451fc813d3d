/**
 * Logs that servers wrote, damaged: bytes of events, their order, their number, events of other logs in between. Sizes
 * and checksums are right again afterwards, so that the damage is met where it is.
 */
import { crc32 } from 'node:zlib'
import { materialize, struct } from '#data'
import { type CellReader, type ColumnType, RowKey, type RowLayout, tableVersion } from '#cdc'
import { columnType } from '../../../connectors/mysql-cdc/column-types/column-type.ts'
import { defaultTypeOptions } from '../../../connectors/mysql-cdc/column-types/options.ts'
import { BinlogDecoder, type BinlogEvent } from '../../../connectors/mysql-cdc/decode/binlog-decoder.ts'
import { columnTypes as T } from '../../../connectors/mysql-cdc/decode/log-columns.ts'
import type { LogColumn, TableMap } from '../../../connectors/mysql-cdc/decode/table-map.ts'
import { payloadChunks, payloadEvents } from '../../../connectors/mysql-cdc/decode/transaction-payload.ts'
import type { Random } from '../../support/ddl/random.ts'
import { changesOf, golden, spans } from '../../unit/connectors/mysql-cdc/golden.ts'
import { damaged, type FuzzTarget, holds } from '../target.ts'

const logNames = [
  ...['mysql-events', 'mariadb-events', 'mysql-types-json', 'mysql-types-int', 'mysql-types-temporal'],
  ...[
    'mysql-types-charset',
    'mysql-types-enum-set',
    'mysql-types-float-decimal',
    'mysql-types-spatial-vector',
  ],
  ...['mysql-column-metadata', 'mysql-row-image', 'mysql-after-tags', 'mariadb-types'],
]

export interface Log {
  readonly format: Buffer
  /** Without checksums. */
  readonly events: readonly Buffer[]
}

let read: readonly Log[] | null = null

export function logs(): readonly Log[] {
  read ??= logNames.map((name) => {
    const file = golden(`${name}.binlog`)
    const [format, ...events] = spans(file).map(([from, to]) => file.subarray(from, to))
    return { format: format as Buffer, events: events.map((event) => event.subarray(0, -4)) }
  })
  return read
}

const headerSize = 19
const checksumSize = 4
const tableMap = 19
const rowTypes = new Set([23, 24, 25, 30, 31, 32, 39, 166, 167, 168, 169, 170, 171])

/** Right in size and checksum. */
function sealed(event: Buffer): Buffer {
  const found = Buffer.alloc(event.length + checksumSize)
  event.copy(found)
  found.writeUInt32LE(found.length, 9)
  found.writeUInt32LE(crc32(found.subarray(0, event.length)), event.length)
  return found
}

function damagedEvent(event: Buffer, numbers: Random): Buffer {
  const header = Buffer.from(event.subarray(0, headerSize))
  if (numbers.chance(4)) header[4] = numbers.below(numbers.pick([45, 256]))
  if (numbers.chance(3)) header[17] = numbers.below(256)
  return Buffer.concat([header, damaged(event.subarray(headerSize), numbers)])
}

function damagedLog(all: readonly Log[], numbers: Random, isTried: (type: number) => boolean): Buffer {
  const log = numbers.pick(all)
  const start = numbers.below(log.events.length)
  const events = log.events.slice(start, start + 14)
  for (let i = 1 + numbers.below(4); i > 0; i--) {
    const at = numbers.below(events.length)
    const event = events[at] as Buffer
    const choice = numbers.below(12)
    if (choice === 0) events.splice(at, 1)
    else if (choice === 1) events.splice(at, 0, event)
    else if (choice === 2) events.splice(at, 0, numbers.pick(numbers.pick(all).events))
    else if (isTried(event[4] as number)) events[at] = damagedEvent(event, numbers)
    if (events.length === 0) break
  }
  return Buffer.concat([log.format, ...events.map(sealed)])
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

/** Reads all values of the event's rows, whose cells must lie in the event; returns how many rows there are. */
export function readRows(event: BinlogEvent): number {
  if (event.kind !== 'rows') return 0
  const { rows } = event
  const changes = changesOf(event)
  for (const { table, chunk, before, after } of changes) {
    const isOwn = chunk.bytes === rows.bytes
    const [least, most] = isOwn ? [rows.from, rows.to] : [0, chunk.bytes.length]
    for (const row of [before, after]) {
      if (row < 0) continue
      for (let cell = row; cell < row + 2 * table.columns.length; cell += 2) {
        const [from, to] = [chunk.cells[cell] as number, chunk.cells[cell + 1] as number]
        holds(
          from < 0 || (least <= from && from <= to && to <= most),
          `a cell ${from}–${to} outside of ${least}–${most}`,
        )
      }
      materialize(new RowKey(layoutOf(table), chunk, row))
    }
  }
  return changes.length
}

/** Reads a log: its format, then events until one does not fit. Returns its rows. */
export function readLog(file: Buffer): number {
  const decoder = new BinlogDecoder({ checksum: true, serverVersion: '', mariadb: false })
  let rows = 0
  for (let at = 0; at + headerSize <= file.length; ) {
    const to = at + Math.max(headerSize, file.readUInt32LE(at + 9))
    const event = decoder.decode(file, at, Math.min(to, file.length))
    rows += readRows(event)
    if (event.kind === 'payload') rows += readEvents(decoder.within(), payloadEvents(event.payload))
    at = to
  }
  return rows
}

function readEvents(decoder: BinlogDecoder, bytes: Buffer): number {
  let rows = 0
  for (let at = 0; at < bytes.length; ) {
    const to =
      at + headerSize <= bytes.length ? Math.min(at + bytes.readUInt32LE(at + 9), bytes.length) : bytes.length
    rows += readRows(decoder.decode(bytes, at, to))
    at = to
  }
  return rows
}

export const binlog: FuzzTarget = {
  name: 'binlog',
  input: (numbers) => damagedLog(logs(), numbers, () => true),
  read: (input) => void readLog(input),
}

/** Tables and rows alone. */
export const binlogRows: FuzzTarget = {
  name: 'binlog-rows',
  input: (numbers) => damagedLog(logs(), numbers, (type) => type === tableMap || rowTypes.has(type)),
  read: (input) => void readLog(input),
}

const payloadType = 40

/** Compressed transactions: their heads, what was compressed, and in what parts it is read. */
export const payload: FuzzTarget = {
  name: 'binlog-payload',
  input(numbers) {
    const events = logs().flatMap(({ events }) => events.filter((event) => event[4] === payloadType))
    const event = numbers.pick(events)
    const body = numbers.chance(50) ? event : damagedEvent(event, numbers)
    return Buffer.concat([Buffer.of(1 + numbers.below(255)), (logs()[0] as Log).format, sealed(body)])
  },
  async read(input) {
    const decoder = new BinlogDecoder({ checksum: true, serverVersion: '', mariadb: false })
    const format = 1 + input.readUInt32LE(1 + 9)
    decoder.decode(input, 1, format)
    const event = decoder.decode(input, format, input.length)
    if (event.kind !== 'payload') return
    const whole = payloadEvents(event.payload)
    const parts: Buffer[] = []
    for await (const part of payloadChunks(event.payload, input[0] as number)) parts.push(part)
    holds(Buffer.concat(parts).equals(whole), 'the parts of a payload are not the whole')
    readEvents(decoder.within(), whole)
  },
}
