import { expect, test } from 'vitest'
import { ByteBuffer } from '#bytes'
import type { SnapshotMarker, TableVersion } from '#cdc'
import { materialize, type ValueWriter } from '#data'
import {
  PostgresSource,
  sourceIdentity,
  sourceNames,
  sourceSchema,
} from '../../../../connectors/postgres-cdc/source-block.ts'
import { jsonFormat } from '../../../../src/converters/json-format.ts'
import { JsonWriter } from '../../../../src/converters/json-writer.ts'

const identity = sourceIdentity('1', 'p', 'd')
const writer = new JsonWriter(jsonFormat(false, false))
const table = (name: string) => ({ names: sourceNames('s', name) }) as TableVersion
const [a, b] = [table('a'), table('b')]

function json(
  source: PostgresSource,
  of: TableVersion,
  lsn: number,
  snapshot: SnapshotMarker | null = null,
): string {
  const out = new ByteBuffer(1)
  const write = (to: ValueWriter) => source.write(to, of, lsn, snapshot)
  writer.payload({ schema: sourceSchema, write, value: () => null }, out)
  return out.written().toString()
}

const head = (millis: number, snapshot: string | null) =>
  `{"version":"1","connector":"postgresql","name":"p","ts_ms":${millis},"snapshot":${JSON.stringify(snapshot)},"db":"d",`

test('transactions, tables and markers one after the other', () => {
  const first = new PostgresSource(identity, 1_763_690_000_123_456, 4711, null)
  const second = new PostgresSource(identity, 1_763_690_000_123_999, 4712, 23_456_784)
  const middle = (micros: string, of: string) =>
    `"ts_us":${micros},"ts_ns":${micros}000,"schema":"s","table":"${of}",`
  const noOrigin = '"xmin":null,"origin":null,"origin_lsn":null}'
  expect(json(first, a, 99)).toBe(
    `${head(1_763_690_000_123, null)}"sequence":"[null,\\"99\\"]",${middle('1763690000123456', 'a')}"txId":4711,"lsn":99,${noOrigin}`,
  )
  for (const lsn of [100, 101])
    expect(json(second, b, lsn)).toBe(
      `${head(1_763_690_000_123, null)}"sequence":"[\\"23456784\\",\\"${lsn}\\"]",${middle('1763690000123999', 'b')}"txId":4712,"lsn":${lsn},${noOrigin}`,
    )
  expect(json(first, a, 102, 'last')).toContain('"snapshot":"last","db":"d","sequence":"[null,\\"102\\"]"')
  expect(json(second, a, 103)).toContain('"snapshot":null,"db":"d","sequence":"[\\"23456784\\",\\"103\\"]"')
})

test('what came from another server names it', () => {
  for (const lsn of [7n, 8n]) {
    const source = new PostgresSource(identity, 1000, 1, 2, { name: 'else"where', lsn })
    expect(json(source, a, 5)).toContain(`"xmin":null,"origin":"else\\"where","origin_lsn":${lsn}}`)
  }
})

test('before the first transaction there is no time', () => {
  const source = new PostgresSource(identity, 0, null, null)
  expect(json(source, a, 5)).toContain('"ts_us":0,"ts_ns":0,"schema":"s","table":"a","txId":null,"lsn":5,')
  const write = (to: ValueWriter) => source.write(to, a, 5, null)
  expect(materialize({ schema: sourceSchema, write, value: () => null })).toMatchObject({
    values: [
      '1',
      'postgresql',
      'p',
      0n,
      null,
      'd',
      '[null,"5"]',
      0n,
      0n,
      's',
      'a',
      null,
      5n,
      null,
      null,
      null,
    ],
  })
})
