import { describe, expect, it } from 'vitest'
import {
  type HistoryPosition,
  logOrder,
  positionOrder,
} from '../../../../../connectors/mysql-cdc/history/index.ts'

const uuid = '0cb69022-e526-11f1-9598-02fc00000001'
const other = '1cb69022-e526-11f1-9598-02fc00000002'

function isBefore(
  recorded: HistoryPosition,
  wanted: HistoryPosition,
  server: 'mysql' | 'mariadb' = 'mysql',
): boolean {
  return positionOrder(server, wanted).isAtOrBefore(recorded)
}

const at = (file: string, pos: number, more: HistoryPosition = {}): HistoryPosition => ({
  file,
  pos,
  server_id: 1,
  ...more,
})

describe('files and positions of one server', () => {
  it.each([
    [at('b.000001', 9), at('b.000002', 4), true],
    [at('b.000002', 4), at('b.000001', 9), false],
    [at('b.999999', 9), at('b.1000000', 4), true],
    [at('b.000001', 4), at('b.000001', 5), true],
    [at('b.000001', 6), at('b.000001', 5), false],
    [at('b.000001', 5), at('b.000001', 5), true],
    [at('b.000001', 5, { event: 2 }), at('b.000001', 5), false],
    [at('b.000001', 5, { event: 2 }), at('b.000001', 5, { event: 2, row: 0 }), true],
    [at('b.000001', 5, { row: 1 }), at('b.000001', 5), false],
  ])('%o, %o: %s', (recorded, wanted, expected) => {
    expect(isBefore(recorded, wanted)).toBe(expected)
  })

  it('tell nothing of another server: a snapshot has no server', () => {
    expect(isBefore({ file: 'x.000009', pos: 9, snapshot: 'INITIAL' }, at('b.000001', 4))).toBe(true)
  })

  it('count whoever wrote the statement first, and behind a snapshot, which has no server', () => {
    expect(isBefore(at('b.000001', 9, { server_id: 7 }), at('b.000001', 4))).toBe(false)
    expect(isBefore(at('b.000001', 9), { file: 'b.000001', pos: 4 })).toBe(false)
    expect(isBefore({ file: 'b.000001', pos: 4, snapshot: 'INITIAL' }, at('b.000001', 4))).toBe(true)
  })

  it('of another log are refused', () => {
    expect(() => isBefore(at('x.000001', 4), at('b.000001', 4))).toThrow(
      'x.000001, which cannot be compared with b.000001',
    )
    expect(() => isBefore(at('b', 4), at('b.000001', 4))).toThrow("'b' is not the name of a binary log")
  })
})

describe('offsets that begin before what was read', () => {
  const begin = { file: 'b.000001', pos: 100 }

  it('count as far as the log was read', () => {
    const wanted = { ...begin, read_file: 'b.000001', read_pos: 500 }
    expect(isBefore({ ...begin, read_file: 'b.000001', read_pos: 400 }, wanted)).toBe(true)
    expect(isBefore({ ...begin, read_file: 'b.000001', read_pos: 600 }, wanted)).toBe(false)
    expect(isBefore({ file: 'b.000001', pos: 500 }, wanted)).toBe(true)
    expect(logOrder('b.000001', 450).isAtOrBefore(wanted)).toBe(false)
  })

  it('with the transactions that were executed there', () => {
    const wanted = { ...begin, gtids: '0-1-5', read_file: 'b.000001', read_pos: 500, read_gtids: '0-1-9' }
    expect(isBefore({ gtids: '0-1-8' }, wanted, 'mariadb')).toBe(true)
    expect(isBefore({ gtids: '0-1-10' }, wanted, 'mariadb')).toBe(false)
  })

  it('within a compressed transaction', () => {
    const gtids = `${uuid}:1-9`
    expect(isBefore({ gtids }, { ...begin, gtids, read_event: 3 })).toBe(true)
    expect(isBefore({ gtids }, { ...begin, gtids, read_row: 3 })).toBe(false)
  })
})

describe('GTIDs', () => {
  it.each([
    [`${uuid}:1-5`, `${uuid}:1-9`, true],
    [`${uuid}:1-9`, `${uuid}:1-9`, false],
    [`${uuid}:1-10`, `${uuid}:1-9`, false],
    [`${uuid}:1-5,${other}:1`, `${uuid}:1-9`, false],
    [null, `${uuid}:1-9`, true],
    [`${uuid}:1-5`, null, false],
  ])('%s, %s: %s', (recorded, wanted, expected) => {
    const position = (gtids: string | null) =>
      gtids === null ? at('b.000001', 4) : at('b.000001', 4, { gtids })
    expect(isBefore(position(recorded), position(wanted))).toBe(expected)
  })

  it('of the same transactions: a snapshot goes before what follows it, and events in their order', () => {
    const gtids = `${uuid}:1-9`
    expect(isBefore({ gtids }, { gtids, snapshot: 'INITIAL' })).toBe(false)
    expect(isBefore({ gtids, snapshot: 'INITIAL' }, { gtids })).toBe(true)
    expect(isBefore({ gtids, event: 3 }, { gtids, event: 2 })).toBe(false)
    expect(isBefore({ gtids, event: 2 }, { gtids, event: 2 })).toBe(true)
    expect(isBefore({ gtids }, { gtids, event: 2 })).toBe(true)
    // It was recorded and the position was not stored: it comes again.
    expect(isBefore({ gtids, pos: 200 }, { gtids, pos: 100 })).toBe(false)
  })

  it('of sources that are left out do not count', () => {
    const order = positionOrder('mysql', { gtids: `${uuid}:1-9` }, (source) => source === uuid)
    expect(order.isAtOrBefore({ gtids: `${uuid}:1-5,${other}:1` })).toBe(true)
  })

  it('of MariaDB are one per domain', () => {
    expect(isBefore({ gtids: '0-1-5' }, { gtids: '0-1-9,1-1-3' }, 'mariadb')).toBe(true)
    expect(isBefore({ gtids: '0-2-10' }, { gtids: '0-1-9' }, 'mariadb')).toBe(false)
    expect(isBefore({ gtids: '1-1-1' }, { gtids: '0-1-9' }, 'mariadb')).toBe(false)
    expect(isBefore({ gtids: '0-1-9', event: 1 }, { gtids: '0-1-9' }, 'mariadb')).toBe(false)
  })
})

describe('a place in the logs', () => {
  it.each([
    [{ file: 'b.000001', pos: 9, gtids: `${uuid}:1-5`, server_id: 7 }, true],
    [{ file: 'b.000002', pos: 4, gtids: `${uuid}:1-5`, snapshot: 'INITIAL' }, true],
    [{ file: 'b.000002', pos: 5 }, false],
    [{ file: 'b.000003', pos: 4 }, false],
  ])('%o: %s', (recorded, expected) => {
    expect(logOrder('b.000002', 4).isAtOrBefore(recorded)).toBe(expected)
  })
})
