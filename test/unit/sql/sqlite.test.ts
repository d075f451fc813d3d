import { expect, test } from 'vitest'
import { openSql, SqlError } from '#sql'

const login = { user: null, password: null }

test('values go through SQLite without loss', async () => {
  await using client = await openSql('jdbc:sqlite::memory:', login)
  const row = [9223372036854775807n, 0.1, 'ünï', Uint8Array.of(1, 2), null]
  await client.query('CREATE TABLE t (a INTEGER, b REAL, c TEXT, d BLOB, e TEXT)')
  expect((await client.query('INSERT INTO t VALUES (?,?,?,?,?)', row)).affected).toBe(1)
  const { columns, rows } = await client.query('SELECT * FROM t')
  expect(columns).toEqual(['a', 'b', 'c', 'd', 'e'])
  expect(rows).toEqual([row])
})

test('a failed transaction leaves nothing behind', async () => {
  await using client = await openSql('jdbc:sqlite::memory:', login)
  await client.query('CREATE TABLE t (a INTEGER PRIMARY KEY)')
  const twice = client.transaction(async () => {
    await client.queryMany('INSERT INTO t VALUES (?)', [[1n], [2n], [1n]])
  })
  await expect(twice).rejects.toThrow(SqlError)
  expect((await client.query('SELECT count(*) FROM t')).rows).toEqual([[0n]])
})

test('the definition of a table', async () => {
  await using client = await openSql('jdbc:sqlite::memory:', login)
  await client.query(
    'CREATE TABLE t (b TEXT NOT NULL, a INTEGER, c NUMERIC(5,2) DEFAULT 1, d AS (a + 1), PRIMARY KEY (b, a))',
  )
  const table = await client.table({ schema: null, table: 'T' })
  expect(table?.primaryKey).toEqual(['b', 'a'])
  expect(
    table?.columns.map(({ name, base, nullable, hasDefault, generated }) => [
      name,
      base,
      nullable,
      hasDefault,
      generated,
    ]),
  ).toEqual([
    ['b', 'text', false, false, false],
    ['a', 'integer', false, false, false],
    ['c', 'numeric', true, true, false],
    ['d', '', true, false, true],
  ])
  expect(await client.table({ schema: null, table: 'missing' })).toBeNull()
})

test('errors have a kind, and say whether trying again may help', async () => {
  await using client = await openSql('jdbc:sqlite::memory:', login)
  await client.query('CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT NOT NULL)')
  await client.query(`INSERT INTO t VALUES (1, 'x')`)
  const kindOf = async (sql: string): Promise<unknown> => {
    const error = await client.query(sql).catch((thrown: unknown) => thrown)
    return error instanceof SqlError ? [error.facts.kind, error.facts.column, error.retriable] : error
  }
  expect(await kindOf(`INSERT INTO t VALUES (1, 'y')`)).toEqual(['unique', 'a', false])
  expect(await kindOf('INSERT INTO t VALUES (2, NULL)')).toEqual(['not-null', 'b', false])
  expect(await kindOf('SELECT * FROM nowhere')).toEqual(['missing-table', null, false])
  expect(await kindOf('SELECT absent FROM t')).toEqual(['missing-column', null, false])
  expect(await kindOf('SELEC')).toEqual(['syntax', null, false])
})

test('parameters without meaning are named in a warning', async () => {
  const warnings: string[] = []
  await using client = await openSql('jdbc:sqlite::memory:?colour=red', {
    ...login,
    warn: (message) => warnings.push(message),
  })
  expect(client.engine).toBe('sqlite')
  expect(warnings).toEqual(["The parameter 'colour' of the connection URL is not known and has no effect."])
})
