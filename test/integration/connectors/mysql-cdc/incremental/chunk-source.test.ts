import { afterAll, expect, test } from 'vitest'
import { type ChunkRow, type Key, RowKey, type SnapshotTable } from '#cdc'
import type { Struct } from '#data'
import { MysqlChunks } from '../../../../../connectors/mysql-cdc/incremental/chunk-source.ts'
import { Session } from '../../../../../connectors/mysql-cdc/incremental/session.ts'
import { SignalWriter } from '../../../../../connectors/mysql-cdc/incremental/signal-writer.ts'
import { connect } from '../../../../../connectors/mysql-cdc/server/index.ts'
import { mariaDbServer } from '../../../../support/services/mariadb.ts'
import { mySqlServer } from '../../../../support/services/mysql.ts'
import { schemaStage } from '../../../../unit/connectors/mysql-cdc/tables/schema-stage.ts'
import { loginOf } from '../server/stage.ts'

const database = `chunks_${process.pid}`
const logins = [loginOf(await mySqlServer(), 'mysql'), loginOf(await mariaDbServer(), 'mariadb')]

const tables: Readonly<
  Record<string, { readonly ddl: string; readonly rows: readonly string[]; readonly key?: string }>
> = {
  numbers: {
    ddl: 'a INT, b BIGINT UNSIGNED, c DECIMAL(10,3), PRIMARY KEY (a, b, c)',
    rows: ['-1,0,-1.5', '-1,18446744073709551615,0', '2,5,1', '2,5,1.001', '2,6,-9', '3,0,0'],
  },
  texts: {
    ddl: 'k VARCHAR(20) COLLATE utf8mb4_general_ci, l VARCHAR(9) CHARACTER SET latin1, v INT, PRIMARY KEY (k, l)',
    rows: [
      `'a','é',1`,
      `'B','x',2`,
      `'b','X1',3`,
      `'ä','y',4`,
      `'','',5`,
      `'o''\\\\','"',6`,
      `'😀','z',7`,
      `'c ','q',8`,
    ],
  },
  binaries: {
    ddl: "k VARBINARY(9), e ENUM('z','a','m'), t DATETIME(3), PRIMARY KEY (k, e, t)",
    rows: [
      `X'00','z','2020-01-01 00:00:00.001'`,
      `X'00','a','2020-01-01'`,
      `X'00','m','1999-01-01'`,
      `X'FF00','z','2021-02-03 04:05:06.7'`,
      `X'','a','2021-01-01'`,
    ],
  },
  ties: {
    ddl: 'k VARCHAR(5) COLLATE utf8mb4_general_ci, v INT',
    rows: ['NULL,1', 'NULL,2', 'NULL,3', "'a',4", "'A',5", "'á',6", "'b',7", "'B',8"],
    key: 'k',
  },
  bits: {
    ddl: 'k BIT(9), d DATE, y YEAR, PRIMARY KEY (k, d, y)',
    rows: ["b'1','2020-01-01',2000", "b'100000000','2020-01-01',1999", "b'10','1000-01-01',2100"],
  },
}

async function stageOf(login: (typeof logins)[number]) {
  const client = await connect(login)
  await client.query(`DROP DATABASE IF EXISTS ${database}`)
  await client.query(`CREATE DATABASE ${database} CHARACTER SET utf8mb4`)
  const stage = schemaStage({ server: login.server })
  const made = [{ database: '', ddl: `CREATE DATABASE \`${database}\`` }]
  for (const [name, { ddl, rows }] of Object.entries(tables)) {
    await client.query(`CREATE TABLE ${database}.${name} (${ddl})`)
    await client.query(`INSERT INTO ${database}.${name} VALUES ${rows.map((row) => `(${row})`).join(', ')}`)
    const [shown] = await client.query(`SHOW CREATE TABLE ${database}.${name}`)
    made.push({ database, ddl: shown?.['Create Table'] ?? '' })
  }
  await stage.keeper.snapshot(made, { file: 'f', pos: 1 }, 0)
  const session = new Session(login)
  const source = new MysqlChunks({
    session,
    schema: stage.keeper,
    capture: stage.capture,
    versions: stage.versions,
    caughtUp: async () => {},
  })
  afterAll(async () => {
    await session[Symbol.asyncDispose]()
    await client.query(`DROP DATABASE ${database}`)
    await client.end()
  })
  return { client, source, session, stage }
}

const asked = (name: string, more: Partial<SnapshotTable> = {}): SnapshotTable => ({
  ...{ name: `${database}.${name}`, condition: null, surrogateKey: tables[name]?.key ?? null, signal: 's' },
  ...more,
})

const valuesOf = ({ version, chunk, at }: ChunkRow) =>
  (new RowKey(version.row, chunk, at).value() as Struct).values

for (const login of logins)
  test(`${login.server}: parts of any size have every row once, whatever the key`, async () => {
    const { client, source, session, stage } = await stageOf(login)
    for (const [name, { rows }] of Object.entries(tables)) {
      const table = asked(name)
      const maximum = (await source.maximumKey(table)) as Key
      for (const limit of [1, 2, 3, 100]) {
        const read: (readonly unknown[])[] = []
        for (let after: Key | null = null; ; ) {
          const part: readonly ChunkRow[] = await source.chunk(table, after, maximum, limit)
          if (part.length === 0) break
          if (tables[name]?.key === undefined) expect(part.length).toBeLessThanOrEqual(limit)
          read.push(...part.map(valuesOf))
          after = part.at(-1)?.key ?? null
        }
        expect([name, limit, read.length]).toEqual([name, limit, rows.length])
        expect(new Set(read.map((row) => JSON.stringify(row, (_, value) => String(value)))).size).toBe(
          rows.length,
        )
      }
    }

    const table = asked('numbers', { condition: 'a = 2 OR a = 3' })
    expect(await source.maximumKey(table)).toMatchObject([3, 0n, { unscaled: 0n, scale: 3 }])
    expect((await source.chunk(table, null, [2, 5n, '1.0005'], 9)).map(({ key }) => key[2])).toMatchObject([
      { unscaled: 1000n },
    ])
    expect(await source.maximumKey(asked('numbers', { condition: 'FALSE' }))).toBe(null)
    expect(source.keyColumns(asked('ties', { surrogateKey: null }))).toEqual([])
    expect(source.keyColumns(asked('nowhere'))).toBe(null)
    await expect(source.maximumKey(asked('numbers', { condition: 'nonsense(' }))).rejects.toThrow()

    // The session goes on after a refusal.
    await client.query(`CREATE TABLE ${database}.sig (one VARCHAR(60), two VARCHAR(60), three TEXT)`)
    await stage.keeper.snapshot(
      [{ database, ddl: 'CREATE TABLE sig (one VARCHAR(60), two VARCHAR(60), three TEXT)' }],
      { file: 'f', pos: 2 },
      0,
    )
    const writer = new SignalWriter(session, `${database}.sig`, stage.keeper)
    await writer.insert({ id: 'x-open', type: 't', data: '{"a": 1}' })
    await writer.insert({ id: 'y', type: 't', data: null })
    await writer.remove('x-open')
    expect(await client.query(`SELECT * FROM ${database}.sig`)).toEqual([{ one: 'y', two: 't', three: null }])
  })
