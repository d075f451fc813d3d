/** Events as real servers write them, and those that they rarely do, made by hand. */
import { expect, test } from 'vitest'
import { eventType as E } from '../../../../../connectors/mysql-cdc/decode/event-types.ts'
import { DecodeError } from '../../../../../src/errors.ts'
import { eventsOf, golden } from '../golden.ts'
import { decoded, text, u8, u16, u32, u64 } from './event-bytes.ts'

const mysql = eventsOf(golden('mysql-events.binlog'))
const mariadb = eventsOf(golden('mariadb-events.binlog'))

test('a log file begins with its format', () => {
  expect(mysql[0]).toMatchObject({ kind: 'format', format: { checksum: true, mariadb: false } })
  expect(mariadb[0]).toMatchObject({ kind: 'format', format: { checksum: true, mariadb: true } })
  expect(eventsOf(golden('mysql-plain.binlog'))[0]).toMatchObject({
    kind: 'format',
    format: { checksum: false },
  })
})

test('a transaction of MySQL', () => {
  const at = mysql.findIndex(({ kind }) => kind === 'rowsQuery')
  const kinds = mysql.slice(at - 2, at + 4).map(({ kind }) => kind)
  expect(kinds).toEqual(['gtid', 'begin', 'rowsQuery', 'table', 'rows', 'commit'])
  expect(mysql[at]).toMatchObject({
    sql: "INSERT INTO t (id, n, c) VALUES (10, 10, 'ünï'), (11, NULL, NULL)",
  })
  expect(mysql[at - 2]).toMatchObject({ gtid: { tag: '', uuid: expect.stringMatching(/^[0-9a-f-]{36}$/) } })
})

test('a transaction of MariaDB begins with its GTID', () => {
  const at = mariadb.findIndex(({ kind }) => kind === 'mariadbGtid')
  const kinds = mariadb.slice(at, at + 5).map(({ kind }) => kind)
  expect(kinds).toEqual(['mariadbGtid', 'rowsQuery', 'table', 'rows', 'commit'])
  const gtids = mariadb.flatMap((event) => (event.kind === 'mariadbGtid' ? [event.gtid] : []))
  expect(gtids.map(({ domain }) => domain)).toContain(7)
  expect(gtids.filter(({ xa }) => xa === 'prepared')).toHaveLength(2)
  expect(gtids.filter(({ ddl, standalone }) => ddl && standalone)).toHaveLength(3)
})

test('GTIDs with tags', () => {
  const tagged = mysql.flatMap((event) => (event.kind === 'gtid' && event.gtid.tag !== '' ? [event] : []))
  expect(tagged.map(({ gtid }) => [gtid.tag, gtid.number])).toEqual([
    ['tagged_1', 1n],
    ['tagged_1', 2n],
  ])
  for (const { gtid, header } of tagged)
    expect(Math.floor((gtid.immediateCommit ?? 0) / 1e6)).toBe(header.timestamp)
  const uuid = tagged[0]?.gtid.uuid
  const [previous] = eventsOf(golden('mysql-after-tags.binlog')).filter(
    ({ kind }) => kind === 'previousGtids',
  )
  expect(previous?.kind === 'previousGtids' && `${previous.gtids}`).toMatch(
    new RegExp(`^${uuid}:1-\\d+:tagged_1:1-2$`),
  )
})

test('a transaction without GTID', () => {
  const [event] = eventsOf(golden('mysql-plain.binlog')).filter(({ kind }) => kind === 'gtid')
  expect(event).toMatchObject({ gtid: { uuid: null, number: 0n } })
})

test('XA transactions', () => {
  const prepared = mysql.flatMap((event) => (event.kind === 'xaPrepare' ? [event.xa] : []))
  expect(prepared.map((xa) => [`${xa.globalId}`, `${xa.branchId}`, xa.formatId, xa.onePhase])).toEqual([
    ['x1', 'branch', 7, false],
    ['x2', '', 1, false],
    ['x3', '', 1, true],
  ])
})

test('queries tell their session', () => {
  const queries = mysql.flatMap((event) => (event.kind === 'query' ? [event.query] : []))
  const table = queries.find(({ sql }) => sql.startsWith('CREATE TABLE z'))
  expect(table).toMatchObject({ schema: 'ev', session: { sqlMode: 0x100004n, charset: { client: 45 } } })
  expect(table?.sql).toContain("COMMENT 'été'")
  expect(queries.find(({ sql }) => sql.includes('EVENT e ON'))?.session.timeZone).toBe('+05:30')
})

test('what MariaDB compresses', () => {
  const compressed = mariadb.filter(
    ({ header }) => header.type >= E.MARIADB_QUERY_COMPRESSED && header.type <= 171,
  )
  expect(compressed.map(({ kind }) => kind)).toEqual(['rows', 'rows', 'rows', 'rows', 'query'])
  const [query] = compressed.filter(({ kind }) => kind === 'query')
  expect(query).toMatchObject({
    query: { sql: expect.stringMatching(/^CREATE TABLE comp .*compressing'\)$/) },
  })
})

test('the end of a file and the state of its beginning', () => {
  expect(mariadb.find(({ kind }) => kind === 'mariadbGtidList')).toMatchObject({
    gtids: expect.arrayContaining([expect.objectContaining({ domain: 0 })]),
  })
  expect(mariadb.find(({ kind }) => kind === 'checkpoint')).toMatchObject({
    file: expect.stringMatching(/^mariadb-bin/),
  })
  expect(mysql.at(-1)).toMatchObject({
    kind: 'rotate',
    rotate: { position: 4, file: expect.stringMatching(/^mysql-bin/) },
  })
})

test('heartbeats', () => {
  expect(decoded(E.HEARTBEAT, [text('bin.000007')], { nextPosition: 4711 })).toMatchObject({
    kind: 'heartbeat',
    heartbeat: { file: 'bin.000007', position: 4711 },
  })
  const position = Buffer.concat([u8(254), u64(5_000_000_000n)])
  const fields = [u8(1), u8(10), text('bin.000007'), u8(2), u8(9), position, u8(0)]
  expect(decoded(E.HEARTBEAT_V2, fields)).toMatchObject({
    heartbeat: { file: 'bin.000007', position: 5_000_000_000 },
  })
})

test('incidents, encryption, stops', () => {
  expect(decoded(E.INCIDENT, [u16(1), u8(4), text('lost')])).toMatchObject({
    incident: { code: 1, message: 'lost' },
  })
  expect(decoded(E.MARIADB_START_ENCRYPTION, [u8(1), u32(3), Buffer.alloc(12)])).toMatchObject({
    encryption: { scheme: 1, keyVersion: 3 },
  })
  expect(decoded(E.STOP, [])).toMatchObject({ kind: 'stop' })
})

/** A query event with its client's character set. */
function query(sql: Buffer, charset: number): readonly Buffer[] {
  const status = Buffer.concat([u8(0), u32(0), u8(4), u16(charset), u16(charset), u16(8)])
  return [u32(9), u32(0), u8(2), u16(0), u16(status.length), status, text('db'), u8(0), sql]
}

test('SQL in the character set of its client', () => {
  const latin1 = decoded(E.QUERY, query(Buffer.from("SELECT 'é'", 'latin1'), 8))
  expect(latin1).toMatchObject({ query: { threadId: 9, schema: 'db', sql: "SELECT 'é'" } })
  expect(decoded(E.QUERY, query(Buffer.from('955c', 'hex'), 13))).toMatchObject({ query: { sql: '表' } })
  expect(decoded(E.QUERY, query(text('BEGIN'), 45))).toMatchObject({ kind: 'begin', threadId: 9 })
  expect(decoded(E.QUERY, query(text('BEGINS'), 45))).toMatchObject({ kind: 'query' })
})

test('what is not known is refused by name, unless it may be ignored', () => {
  expect(() => decoded(18, [])).toThrow(/EXECUTE_LOAD_QUERY.*binlog_format=ROW/s)
  expect(() => decoded(99, [])).toThrow(/unknown type 99/)
  expect(() => decoded(20, [])).toThrow(/PRE_GA_WRITE_ROWS/)
  expect(decoded(99, [u8(1)], { flags: 0x80 })).toMatchObject({ kind: 'ignored' })
  expect(decoded(E.USER_VAR, [u8(1)])).toMatchObject({ kind: 'ignored' })
})

test('rows need their table, but for the event that ends a statement', () => {
  const rows = (id: number) => [u32(id), u16(0), u16(1), u16(2), u8(1), u8(1)]
  expect(() => decoded(E.WRITE_ROWS, rows(5))).toThrow(/number 5/)
  expect(decoded(E.WRITE_ROWS, rows(0xffffff))).toMatchObject({ kind: 'ignored' })
})

test('a wrong checksum is found', () => {
  const good = [u64(7n)]
  expect(decoded(E.XID, good, { checksum: true })).toMatchObject({ kind: 'commit', xid: 7n })
  const file = Buffer.from(golden('mysql-events.binlog'))
  const at = file.length - 12
  file[at] = (file[at] as number) ^ 1
  expect(() => eventsOf(file)).toThrow(/checksum of a binlog event ROTATE/)
})

test('the checksum of a file in use is that of the closed one', () => {
  const file = Buffer.from(golden('mysql-events.binlog'))
  file[4 + 17] = 1
  expect(eventsOf(file)[0]).toMatchObject({ kind: 'format', header: { flags: 1 } })
})

test('an event that is cut off', () => {
  expect(() => decoded(E.ROTATE, [u32(4)])).toThrow(DecodeError)
  expect(() => decoded(E.XID, [u32(4)])).toThrow(/XID is malformed: expected 8 bytes/)
})
