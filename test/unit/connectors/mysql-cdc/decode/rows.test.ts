/** Rows of every image and form, as real servers write them. */
import { expect, test } from 'vitest'
import { CellSlab, NULL_CELL, UNAVAILABLE_CELL } from '#cdc'
import { jsonText, printJson } from '../../../../../connectors/mysql-cdc/column-types/json-text.ts'
import type { BinlogEvent } from '../../../../../connectors/mysql-cdc/decode/binlog-decoder.ts'
import { eventType as E } from '../../../../../connectors/mysql-cdc/decode/event-types.ts'
import { decodeRows, decodeRowsHead } from '../../../../../connectors/mysql-cdc/decode/rows.ts'
import {
  payloadChunks,
  payloadEvents,
} from '../../../../../connectors/mysql-cdc/decode/transaction-payload.ts'
import { type Change, changesOf, eventsOf, golden } from '../golden.ts'
import { decoded, eventBytes, text, u8, u16, u32 } from './event-bytes.ts'

const events = eventsOf(golden('mysql-events.binlog'))
const rowsEvents = events.filter((event) => event.kind === 'rows')
const changes = rowsEvents.flatMap(changesOf)

/** The cells of a row: hexadecimal, null or absent. */
function cellsOf({ chunk, table }: Change, row: number): (string | null)[] {
  return table.columns.map((_, i) => {
    const from = chunk.cells[row + 2 * i] as number
    if (from === UNAVAILABLE_CELL) return 'absent'
    return from === NULL_CELL ? null : chunk.bytes.toString('hex', from, chunk.cells[row + 2 * i + 1])
  })
}

test('the table as it was', () => {
  const [table] = changes.map((change) => change.table)
  expect(table?.columns.map(({ name, unsigned, collation }) => [name, unsigned, collation])).toEqual([
    ['id', false, null],
    ['n', false, null],
    ['c', null, 8],
    ['x', null, 255],
    ['j', null, null],
    ['j2', null, null],
    ['u', true, null],
  ])
  expect(table).toMatchObject({ schema: 'ev', table: 't', primaryKey: [0], jsonColumns: 2 })
})

test('nulls', () => {
  const [first, second] = changes
  expect(cellsOf(first as Change, (first as Change).after)).toEqual([
    '0a000000',
    '0a000000',
    'fc6eef',
    null,
    null,
    null,
    null,
  ])
  expect(cellsOf(second as Change, (second as Change).after)).toEqual([
    '0b000000',
    null,
    null,
    null,
    null,
    null,
    null,
  ])
})

test('minimal images', () => {
  const [insert, defaults, update, remove] = changes.slice(2) as Change[]
  const rest = ['absent', 'absent', 'absent', 'absent', 'absent']
  expect(cellsOf(insert as Change, (insert as Change).after)).toEqual(['0c000000', '07000000', ...rest])
  expect(cellsOf(defaults as Change, (defaults as Change).after)).toEqual(['absent', 'absent', 'absent'])
  expect(cellsOf(update as Change, (update as Change).before)).toEqual(['01000000', 'absent', ...rest])
  expect(cellsOf(update as Change, (update as Change).after)).toEqual(['absent', '08000000', ...rest])
  expect(cellsOf(remove as Change, (remove as Change).before)).toEqual(['0b000000', 'absent', ...rest])
})

test('an image without texts', () => {
  const noblob = changes[6] as Change
  const [id, n, c, x] = cellsOf(noblob, noblob.after)
  expect([id, n, c, x]).toEqual(['01000000', '09000000', '61', 'absent'])
})

function document({ chunk }: Change, row: number, column: number): string | null {
  const from = chunk.cells[row + 2 * column] as number
  if (from < 0) return null
  const end = printJson(chunk.bytes, from, chunk.cells[row + 2 * column + 1] as number)
  return jsonText.toString('utf8', 0, end)
}

test('partial updates give the documents that the server has', () => {
  const partial = rowsEvents.filter((event) => event.kind === 'rows' && event.rows.partial).flatMap(changesOf)
  const documents = partial.map((change) => [
    document(change, change.before, 4),
    document(change, change.after, 4),
    document(change, change.after, 5),
  ])
  const start = '{"a":1,"b":[1,2,3],"c d":{"e":"x"}}'
  const second = '{"a":2,"b":[1,2,3],"c d":{"e":"x"}}'
  const third = '{"a":2,"b":[2,3],"c d":{"e":"x"}}'
  const fourth = '{"a":2,"b":[2,3],"c d":{"e":"x","f":{"new":1.5}}}'
  const nested = '["first",1,["two",3]]'
  const long = '{"k":"a longer text that makes a difference worth while"}'
  expect(documents.slice(0, 5)).toEqual([
    [start, second, '[1,["two",3]]'],
    [second, third, '[1,["two",3]]'],
    [third, fourth, nested],
    [long, '{"k":"short"}', null],
    ['{"k":"short"}', '{"k":null}', '[]'],
  ])
  // The next update's old image is the server's own.
  const next = changes.slice(changes.findIndex(isAfterPartial))
  expect(
    next
      .slice(0, 2)
      .map((change) => [document(change, change.before, 4), document(change, change.before, 5)]),
  ).toEqual([
    [fourth, nested],
    ['{"k":null}', '[]'],
  ])
  // Without an old document the new one is not known.
  const last = partial.at(-1) as Change
  expect(last.chunk.cells[last.after + 8]).toBe(UNAVAILABLE_CELL)
})

/** The update of both rows to n = 100. */
function isAfterPartial(change: Change): boolean {
  return change.operation === 'update' && cellsOf(change, change.after)[1] === '64000000'
}

test('a compressed transaction', async () => {
  const at = events.findIndex(({ kind }) => kind === 'payload')
  const [event] = events.slice(at, at + 1) as BinlogEvent[]
  expect(events.slice(at + 1, at + 9).map(({ kind }) => kind)).toEqual([
    ...['begin', 'table', 'rows', 'table', 'rows', 'table', 'rows', 'commit'],
  ])
  if (event?.kind !== 'payload') throw new Error('no payload')
  const whole = payloadEvents(event.payload)
  expect(whole.length).toBe(event.payload.size)
  for (const size of [1, 100, 500, 5000]) {
    const chunks: Buffer[] = []
    for await (const chunk of payloadChunks(event.payload, size)) chunks.push(chunk)
    expect(Buffer.concat(chunks).equals(whole)).toBe(true)
    // Whole events only.
    for (const chunk of chunks) expect(sizesOf(chunk).reduce((a, b) => a + b, 0)).toBe(chunk.length)
  }
})

function sizesOf(chunk: Buffer): number[] {
  const sizes: number[] = []
  for (let at = 0; at < chunk.length; at += sizes.at(-1) as number) sizes.push(chunk.readUInt32LE(at + 9))
  return sizes
}

test('a payload that is not compressed, and one that is broken', async () => {
  const inner = eventBytes(E.STOP, [])
  const fields = (length: number, kind: number, size: number) => [
    ...[u8(1), u8(1), u8(length), u8(2), u8(kind === 255 ? 3 : 1)],
    ...(kind === 255 ? [u8(252), u16(255)] : [u8(kind)]),
    ...[u8(3), u8(1), u8(size), u8(0)],
  ]
  const plain = decoded(E.TRANSACTION_PAYLOAD, [...fields(inner.length, 255, inner.length), inner])
  expect(plain.kind === 'payload' && payloadEvents(plain.payload).equals(inner)).toBe(true)
  const broken = decoded(E.TRANSACTION_PAYLOAD, [...fields(4, 0, 200), text('oops')])
  if (broken.kind !== 'payload') throw new Error('no payload')
  expect(() => payloadEvents(broken.payload)).toThrow(/cannot be decompressed/)
  const read = async () => {
    for await (const _ of payloadChunks(broken.payload, 10)) throw new Error('a chunk')
  }
  await expect(read()).rejects.toThrow(/cannot be decompressed/)
  expect(() => decoded(E.TRANSACTION_PAYLOAD, fields(1, 9, 1))).toThrow(/unknown method 9/)
})

test('version 1 and extra data of version 2', () => {
  const table = (changes[3] as Change).table
  const head = [u32(table.id), u16(0), u16(1)]
  // Two columns of the three are there: a is NULL, b is 5.
  const rows = [u8(3), u8(0b011), u8(0b01), u32(5)]
  for (const [type, body] of [
    [E.WRITE_ROWS_V1, [...head, ...rows]],
    [E.WRITE_ROWS, [...head, u16(5), text('abc'), ...rows]],
  ] as const) {
    const bytes = Buffer.concat(body)
    const event = decodeRowsHead(type, bytes, 0, bytes.length)
    if (event === null) throw new Error('no rows')
    const slab = new CellSlab(bytes)
    const found: number[] = []
    decodeRows(event, table, slab, { row: (_, after) => found.push(after) })
    expect(found).toHaveLength(1)
    const change: Change = { operation: 'insert', table, chunk: slab, before: -1, after: found[0] as number }
    expect(cellsOf(change, change.after)).toEqual([null, '05000000', 'absent'])
  }
})

test('rows that end too early, and rows of another table', () => {
  const { table } = changes[0] as Change
  const head = [u32(table.id), u16(0), u16(1), u16(2), u8(7), u8(0x7f)]
  const decode = (body: readonly Buffer[]) => {
    const bytes = Buffer.concat(body)
    const event = decodeRowsHead(E.WRITE_ROWS, bytes, 0, bytes.length)
    if (event === null) throw new Error('no rows')
    decodeRows(event, table, new CellSlab(bytes), { row: () => {} })
  }
  expect(() => decode([...head, u8(0), u32(1), u32(2), u16(200)])).toThrow(/ev\.t is malformed/)
  expect(() => decode([u32(table.id), u16(0), u16(1), u16(2), u8(2), u8(3), u8(3)])).toThrow(
    /2 columns.*has 7/,
  )
})
