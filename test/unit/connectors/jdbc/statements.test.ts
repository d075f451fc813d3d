/** SQL text per dialect: the golden form of each statement. */
import { scalar } from '#data'
import { openSql, type SqlClient, type TableDefinition } from '#sql'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { distinctByKey } from '../../../../connectors/jdbc/dialects/distinct.ts'
import type { Batch, TargetColumn, WriteMode } from '../../../../connectors/jdbc/dialects/dialect.ts'
import {
  insertHead,
  insertTail,
  matches,
  rowText,
  updateText,
} from '../../../../connectors/jdbc/dialects/mysql-statement.ts'
import {
  batchStatement,
  hasExactKeys,
  rowStatement,
} from '../../../../connectors/jdbc/dialects/postgres-statement.ts'
import { sqliteStatement } from '../../../../connectors/jdbc/dialects/sqlite.ts'
import { connectType } from '../../../support/jdbc/records.ts'

let client: SqlClient
beforeAll(async () => {
  client = await openSql('jdbc:sqlite::memory:', { user: null, password: null })
})
afterAll(() => client[Symbol.asyncDispose]())

const table: TableDefinition = {
  name: { schema: 'public', table: 'a"b' },
  kind: 'TABLE',
  columns: [],
  primaryKey: ['id'],
}

function column(name: string, base: string, schema = scalar('string'), key = false): TargetColumn {
  return { wanted: { name, schema, key }, name, base, bind: String }
}

function batch(mode: WriteMode, columns: readonly TargetColumn[], keys: number): Batch {
  return { mode, table, columns, keys, rows: [] }
}

const id = column('id', 'integer', scalar('int32'), true)
const name = column('name', 'text')
const tags = column('tags', 'text[]')
const t = '"public"."a""b"'

test.each([
  [
    'insert',
    `INSERT INTO ${t}("id","name","tags") SELECT c1,c2,c3::text[] FROM unnest($1::integer[],$2::text[],$3::text[]) AS r(c1,c2,c3)`,
  ],
  [
    'upsert',
    `INSERT INTO ${t}("id","name","tags") SELECT c1,c2,c3::text[] FROM unnest($1::integer[],$2::text[],$3::text[]) AS r(c1,c2,c3) ON CONFLICT ("id") DO UPDATE SET "name"=EXCLUDED."name","tags"=EXCLUDED."tags"`,
  ],
  [
    'update',
    `UPDATE ${t} AS t SET "name"=r.c2,"tags"=r.c3::text[] FROM unnest($1::integer[],$2::text[],$3::text[]) AS r(c1,c2,c3) WHERE t."id"=r.c1`,
  ],
] as const)('PostgreSQL %s', (mode, sql) => {
  expect(batchStatement(client, t, batch(mode, [id, name, tags], 1)).sql).toBe(sql)
})

test('PostgreSQL delete, key-only upsert and single rows', () => {
  expect(batchStatement(client, t, batch('delete', [id], 1)).sql).toBe(
    `DELETE FROM ${t} AS t USING unnest($1::integer[]) AS r(c1) WHERE t."id"=r.c1`,
  )
  expect(batchStatement(client, t, batch('upsert', [id], 1)).sql).toMatch(/ON CONFLICT \("id"\) DO NOTHING$/)
  expect(rowStatement(client, t, batch('upsert', [id, name], 1)).sql).toBe(
    `INSERT INTO ${t}("id","name") VALUES ($1::integer,$2::text) ON CONFLICT ("id") DO UPDATE SET "name"=EXCLUDED."name"`,
  )
  expect(rowStatement(client, t, batch('update', [id, name], 1)).sql).toBe(
    `UPDATE ${t} SET "name"=$2::text WHERE "id"=$1::integer`,
  )
})

test('a decimal goes into an integer column as a number, to be rounded and not refused', () => {
  const amount = column('amount', 'integer', scalar('bytes', connectType('Decimal', { scale: '2' })))
  expect(batchStatement(client, t, batch('insert', [amount], 0)).sql).toContain('$1::numeric[]')
})

test('an identity column that is always generated is overridden', () => {
  const identity = {
    name: 'id',
    type: 'integer',
    base: 'integer',
    nullable: false,
    hasDefault: true,
    generated: false,
    alwaysIdentity: true,
  }
  const sql = batchStatement(client, t, {
    ...batch('insert', [id], 1),
    table: { ...table, columns: [identity] },
  }).sql
  expect(sql).toMatch(/^INSERT INTO "public"."a""b"\("id"\) OVERRIDING SYSTEM VALUE SELECT/)
})

test('keys whose equality the texts do not tell are written row by row', () => {
  expect(hasExactKeys(batch('upsert', [id, name], 1))).toBe(true)
  expect(hasExactKeys(batch('upsert', [column('k', 'citext')], 1))).toBe(false)
  expect(hasExactKeys(batch('upsert', [column('k', 'character')], 1))).toBe(false)
  expect(hasExactKeys(batch('upsert', [column('k', 'numeric')], 1))).toBe(false)
})

test('the last row of each key stays, in order', () => {
  expect(
    distinctByKey(
      [
        ['1', 'a'],
        ['2', 'b'],
        ['1', 'c'],
      ],
      1,
    ),
  ).toEqual([
    ['2', 'b'],
    ['1', 'c'],
  ])
  expect(
    distinctByKey(
      [
        ['a', 'bc', 1n],
        ['ab', 'c', 2n],
        ['a', 'bc', 3n],
      ],
      2,
    ),
  ).toEqual([
    ['ab', 'c', 2n],
    ['a', 'bc', 3n],
  ])
})

const server = (engine: 'mysql' | 'mariadb', major: number, minor: number, patch: number) =>
  ({
    engine,
    version: { text: '', major, minor, patch },
    quote: (text: string) => `\`${text}\``,
    literal: (value: unknown) => (value === null ? 'NULL' : `'${value}'`),
  }) as unknown as SqlClient

test.each([
  [server('mysql', 9, 7, 0), ' AS new ON DUPLICATE KEY UPDATE `name`=new.`name`'],
  [server('mysql', 8, 0, 20), ' AS new ON DUPLICATE KEY UPDATE `name`=new.`name`'],
  [server('mysql', 8, 0, 19), ' ON DUPLICATE KEY UPDATE `name`=VALUES(`name`)'],
  [server('mariadb', 10, 11, 0), ' ON DUPLICATE KEY UPDATE `name`=VALUES(`name`)'],
])('MySQL upsert of version %#', (mysql, tail) => {
  expect(insertTail(mysql, batch('upsert', [id, name], 1))).toBe(tail)
})

test('MySQL statements', () => {
  const mysql = server('mysql', 8, 4, 0)
  expect(insertHead(mysql, '`t`', batch('insert', [id, name], 1))).toBe(
    'INSERT INTO `t` (`id`,`name`) VALUES ',
  )
  expect(rowText(mysql, ['1', null])).toBe(`('1',NULL)`)
  expect(matches(mysql, batch('delete', [id], 1))).toBe('`id`')
  expect(matches(mysql, batch('delete', [id, name], 2))).toBe('(`id`,`name`)')
  expect(updateText(mysql, '`t`', batch('update', [id, name], 1), ['1', 'x'])).toBe(
    "UPDATE `t` SET `name`='x' WHERE `id`='1'",
  )
  expect(insertTail(mysql, batch('upsert', [id], 1))).toBe(' AS new ON DUPLICATE KEY UPDATE `id`=new.`id`')
})

test.each([
  ['insert', `INSERT INTO ${t}("id","name") VALUES (?,?)`],
  [
    'upsert',
    `INSERT INTO ${t}("id","name") VALUES (?,?) ON CONFLICT("id") DO UPDATE SET "name"=excluded."name"`,
  ],
  ['update', `UPDATE ${t} SET "name"=? WHERE "id"=?`],
  ['delete', `DELETE FROM ${t} WHERE "id"=?`],
] as const)('SQLite %s', (mode, sql) => {
  expect(sqliteStatement(client, batch(mode, [id, name], 1))).toBe(sql)
})
