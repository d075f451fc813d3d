/** What statements do to the catalog and the history, and what is recovered of it. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { QuerySession } from '../../../../connectors/mysql-cdc/decode/query.ts'
import {
  type HistoryPosition,
  type HistoryRecord,
  positionOrder,
  readHistoryRecord,
  writeHistoryRecord,
} from '../../../../connectors/mysql-cdc/history/index.ts'
import { MemoryHistoryStore } from '../../../../connectors/mysql-cdc/history/memory-store.ts'
import { injectedChanges } from '../../../../connectors/mysql-cdc/incremental/injected-changes.ts'
import { SignalProblem } from '#cdc'
import { schemaStage, type StageOptions } from './tables/schema-stage.ts'

const session: QuerySession = {
  ...{ sqlMode: 0n, charset: null, databaseCollation: null, defaultUtf8mb4Collation: null },
  ...{ timeZone: null, microseconds: null, explicitDefaultsForTimestamp: true, xid: null },
}
const at = (pos: number): HistoryPosition => ({ file: 'binlog.000002', pos })

function stageOf(options: StageOptions = {}) {
  const stage = schemaStage(options)
  const run = (sql: string, pos = 100, more: Partial<QuerySession> = {}) =>
    stage.keeper.ddl({ sql, schema: 'shop', session: { ...session, ...more } }, at(pos), 7)
  const records = async () => {
    const found: HistoryRecord[] = []
    for await (const batch of stage.store.records()) found.push(...batch)
    return found
  }
  const columns = (table: string) =>
    stage.keeper.catalog.get({ database: 'shop', table })?.columns.map(({ name }) => name) ?? null
  return { ...stage, run, records, columns }
}

describe('a statement of the log', () => {
  test('is in the history when it is told', async () => {
    const { run, records, columns } = stageOf()
    const outcome = await run('CREATE TABLE t (id INT PRIMARY KEY)', 120)
    expect(outcome.changes.map(({ ddl, sourceTable }) => [ddl, sourceTable])).toEqual([
      ['CREATE TABLE t (id INT PRIMARY KEY)', 't'],
    ])
    expect(outcome.shaped).toEqual([{ database: 'shop', table: 't' }])
    expect(columns('t')).toEqual(['id'])
    expect(await records()).toMatchObject([
      {
        server: 'p',
        position: at(120),
        timestamp: 7,
        databaseName: 'shop',
        ddl: 'CREATE TABLE t (id INT PRIMARY KEY)',
      },
    ])
  })

  test('is not told if the history cannot take it', async () => {
    const store = new MemoryHistoryStore()
    store.append = () => Promise.reject(new Error('disk full'))
    await expect(stageOf({ store }).run('CREATE TABLE t (id INT)')).rejects.toThrow('disk full')
  })

  test.each(['TRUNCATE t', 'TRUNCATE TABLE t'])(
    'that empties a table is told, not recorded: %s',
    async (sql) => {
      const { run, records } = stageOf()
      await run('CREATE TABLE t (id INT)')
      const before = await records()
      expect(await run(sql)).toMatchObject({ truncated: [{ database: 'shop', table: 't' }], shaped: [] })
      expect(await records()).toEqual(before)
    },
  )

  test.each(['COMMIT', 'SAVEPOINT a', 'GRANT SELECT ON *.* TO a', 'CREATE VIEW v AS SELECT 1'])(
    'that is filtered does nothing: %s',
    async (sql) => {
      const { run, records } = stageOf()
      expect(await run(sql)).toEqual({ changes: [], truncated: [], shaped: [] })
      expect(await records()).toEqual([])
    },
  )

  test('TRUNCATE without TABLE is told as such, and is in no history', async () => {
    const { run, records } = stageOf()
    await run('CREATE TABLE t (id INT)')
    const outcome = await run('TRUNCATE t')
    expect(outcome).toMatchObject({ changes: [], truncated: [{ database: 'shop', table: 't' }], shaped: [] })
    expect(await records()).toHaveLength(1)
  })

  test('a rename shapes both names, a dropped database all its tables', async () => {
    const { run } = stageOf()
    await run('CREATE TABLE a (id INT)')
    await run('CREATE TABLE b (id INT)')
    const ids = (names: string[]) => names.map((table) => ({ database: 'shop', table }))
    expect((await run('RENAME TABLE a TO c')).shaped).toEqual(ids(['c', 'a']))
    expect((await run('DROP DATABASE shop')).shaped).toEqual(ids(['b', 'c']))
  })

  test('is read as its session has it: quotes, character sets, old timestamps', async () => {
    const { run, keeper } = stageOf()
    const column = (table: string) => keeper.catalog.get({ database: 'shop', table })?.columns[0]
    await run('CREATE TABLE "q" ("a ""b" INT)', 1, { sqlMode: 4n })
    expect(column('q')?.name).toBe('a "b')
    await run('CREATE TABLE c (v VARCHAR(9))', 2, { charset: { client: 33, connection: 33, server: 8 } })
    expect(column('c')?.charset).toBe('latin1')
    await run('CREATE TABLE o (t TIMESTAMP)', 3, { explicitDefaultsForTimestamp: false })
    await run('CREATE TABLE n (t TIMESTAMP)', 4)
    expect([column('o')?.optional, column('n')?.optional]).toEqual([false, true])
  })

  test('of tables that are not captured is kept or not, as is asked for', async () => {
    const capture = { 'table.include.list': 'shop.t' }
    const all = stageOf({ capture })
    const own = stageOf({
      capture: { ...capture, 'schema.history.internal.store.only.captured.tables.ddl': true },
    })
    for (const { run } of [all, own])
      for (const table of ['t', 'u']) await run(`CREATE TABLE ${table} (id INT)`)
    expect((await all.records()).length).toBe(2)
    expect((await own.records()).map(({ ddl }) => ddl)).toEqual(['CREATE TABLE t (id INT)'])
    expect(own.columns('u')).toEqual(['id'])
  })
})

describe('a statement that cannot be applied', () => {
  test.each([
    ['cannot be read', 'ALTER TABLE t ADD COLUMN x INT WHATEVER ('],
    ['alters a column that is not known', 'ALTER TABLE t DROP COLUMN nothing'],
  ])('halts, and says where, what and which option: it %s', async (_, sql) => {
    const { run, records } = stageOf()
    await run('CREATE TABLE t (id INT)')
    const failure = await run(sql, 4711).catch((error: unknown) => error as Error)
    expect((failure as Error).message).toContain('file binlog.000002, pos 4711')
    expect((failure as Error).message).toContain(sql)
    expect((failure as Error).message).toContain('schema.history.internal.skip.unparseable.ddl=true')
    expect(await records()).toHaveLength(1)
  })

  test('is passed over by that option, counted, and recorded without tables', async () => {
    const { run, records, counts, columns, lines } = stageOf({ skipsUnparseable: true })
    await run('CREATE TABLE t (id INT)')
    await run('ALTER TABLE t DROP COLUMN nothing')
    expect(counts.get('rowtap_source_unparseable_ddl_total')).toBe(1)
    expect(lines.join()).toContain('skip.unparseable.ddl')
    expect((await records()).map(({ tableChanges }) => tableChanges.length)).toEqual([1, 0])
    expect(columns('t')).toEqual(['id'])
  })
})

describe('a snapshot', () => {
  test('writes what makes the schema', async () => {
    const { keeper, records, columns } = stageOf()
    const outcome = await keeper.snapshot(
      [
        { database: '', ddl: 'SET character_set_server=utf8mb4, collation_server=utf8mb4_0900_ai_ci' },
        { database: 'shop', ddl: 'DROP TABLE IF EXISTS `shop`.`t`' },
        { database: 'shop', ddl: 'DROP DATABASE IF EXISTS `shop`' },
        { database: 'shop', ddl: 'CREATE DATABASE `shop` CHARSET latin1 COLLATE latin1_swedish_ci' },
        { database: 'shop', ddl: 'USE `shop`' },
        { database: 'shop', ddl: 'CREATE TABLE `t` (\n  `id` int NOT NULL,\n  PRIMARY KEY (`id`)\n)' },
      ],
      at(4),
      9,
    )
    expect(outcome.changes.map(({ databaseName, sourceTable }) => [databaseName, sourceTable])).toEqual([
      ['', null],
      ['shop', 't'],
      ['shop', null],
      ['shop', null],
      ['shop', null],
      ['shop', 't'],
    ])
    expect((await records()).map(({ ddl }) => ddl)).toEqual(outcome.changes.map(({ ddl }) => ddl))
    expect(columns('t')).toEqual(['id'])
    expect(keeper.catalog.charsetOf('shop')).toBe('latin1')
  })
})

describe('recovery', () => {
  const golden = new URL('../../../golden/ddl/recorded-history.jsonl', import.meta.url)
  const recorded = readFileSync(golden, 'utf8')
    .trim()
    .split('\n')
    .map((line) => {
      const record = readHistoryRecord(JSON.parse(line) as string)
      return { ...record, server: 'p' }
    })

  async function storeOf(records: readonly HistoryRecord[]): Promise<MemoryHistoryStore> {
    const store = new MemoryHistoryStore()
    if (records.length > 0)
      await store.append(records.map((record) => readHistoryRecord(writeHistoryRecord(record))))
    return store
  }

  test('is of the tables as of a position, out of what Debezium has written', async () => {
    const { keeper } = stageOf({ store: await storeOf(recorded) })
    const [altered] = recorded.filter(({ ddl }) => ddl?.startsWith('ALTER TABLE t ADD'))
    await keeper.recover(positionOrder('mysql', altered?.position ?? {}))
    const tables = [...keeper.catalog.tables()].map(({ id, columns }) => [id.table, columns.length])
    expect(tables.sort()).toEqual([
      ['other', 1],
      ['t', 9],
      ['t2', 2],
    ])
    await keeper.recover(null)
    expect([...keeper.catalog.tables()].map(({ id }) => id.table).sort()).toEqual(['other', 't'])
  })

  test('what was recovered goes on to be altered', async () => {
    const { keeper, run, records } = stageOf({ store: await storeOf(recorded) })
    await keeper.recover(null)
    const [table] = [...keeper.catalog.tables()]
    await run(`ALTER TABLE ${table?.id.database}.other ADD y INT`)
    expect((await records()).at(-1)?.tableChanges[0]?.table?.columns.map(({ name }) => name)).toEqual([
      'x',
      'y',
    ])
  })

  test('a statement that was recorded twice, before and after a crash, is applied once', async () => {
    const store = new MemoryHistoryStore()
    const { run, keeper, columns } = stageOf({ store })
    await run('CREATE TABLE t (id INT)', 100)
    await run('ALTER TABLE t ADD a INT', 200)
    await keeper.recover(positionOrder('mysql', at(100)))
    expect(columns('t')).toEqual(['id'])
    await run('ALTER TABLE t ADD a INT', 200)
    for (const prefersDdl of [false, true]) {
      const again = stageOf({ store, prefersDdl })
      await again.keeper.recover(null)
      expect(again.columns('t')).toEqual(['id', 'a'])
    }
  })

  test('says why there is nothing to recover', async () => {
    expect(await stageOf().keeper.historyProblem()).toMatch(/memory of an earlier task.*does not exist/)
    expect(await stageOf({ store: await storeOf(recorded) }).keeper.historyProblem()).toBeNull()
  })

  test('a history of another connector is told', async () => {
    const store = await storeOf(recorded.map((record) => ({ ...record, server: 'other' })))
    const { keeper, lines } = stageOf({ store })
    await keeper.recover(null)
    expect([...keeper.catalog.tables()]).toEqual([])
    expect(lines.join()).toMatch(/nothing of topic\.prefix=p/)
  })
})

describe('a signal says what a table looks like', () => {
  const change = (type: string, more: object = {}) => ({ type, id: '"shop"."t"', ...more })
  const table = {
    defaultCharsetName: 'utf8mb4',
    primaryKeyColumnNames: ['id'],
    columns: [
      { name: 'id', jdbcType: 4, typeName: 'INT', position: 1, optional: false, autoIncremented: false },
      {
        name: 'v',
        jdbcType: 12,
        typeName: 'VARCHAR',
        length: 9,
        position: 2,
        optional: true,
        autoIncremented: false,
      },
    ].map((column) => ({
      ...column,
      typeExpression: column.typeName,
      charsetName: null,
      generated: false,
      hasDefaultValue: false,
      enumValues: [],
    })),
    attributes: [],
  }
  const offset = { partition: {}, offset: () => ({}) }
  const parsed = (...changes: readonly unknown[]) =>
    injectedChanges(
      { id: 's', type: 'schema-changes', data: { database: 'shop', changes }, channel: 'source' },
      offset,
    )

  test('and the history keeps it, for a recovery that prefers statements too', async () => {
    for (const prefersDdl of [false, true]) {
      const { run, records, keeper, columns } = stageOf({ prefersDdl })
      await run('CREATE TABLE t (id INT PRIMARY KEY)', 100)
      const { changes } = parsed(change('ALTER', { table }))
      const outcome = await keeper.inject('shop', changes, at(200), 8)
      expect(outcome.shaped).toEqual([{ database: 'shop', table: 't' }])
      expect(columns('t')).toEqual(['id', 'v'])
      expect((await records()).at(-1)).toMatchObject({
        ...{ position: at(200), timestamp: 8, databaseName: 'shop', ddl: null },
        tableChanges: [{ type: 'ALTER', id: '"shop"."t"', table: { primaryKeyColumnNames: ['id'] } }],
      })
      await keeper.recover(positionOrder('mysql', at(150), null))
      expect(columns('t')).toEqual(['id'])
      await keeper.recover(null)
      expect(columns('t')).toEqual(['id', 'v'])
      await keeper.inject('shop', parsed(change('DROP')).changes, at(300), 9)
      expect(columns('t')).toBe(null)
    }
  })

  test('in a form that can be read', () => {
    for (const wrong of [
      change('RENAME', { table }),
      change('CREATE'),
      { ...change('DROP'), id: 'shop.t' },
      change('ALTER', { table: { ...table, columns: [{ name: 'x' }] } }),
      'x',
    ])
      expect(() => parsed(wrong)).toThrow(SignalProblem)
    expect(() => parsed()).toThrow('it has no changes')
  })
})
