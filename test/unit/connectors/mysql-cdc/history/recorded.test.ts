/** Schema changes and history records that Debezium wrote, made anew from their DDL. */
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import {
  applyStatements,
  Catalog,
  mariadbDialect,
  mysqlDialect,
  parseDdl,
} from '../../../../../connectors/mysql-cdc/ddl/index.ts'
import {
  type CaptureFilter,
  ddlFilter,
  defaultDdlFilter,
  HistoryRecovery,
  readHistoryRecord,
  schemaChangeRecord,
  schemaChanges,
  schemaChangeSchemas,
  tableChangeJson,
  writeHistoryRecord,
} from '../../../../../connectors/mysql-cdc/history/index.ts'
import { scalar, Struct, struct } from '../../../../../src/data/index.ts'
import { better } from './better.ts'

interface Recorded {
  readonly case: string
  readonly server: 'mysql' | 'mariadb'
  readonly comments: boolean
  readonly database: string
  readonly ddl: string
  readonly table: string | null
  readonly tableChanges: readonly unknown[]
}

const golden = (name: string) => readFileSync(new URL(`../../../../golden/ddl/${name}`, import.meta.url))
const lines = (text: string) => text.trim().split('\n')

const everything: CaptureFilter = {
  onlyTables: false,
  onlyDatabases: false,
  hasDatabase: () => true,
  hasTable: () => true,
}

const source = struct([['file', scalar('string')]])
const schemas = schemaChangeSchemas('mysql', source)

/** Structs as the converter shows them. */
function shown(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shown)
  if (!(value instanceof Struct)) return value
  return Object.fromEntries(value.schema.fields.map(({ name }, i) => [name, shown(value.values[i])]))
}

/** What of a record differs; a part of a statement that was divided tells less of its tables. */
function difference(record: Recorded, catalog: Catalog): string | null {
  const { server, database, ddl, comments } = record
  const dialect = server === 'mysql' ? mysqlDialect : mariadbDialect
  const session = { server, database, serverCharset: null, implicitTimestamps: false }
  const changes = applyStatements(catalog, parseDdl(ddl, dialect), session)
  const [change, ...others] = schemaChanges(ddl, database, changes, catalog, everything)
  if (change === undefined || others.length > 0) return 'not one record'
  if (change.ddl !== ddl || change.databaseName !== database) return `${change.databaseName}: ${change.ddl}`
  if (record.table?.includes(',') !== true && change.sourceTable !== record.table)
    return `table ${change.sourceTable}`
  const { value } = schemaChangeRecord(schemas, change, new Struct(source, ['f']), 1n, comments)
  return JSON.stringify(shown(value.values[5])) === JSON.stringify(record.tableChanges)
    ? null
    : 'table changes'
}

describe('recorded schema changes', () => {
  it('are made anew from their DDL, but for what is better', () => {
    const records = lines(gunzipSync(golden('recorded-changes.jsonl.gz')).toString()).map(
      (line) => JSON.parse(line) as Recorded,
    )
    expect(records.length).toBeGreaterThan(600)
    const catalogs = new Map<string, Catalog>()
    const found = records.flatMap((record) => {
      const catalog = catalogs.get(record.case) ?? new Catalog()
      catalogs.set(record.case, catalog)
      const what = difference(record, catalog)
      return what === null
        ? []
        : [`${record.case}: ${record.ddl.replaceAll(/\s+/g, ' ').slice(0, 60)}: ${what}`]
    })
    expect(found).toEqual(better)
  })
})

describe('recorded history', () => {
  const records = lines(golden('recorded-history.jsonl').toString()).map((line) => JSON.parse(line) as string)

  it('is written as it was read, byte for byte', () => {
    expect(records).toHaveLength(19)
    for (const record of records) expect(writeHistoryRecord(readHistoryRecord(record))).toBe(record)
  })

  it('is written from its DDL, byte for byte', () => {
    const catalog = new Catalog()
    for (const text of records) {
      const record = readHistoryRecord(text)
      const database = record.databaseName ?? ''
      const session = { server: 'mysql' as const, database, serverCharset: null, implicitTimestamps: false }
      const changes = applyStatements(catalog, parseDdl(record.ddl ?? '', mysqlDialect), session)
      const [change] = schemaChanges(record.ddl ?? '', database, changes, catalog, everything)
      const tableChanges = (change?.tableChanges ?? []).map((each) => tableChangeJson(each, false))
      expect(
        writeHistoryRecord({ ...record, databaseName: change?.databaseName ?? null, tableChanges }),
      ).toBe(text)
    }
  })

  it.each([false, true])('is recovered to the same tables by table changes and by DDL: %s', (prefersDdl) => {
    const recovery = new HistoryRecovery({
      server: 'mysql_schema_history',
      dialect: mysqlDialect,
      until: null,
      filter: ddlFilter(defaultDdlFilter),
      foldsCase: false,
      prefersDdl,
      skipUnparseable: null,
    })
    for (const record of records) recovery.apply(readHistoryRecord(record))
    const tables = [...recovery.finish().tables()]
    expect(recovery.applied).toBe(19)
    expect(
      tables.map(({ id, key, columns }) => [id.table, key, columns.map(({ name }) => name)]).sort(),
    ).toEqual([
      ['other', [], ['x']],
      ['t', ['id'], ['id', 'e', 'd', 'g', 's', 'ts', 'b', 'v', 'n']],
    ])
    const [, t] = tables.sort((a, b) => (a.id.table < b.id.table ? -1 : 1))
    expect(t?.columns.map((column) => column.default)).toEqual([
      null,
      { kind: 'text', text: 'a' },
      { kind: 'text', text: '1.50' },
      null,
      null,
      { kind: 'text', text: '1970-01-01 00:00:00' },
      { kind: 'bits', digits: '101' },
      null,
      { kind: 'text', text: 'ü' },
    ])
  })
})
