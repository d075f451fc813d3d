import { expect, test } from 'vitest'
import { NULL_CELL } from '#cdc'
import { ServerError } from '../../../../../connectors/mysql-cdc/server/failures.ts'
import { PacketInbox } from '../../../../../connectors/mysql-cdc/server/packet-inbox.ts'
import { ResultRows, type TextRows } from '../../../../../connectors/mysql-cdc/server/result-rows.ts'
import { eof, errorPacket, packet, resultHead, rowPacket } from './packets.ts'

function valuesOf({ chunk, first, rows, stride }: TextRows): (string | null)[][] {
  const { bytes, cells } = chunk
  return Array.from({ length: rows }, (_, row) =>
    Array.from({ length: stride / 2 }, (_, column) => {
      const at = first + row * stride + column * 2
      const [from, to] = [cells[at] as number, cells[at + 1] as number]
      return from === NULL_CELL ? null : bytes.toString('utf8', from, to)
    }),
  )
}

function readAll(result: ResultRows): (string | null)[][] {
  const values: (string | null)[][] = []
  for (let rows = result.take(); rows !== null; rows = result.take()) values.push(...valuesOf(rows))
  return values
}

test.each([1, 13, 4096, 65_536, 5_000_000])(
  'rows of all lengths of cells come as they are, in reads of %i bytes',
  (size) => {
    const long = size === 1 ? 300 : 70_000
    const sent = Array.from({ length: 50 }, (_, i) => [
      String(i),
      null,
      '',
      'ä'.repeat(i),
      'x'.repeat(250 + (i % 3)),
      i % 10 === 0 ? 'y'.repeat(long) : null,
    ])
    const stream = Buffer.concat([resultHead(6), ...sent.map(rowPacket), eof])
    const inbox = new PacketInbox()
    const result = new ResultRows(inbox)
    const values: (string | null)[][] = []
    for (let at = 0; at < stream.length; at += size) {
      expect(result.ended).toBe(false)
      inbox.receive(stream.subarray(at, at + size))
      values.push(...readAll(result))
    }
    expect(values).toEqual(sent)
    expect(result.ended).toBe(true)
  },
)

test('a row of more than 16 MiB, whose first byte is that of an EOF, is a row', () => {
  const value = 'z'.repeat(0x1000000 + 10)
  const inbox = new PacketInbox()
  inbox.receive(Buffer.concat([resultHead(2), rowPacket([value, 'next']), rowPacket(['a', 'b']), eof]))
  const result = new ResultRows(inbox)
  const values = readAll(result)
  expect(values.map((row) => row.map((cell) => cell?.length))).toEqual([
    [value.length, 4],
    [1, 1],
  ])
  expect(values[0]?.[0] === value).toBe(true)
  expect(result.ended).toBe(true)
})

test('a result without rows, and one of many columns', () => {
  const none = new PacketInbox()
  none.receive(Buffer.concat([resultHead(1), eof]))
  const empty = new ResultRows(none)
  expect([empty.take(), empty.ended]).toEqual([null, true])
  const many = new PacketInbox()
  const row = Array.from({ length: 700 }, (_, i) => String(i))
  many.receive(Buffer.concat([resultHead(700), rowPacket(row), eof]))
  expect(readAll(new ResultRows(many))).toEqual([row])
})

test.each([
  ['at once', Buffer.alloc(0)],
  ['between rows', Buffer.concat([resultHead(1), rowPacket(['1'])])],
])('an error of the server is its error, %s', (_when, before) => {
  const inbox = new PacketInbox()
  inbox.receive(Buffer.concat([before, errorPacket(1317, '70100', 'Query execution was interrupted')]))
  const result = new ResultRows(inbox)
  const failure = expect(() => readAll(result))
  failure.toThrow(ServerError)
  expect(result.ended).toBe(true)
})

test('the error has number, state and text', () => {
  const inbox = new PacketInbox()
  inbox.receive(errorPacket(1146, '42S02', "Table 'a.b' doesn't exist"))
  expect(() => new ResultRows(inbox).take()).toThrow(
    expect.objectContaining({
      errno: 1146,
      sqlState: '42S02',
      retriable: false,
      message: "The server refused a statement: Table 'a.b' doesn't exist (1146, 42S02).",
    }),
  )
})

test.each([
  ['too short', Buffer.from([3, 1, 2])],
  ['too long', Buffer.from([1, 1, 1, 1, 9])],
  ['without its length', Buffer.from([0xfd, 1])],
])('a row that is %s is refused', (_what, body) => {
  const inbox = new PacketInbox()
  inbox.receive(Buffer.concat([resultHead(2), packet(body)]))
  expect(() => new ResultRows(inbox).take()).toThrow('do not fill')
})
