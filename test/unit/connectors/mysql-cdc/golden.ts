/** Golden files of binlogs, read back: events, changes of rows with their cells. */
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { type CellChunk, CellSlab } from '#cdc'
import { BinlogDecoder, type BinlogEvent } from '../../../../connectors/mysql-cdc/decode/binlog-decoder.ts'
import { formatBeforeFirst } from '../../../../connectors/mysql-cdc/decode/format-description.ts'
import { decodePartialRows } from '../../../../connectors/mysql-cdc/decode/partial-update.ts'
import { decodeRows, type RowOperation } from '../../../../connectors/mysql-cdc/decode/rows.ts'
import type { TableMap } from '../../../../connectors/mysql-cdc/decode/table-map.ts'
import { payloadEvents } from '../../../../connectors/mysql-cdc/decode/transaction-payload.ts'

export function golden(name: string): Buffer {
  return gunzipSync(readFileSync(new URL(`../../../golden/binlog/${name}.gz`, import.meta.url)))
}

export function goldenLines<T>(name: string): T[] {
  const text = golden(name).toString()
  return text === '' ? [] : text.split('\n').map((line) => JSON.parse(line) as T)
}

/** Where the events of a log file are. */
export function spans(file: Buffer): (readonly [from: number, to: number])[] {
  const found: (readonly [number, number])[] = []
  for (let at = 4; at < file.length; ) {
    const to = at + file.readUInt32LE(at + 9)
    found.push([at, to])
    at = to
  }
  return found
}

/** All events, those within payloads too. */
export function eventsOf(file: Buffer): BinlogEvent[] {
  const decoder = new BinlogDecoder(formatBeforeFirst(false))
  return spans(file).flatMap(([from, to]) => {
    const event = decoder.decode(file, from, to)
    if (event.kind !== 'payload') return [event]
    const within = decoder.within()
    const bytes = payloadEvents(event.payload)
    return [
      event,
      ...spans(Buffer.concat([Buffer.alloc(4), bytes])).map(([a, b]) => within.decode(bytes, a - 4, b - 4)),
    ]
  })
}

export interface Change {
  readonly operation: RowOperation
  readonly table: TableMap
  readonly chunk: CellChunk
  readonly before: number
  readonly after: number
}

/** The changes of one rows event. */
export function changesOf(event: BinlogEvent): Change[] {
  if (event.kind !== 'rows') return []
  const { rows, table } = event
  const found: (readonly [number, number])[] = []
  const sink = { row: (before: number, after: number) => void found.push([before, after]) }
  let chunk: CellChunk
  if (rows.partial) chunk = decodePartialRows(rows, table, sink)
  else {
    const slab = new CellSlab(rows.bytes)
    decodeRows(rows, table, slab, sink)
    chunk = slab
  }
  return found.map(([before, after]) => ({ operation: rows.operation, table, chunk, before, after }))
}
