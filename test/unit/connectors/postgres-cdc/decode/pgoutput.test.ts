import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { NO_ROW, NULL_CELL, UNAVAILABLE_CELL } from '#cdc'
import { DecodeError } from '#errors'
import { CellSlab } from '#cdc'
import {
  decodeMessage,
  type PgoutputHandler,
} from '../../../../../connectors/postgres-cdc/decode/pgoutput.ts'
import { type Cell, message, unchanged } from './pgoutput-bytes.ts'

/** Writes down every call, with rows read back as cells. */
function recorder(slab: CellSlab): { calls: unknown[]; handler: PgoutputHandler } {
  const calls: unknown[] = []
  const row = (at: number, columns: number): Cell[] | null => {
    if (at === NO_ROW) return null
    return Array.from({ length: columns }, (_, i) => {
      const [from, to] = slab.cells.subarray(at + 2 * i, at + 2 * i + 2) as unknown as [number, number]
      if (from === NULL_CELL) return null
      return from === UNAVAILABLE_CELL ? unchanged : slab.bytes.toString('utf8', from, to)
    })
  }
  const handler: PgoutputHandler = {
    begin: (begin) => calls.push(['begin', begin]),
    commit: (commit) => calls.push(['commit', commit]),
    origin: (lsn, name) => calls.push(['origin', lsn, name]),
    relation: (relation) => calls.push(['relation', relation]),
    type: (oid, schema, name) => calls.push(['type', oid, schema, name]),
    insert: (relation, after, columns) => calls.push(['insert', relation, row(after, columns)]),
    update: (relation, old, before, after, columns) =>
      calls.push(['update', relation, old, row(before, columns), row(after, columns)]),
    delete: (relation, old, before, columns) => calls.push(['delete', relation, old, row(before, columns)]),
    truncate: (truncate) => calls.push(['truncate', truncate]),
    message: (logical) => calls.push(['message', { ...logical, content: logical.content.toString() }]),
  }
  return { calls, handler }
}

/** Decodes messages that stand in the middle of a larger chunk. */
function decode(...messages: readonly Buffer[]): unknown[] {
  const padding = Buffer.alloc(3, 0xff)
  const slab = new CellSlab(Buffer.concat([padding, ...messages, padding]), 1)
  const { calls, handler } = recorder(slab)
  let at = padding.length
  for (const bytes of messages) decodeMessage(slab, at, (at += bytes.length), handler)
  return calls
}

const samples: Record<string, Buffer> = {
  begin: message('B').int64(0x16b374d848n).int64(0n).int32(-1).done(),
  commit: message('C').uint8(0).int64(1n).int64(-1n).int64(757382400000001n).done(),
  origin: message('O').int64(7n).text('elsewhere').done(),
  relation: message('R')
    .int32(16385)
    .text('public')
    .text('naïve table')
    .letter('d')
    .uint16(2)
    .uint8(1)
    .text('id')
    .int32(23)
    .int32(-1)
    .uint8(0)
    .text('数')
    .int32(1700)
    .int32(327686)
    .done(),
  type: message('Y').int32(16390).text('public').text('mood').done(),
  insert: message('I').int32(16385).tuple('N', ['1', '', null, 'é']).done(),
  update: message('U').int32(16385).tuple('N', ['1', unchanged]).done(),
  updateKey: message('U').int32(16385).tuple('K', ['1', null]).tuple('N', ['2', unchanged]).done(),
  updateFull: message('U').int32(16385).tuple('O', ['1', 'old']).tuple('N', ['1', 'new']).done(),
  delete: message('D').int32(16385).tuple('K', ['1', null]).done(),
  deleteFull: message('D').int32(-2).tuple('O', ['1', 'old']).done(),
  truncate: message('T').int32(2).uint8(3).int32(16385).int32(16386).done(),
  message: message('M').uint8(1).int64(9n).text('pfx').int32(5).letter('hello').done(),
}

const sample = (name: string): Buffer => samples[name] as Buffer

describe('decodeMessage', () => {
  test.each([
    ['begin', ['begin', { finalLsn: 0x16b374d848n, commitTime: 946684800000000, transactionId: 4294967295 }]],
    ['commit', ['commit', { lsn: 1n, endLsn: 0xffffffffffffffffn, commitTime: 1704067200000001 }]],
    ['origin', ['origin', 7n, 'elsewhere']],
    [
      'relation',
      [
        'relation',
        {
          oid: 16385,
          schema: 'public',
          name: 'naïve table',
          identity: 'd',
          columns: [
            { name: 'id', typeOid: 23, typeModifier: -1, key: true },
            { name: '数', typeOid: 1700, typeModifier: 327686, key: false },
          ],
        },
      ],
    ],
    ['type', ['type', 16390, 'public', 'mood']],
    ['insert', ['insert', 16385, ['1', '', null, 'é']]],
    ['update', ['update', 16385, null, null, ['1', unchanged]]],
    ['updateKey', ['update', 16385, 'K', ['1', null], ['2', unchanged]]],
    ['updateFull', ['update', 16385, 'O', ['1', 'old'], ['1', 'new']]],
    ['delete', ['delete', 16385, 'K', ['1', null]]],
    ['deleteFull', ['delete', 4294967294, 'O', ['1', 'old']]],
    ['truncate', ['truncate', { relations: [16385, 16386], cascade: true, restartIdentity: true }]],
    ['message', ['message', { transactional: true, lsn: 9n, prefix: 'pfx', content: 'hello' }]],
  ])('%s', (name, call) => {
    expect(decode(sample(name))).toEqual([call])
  })

  test('rows of one chunk stay where they are while the slab grows', () => {
    const rows = Array.from({ length: 300 }, (_, i) => [`${i}`, null, 'x'.repeat(i % 7)])
    const calls = decode(...rows.map((cells) => message('I').int32(1).tuple('N', cells).done()))
    expect(calls).toEqual(rows.map((cells) => ['insert', 1, cells]))
  })

  test('a table without columns has empty rows', () => {
    expect(decode(message('I').int32(1).tuple('N', []).done())).toEqual([['insert', 1, []]])
  })

  test('every message cut short is a DecodeError that names it, and nothing is delivered', () => {
    for (const bytes of Object.values(samples)) {
      const tag = bytes.toString('latin1', 0, 1)
      for (let length = 1; length < bytes.length; length++) {
        const slab = new CellSlab(bytes)
        const { calls, handler } = recorder(slab)
        expect(() => decodeMessage(slab, 0, length, handler)).toThrow(`pgoutput message ${tag} is malformed`)
        expect(calls).toEqual([])
      }
    }
  })

  test('every message with a byte too many is a DecodeError', () => {
    for (const bytes of Object.values(samples))
      expect(() => decode(Buffer.concat([bytes, Buffer.alloc(1)]))).toThrow(DecodeError)
  })

  test('whatever bytes come, only a DecodeError is thrown, and cells lie within the message', () => {
    let seed = 42
    const random = (below: number) => (seed = (seed * 1103515245 + 12345) % 2147483648) % below
    const originals = Object.values(samples)
    let refused = 0
    for (let round = 0; round < 20_000; round++) {
      const bytes = Buffer.from(originals[round % originals.length] as Buffer)
      for (let changes = 1 + random(3); changes > 0; changes--) bytes[random(bytes.length)] = random(256)
      const slab = new CellSlab(bytes)
      const { handler } = recorder(slab)
      try {
        decodeMessage(slab, 0, bytes.length, handler)
        expect(Math.max(...slab.cells)).toBeLessThanOrEqual(bytes.length)
      } catch (error) {
        refused++
        expect(error).toBeInstanceOf(DecodeError)
      }
    }
    expect(refused).toBeGreaterThan(5000)
  })

  test.each([...'SEcAbPKrp'])('%s was not asked for', (tag) => {
    expect(() => decode(message(tag).int32(1).done())).toThrow(/streamed or prepared .* slot\.stream\.params/)
  })

  test('unknown and empty messages', () => {
    expect(() => decode(message('Z').done())).toThrow('unknown kind Z')
    expect(() => decode(Buffer.from([0]))).toThrow('unknown kind 0x0')
    expect(() => decode(Buffer.alloc(0))).toThrow('empty message')
  })

  test('the error says where', () => {
    const bytes = message('I').int32(1).tuple('N', ['a', 'b']).done()
    bytes[8] = 0x78
    expect(() => decode(bytes)).toThrow(
      'pgoutput message I is malformed: expected a cell of kind n, u or t at byte 8.',
    )
  })

  test('the name of pg_catalog comes empty', () => {
    const bytes = message('R').int32(1).text('').text('pg_x').letter('n').uint16(0).done()
    expect(decode(bytes)).toMatchObject([['relation', { schema: 'pg_catalog', identity: 'n', columns: [] }]])
  })
})

/** What a real server sent: per message a 4-byte length, then its bytes. */
function captured(): Buffer[] {
  const bytes = readFileSync(new URL('../../../../golden/pgoutput/orders.bin', import.meta.url))
  const messages: Buffer[] = []
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at)
    messages.push(bytes.subarray(at + 4, at + 4 + length))
    at += 4 + length
  }
  return messages
}

describe('captured messages', () => {
  const messages = captured()
  const calls = decode(...messages) as unknown[][]

  test('each becomes one call of its kind', () => {
    const kinds: Record<string, string> = {
      B: 'begin',
      C: 'commit',
      R: 'relation',
      I: 'insert',
      U: 'update',
      D: 'delete',
    }
    expect(calls.map(([kind]) => kind)).toEqual(
      messages.map((bytes) => kinds[bytes.toString('latin1', 0, 1)]),
    )
    expect(new Set(calls.map(([kind]) => kind))).toEqual(new Set(Object.values(kinds)))
  })

  test('the relation, its first row, and full old images', () => {
    const relation = calls.find(([kind]) => kind === 'relation')?.[1]
    expect(relation).toMatchObject({ schema: 'public', name: 'orders', identity: 'f' })
    const insert = calls.find(([kind]) => kind === 'insert') as [string, number, string[]]
    expect(insert[2].slice(0, 3)).toEqual(['1', '1000003', 'Grüße Nr. 1'])
    for (const [kind, , old, before] of calls)
      if (kind === 'update') expect([old, (before as Cell[]).length]).toEqual(['O', insert[2].length])
  })

  test('every one of them cut anywhere is refused', () => {
    for (const bytes of messages.slice(0, 40))
      for (let length = 0; length < bytes.length; length++)
        expect(() => decode(bytes.subarray(0, length))).toThrow(DecodeError)
  })
})
