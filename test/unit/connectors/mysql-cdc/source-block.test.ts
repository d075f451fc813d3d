/** The `source` block: the same bytes as a pattern and as a struct, whatever changes between two rows. */
import { expect, test } from 'vitest'
import { ByteBuffer } from '#bytes'
import { type SnapshotMarker, tableVersion } from '#cdc'
import { type Datum, materialize, struct, scalar, type ValueWriter } from '#data'
import {
  gtidText,
  MysqlSource,
  sourceGtid,
  sourceIdentity,
  sourceNames,
  type SourceOrigin,
  sourceSchema,
  sourceStruct,
} from '../../../../connectors/mysql-cdc/source-block.ts'
import { jsonFormat } from '../../../../src/converters/json-format.ts'
import { JsonWriter } from '../../../../src/converters/json-writer.ts'

const writer = new JsonWriter(jsonFormat(false, false))
const identity = sourceIdentity('mysql', '1.0', 'p')
const id = {
  name: 'id',
  cell: 0,
  type: { schema: scalar('int32'), read: () => {}, fallback: 0, unavailable: null },
}
const table = tableVersion({
  ...{ topic: 'p.d.t', database: 'd', schemaName: 'd', table: 't', columns: [id], key: null },
  source: sourceSchema('mysql'),
  names: sourceNames('d', 't'),
})

const origin: SourceOrigin = {
  ...{
    time: 1_795_209_776_625_362,
    serverId: 98,
    gtid: sourceGtid('uuid:', 2152n),
    file: 'b.000001',
    thread: 681,
  },
}

function datumOf(source: MysqlSource, row: number, snapshot: SnapshotMarker | null): Datum {
  const write = (to: ValueWriter) => source.write(to, table, row, snapshot)
  const datum: Datum = { schema: sourceSchema('mysql'), write, value: () => materialize(datum) }
  return datum
}

function json(datum: Datum): string {
  const out = new ByteBuffer(64)
  writer.payload(datum, out)
  return out.written().toString()
}

test('has all that Debezium tells', () => {
  expect(json(datumOf(new MysqlSource(identity, origin, 1_301_873), 0, null))).toBe(
    '{"version":"1.0","connector":"mysql","name":"p","ts_ms":1795209776625,"snapshot":null,"db":"d","sequence":null,' +
      '"ts_us":1795209776625362,"ts_ns":1795209776625362000,"table":"t","server_id":98,"gtid":"uuid:2152",' +
      '"file":"b.000001","pos":1301873,"row":0,"thread":681,"query":null}',
  )
})

test('pattern and struct agree, from row to row and from form to form', () => {
  const origins = [
    origin,
    { ...origin, gtid: null, thread: null },
    { ...origin, gtid: sourceGtid('uuid:tag:', 2n ** 62n), thread: 0 },
    { ...origin, file: 'b.000002', serverId: 0 },
  ]
  for (const each of [...origins, ...origins])
    for (const [pos, row, snapshot] of [
      [4, 0, null],
      [4, 9, null],
      [4, 10, null],
      [2 ** 33, 0, 'last'],
      [2 ** 33 + 1, 1234, null],
    ] as const) {
      const datum = datumOf(new MysqlSource(identity, each, pos), row, snapshot)
      const tables = { database: 'd', table: 't' }
      const expected = sourceStruct(identity, each, { pos, row }, tables, snapshot)
      expect(datum.value()).toEqual(expected)
      const parsed = JSON.parse(json(datum))
      expect([parsed.pos, parsed.row, parsed.thread, parsed.snapshot]).toEqual([
        pos,
        row,
        each.thread,
        snapshot,
      ])
      expect(parsed.gtid).toBe(each.gtid === null ? null : gtidText(each.gtid))
    }
})

test('tells the statement where there is one', () => {
  const text = "INSERT INTO t VALUES ('ü')"
  expect(JSON.parse(json(datumOf(new MysqlSource(identity, origin, 4, text), 3, null))).query).toBe(text)
})

test('its schema is named after the server', () => {
  expect(sourceSchema('mariadb').name).toBe('io.debezium.connector.mariadb.Source')
  expect(
    struct(sourceSchema('mariadb').fields.map(({ name, schema }) => [name, schema] as const)).fields,
  ).toEqual(sourceSchema('mysql').fields)
})
