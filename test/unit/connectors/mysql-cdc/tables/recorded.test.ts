/**
 * The announced schemas of recorded cases, made from nothing but the statements of the snapshot and the binlog: what
 * Debezium announced for each row, but for what stands in better.ts of the column types.
 */
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { ByteBuffer } from '#bytes'
import { RowKey, type TableVersion } from '#cdc'
import { JsonWriter } from '../../../../../src/converters/json-writer.ts'
import { jsonFormat } from '../../../../../src/converters/json-format.ts'
import { better } from '../column-types/better.ts'
import { changesOf, eventsOf, golden, goldenLines } from '../golden.ts'
import type { RecordedLine } from '../recorded-records.ts'
import { schemaStage, type StageOptions } from './schema-stage.ts'

const cases: Readonly<Record<string, StageOptions>> = {
  'mysql-types-int': {},
  'mysql-types-float-decimal': { types: { bigintUnsigned: 'precise' } },
  'mysql-types-binary-bytes': {},
  'mysql-types-binary-base64url': { types: { binary: 'base64-url-safe' } },
  'mysql-types-charset': {},
  'mysql-types-enum-set': {},
  'mysql-types-json': {},
  'mysql-types-spatial-vector': {},
  'mysql-types-temporal': {},
  'mysql-zero-dates': {},
  'mysql-temporal-connect': { types: { times: 'connect' } },
  'mysql-temporal-isostring': { types: { times: 'isostring' } },
  'mysql-temporal-nanos': { types: { times: 'nanoseconds' } },
  'mysql-defaults': {},
  'mysql-row-image': {},
  'mariadb-types': { types: { bigintUnsigned: 'precise' } },
  'mariadb-charset-json': { types: { binary: 'hex', times: 'connect' } },
  'mariadb-defaults': {
    comments: true,
    capture: { 'column.propagate.source.type': 'mariadb_defaults.d2.*' },
  },
  'mysql-column-metadata': {
    comments: true,
    capture: {
      'column.propagate.source.type': String.raw`.*\.m\..*`,
      'datatype.propagate.source.type': String.raw`.+\.VARCHAR,.+\.DECIMAL,.+\.BIGINT UNSIGNED`,
    },
  },
}

/** Defaults of mysql-defaults as the server has them; Debezium cuts them, keeps their quotes or gives none. */
const betterDefaults: Readonly<Record<string, unknown>> = {
  'd_snap.c6': 'ünï😀',
  'd_str1.i11': 15,
  'd_str1.i12': 3,
  'd_str1.b3': '8A==',
  'd_str1.b4': 'BQA=',
  'd_str1.c4': 'dq"x\'y',
  'd_str1.c7b': 'nat',
  'd_str1.c15': 'abc',
  'd_str1.c16': 'A',
  'd_str1.c22': '1',
  'd_str1.bi3': 'AP8AAA==',
  'd_str1.bi4': '/wA=',
}

interface RecordedChange {
  readonly case: string
  readonly database: string
  readonly ddl: string
}

const changes = gunzipSync(
  readFileSync(new URL('../../../../golden/ddl/recorded-changes.jsonl.gz', import.meta.url)),
)
  .toString()
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as RecordedChange)

/** As snapshots write them. */
const ofSnapshot =
  /^(?:SET character_set|DROP TABLE IF EXISTS `|DROP DATABASE IF EXISTS `|CREATE DATABASE `|USE `|CREATE TABLE `[^`]+` \(\n)/

const writer = new JsonWriter(jsonFormat(false, true))
type Field = { readonly field: string; readonly default?: unknown }

/** But for its default, which is the better one. */
function isBetter(place: string, was: Field, is: Field | undefined): boolean {
  const rest = ({ default: _, ...others }: Field) => JSON.stringify(others)
  return is !== undefined && rest(was) === rest(is) && is.default === betterDefaults[place]
}

/** As the converter announces a row. */
function fieldsOf({ row }: TableVersion): readonly Field[] {
  const width = Math.max(0, ...row.columns.map(({ cell }) => cell + 1))
  const cells = new Int32Array(width * 2).fill(-1)
  const out = new ByteBuffer()
  writer.enveloped(new RowKey(row, { bytes: Buffer.alloc(0), cells }, 0), out)
  return JSON.parse(out.written().toString()).schema.fields
}

test.each(Object.entries(cases))('%s', async (name, options) => {
  const server = name.startsWith('mariadb') ? 'mariadb' : 'mysql'
  const { keeper, versions } = schemaStage({ ...options, server })
  const database = name.replaceAll('-', '_')
  const statements = changes.filter((change) => change.case === name && ofSnapshot.test(change.ddl))
  await keeper.snapshot(statements, {}, 0)
  const read = new Map<string, readonly Field[]>()
  for (const { id } of keeper.catalog.tables()) read.set(id.table, fieldsOf(versions.ofSnapshot(id).version))

  const streamed: { readonly table: string; readonly fields: readonly Field[] }[] = []
  for (const event of eventsOf(golden(`${name}.binlog`))) {
    if (event.kind === 'query') versions.forget((await keeper.ddl(event.query, {}, 0)).shaped)
    // Debezium passes over partial updates.
    if (event.kind !== 'rows' || event.rows.partial || event.table.schema !== database) continue
    const fields = fieldsOf(versions.ofLog(event.table) as TableVersion)
    for (const _ of changesOf(event)) streamed.push({ table: event.table.table, fields })
  }

  const differences: string[] = []
  for (const line of goldenLines<RecordedLine>(`${name}.expected.jsonl`)) {
    if ('tables' in line) continue
    const isRead = line.op === 'r'
    const change = isRead || (line.rekeyed && line.op !== 'c') ? streamed[0] : streamed.shift()
    const ours = isRead ? read.get(line.table) : change?.fields
    for (const field of line.fields as Field[]) {
      const found = ours?.find((each) => each.field === field.field)
      const [was, is] = [JSON.stringify(field), JSON.stringify(found)]
      const known =
        (name === 'mysql-defaults' && isBetter(`${line.table}.${field.field}`, field, found)) ||
        better.some(
          (each) =>
            each.case === name &&
            each.rows !== (isRead ? 'stream' : 'snapshot') &&
            each.field === `${line.table}.${field.field} schema` &&
            each.was === was &&
            each.is === is,
        )
      if (was !== is && !known) differences.push(`${line.op} ${line.table} ${was} ${is}`)
    }
    if (ours?.length !== line.fields.length)
      differences.push(`${line.op} ${line.table}: ${ours?.length} fields`)
  }
  expect([...new Set(differences)]).toEqual([])
  expect(streamed).toEqual([])
})
