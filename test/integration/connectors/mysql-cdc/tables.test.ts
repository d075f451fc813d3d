/**
 * Tables of real servers, known by SHOW CREATE TABLE: each table map of the log fits its definition, and a query gives
 * the values that the log gives.
 */
import { beforeAll, describe, expect, test } from 'vitest'
import { ByteBuffer } from '#bytes'
import { type CellChunk, RowKey, type TableVersion } from '#cdc'
import {
  type Client,
  connect,
  type Login,
  logPosition,
  type Server,
  serverFacts,
} from '../../../../connectors/mysql-cdc/server/index.ts'
import { quotedName } from '../../../../connectors/mysql-cdc/tables/select-expression.ts'
import { JsonWriter } from '../../../../src/converters/json-writer.ts'
import { jsonFormat } from '../../../../src/converters/json-format.ts'
import type { ServerAddress } from '../../../support/services/address.ts'
import { mariaDbAvailable, mariaDbServer } from '../../../support/services/mariadb.ts'
import { mySqlAvailable, mySqlServer } from '../../../support/services/mysql.ts'
import { changesOf, eventsOf } from '../../../unit/connectors/mysql-cdc/golden.ts'
import { schemaStage } from '../../../unit/connectors/mysql-cdc/tables/schema-stage.ts'
import { eventsUntil, loginOf, logOf } from './server/stage.ts'

const database = 'h_tables'

/** Per table its definition and rows: every kind of column whose text could say less than the log. */
const common: Readonly<Record<string, readonly [definition: string, ...rows: string[]]>> = {
  numbers: [
    `id INT AUTO_INCREMENT PRIMARY KEY, t TINYINT UNSIGNED, z INT(7) ZEROFILL, b BIGINT UNSIGNED, f FLOAT, f2 FLOAT(7,3),
     f9 FLOAT(30), d DOUBLE, n DECIMAL(12,3), nz DECIMAL(8,2) ZEROFILL, b1 BIT(1), b12 BIT(12), y YEAR, bo BOOLEAN`,
    `(1, 255, 42, 18446744073709551615, 3.4028234e38, 1234.567, 0.1, 1e300, -12.5, 7.25, b'1', b'101010101010', 1999, 1)`,
    `(2, 0, 0, 0, 0.1, 0.333, 1e-30, -0.1, 123456789.125, 0, b'0', b'1', 0, 0)`,
    `(3, NULL, NULL, NULL, 16777217, NULL, NULL, 4.9e-324, NULL, NULL, NULL, NULL, NULL, NULL)`,
    `(4, 1, 9999999, 1, -1.17549435e-38, -0.001, 3, 123456789.123456789, 0.001, 1, b'1', b'0', 2155, 1)`,
  ],
  texts: [
    `k VARCHAR(20) CHARACTER SET utf8mb4 NOT NULL PRIMARY KEY, c CHAR(5) CHARACTER SET latin1, u VARCHAR(9) CHARACTER SET utf16,
     x TEXT CHARACTER SET cp1251, b BINARY(4), vb VARBINARY(9), bl BLOB, e ENUM('a','b,c','d''e') CHARACTER SET latin2,
     s SET('x','y z') CHARACTER SET utf8mb3`,
    `('ключ 😀', 'é€ÿ', 'ü😀', 'Привет', 'ab', X'00FF', X'DEADBEEF', 'b,c', 'x,y z')`,
    `('', '', '', '', '', '', '', NULL, '')`,
    `('n', NULL, NULL, NULL, NULL, NULL, NULL, 'd''e', NULL)`,
  ],
  times: [
    `id INT PRIMARY KEY, d DATE, t TIME(3), dt DATETIME(6), ts TIMESTAMP(6) NULL, t0 TIME`,
    `(1, '2024-02-29', '-838:59:58.999', '9999-12-31 23:59:59.999999', '2038-01-19 03:14:06.123456', '12:00:00')`,
    `(2, '1000-01-01', '00:00:00.001', '1582-10-15 00:00:00', '1970-01-01 00:00:01.000001', '838:59:59')`,
  ],
  places: [
    `id INT PRIMARY KEY, p POINT, g GEOMETRY`,
    `(1, ST_GeomFromText('POINT(1.5 -2)'), ST_GeomFromText('LINESTRING(0 0,1 1)'))`,
    `(2, NULL, ST_GeomFromText('GEOMETRYCOLLECTION(POINT(1 2))'))`,
  ],
  generated: [
    `a INT, v INT AS (a + 1) VIRTUAL, s INT AS (a * 2) STORED, i INT INVISIBLE DEFAULT 7, b VARCHAR(9), UNIQUE KEY (b)`,
    `(1, DEFAULT, DEFAULT, 'x')`,
  ],
}

const tables: Readonly<Record<Server, typeof common>> = {
  mysql: {
    ...common,
    functional: [`id INT PRIMARY KEY, v VARCHAR(9), KEY f ((LOWER(v))), KEY g ((id + 1), v)`, `(1, 'A')`],
    vectors: [`id INT PRIMARY KEY, v VECTOR(3)`, `(1, STRING_TO_VECTOR('[1,-0.5,3.25]'))`],
  },
  mariadb: {
    ...common,
    kinds: [
      `id UUID PRIMARY KEY, i INET6, c TEXT COMPRESSED, h VARCHAR(9000), UNIQUE KEY (h) USING HASH`,
      `('123e4567-e89b-12d3-a456-426655440000', '2001:db8::1', REPEAT('long text ', 40), 'x')`,
    ],
    app: [`id INT, s DATE, e DATE, PERIOD FOR v (s, e)`, `(1, '2020-01-01', '2020-12-31')`],
  },
}

const statements: Readonly<Record<Server, readonly string[]>> = {
  mysql: [],
  mariadb: [
    'CREATE TABLE versioned (id INT PRIMARY KEY, v INT) WITH SYSTEM VERSIONING',
    'INSERT INTO versioned VALUES (1, 1)',
    `CREATE TABLE stated (id INT PRIMARY KEY, f TIMESTAMP(6) GENERATED ALWAYS AS ROW START,
       t TIMESTAMP(6) GENERATED ALWAYS AS ROW END, PERIOD FOR SYSTEM_TIME(f, t)) WITH SYSTEM VERSIONING`,
    'INSERT INTO stated (id) VALUES (1)',
  ],
}

for (const [server, available, address] of [
  ['mysql', mySqlAvailable, mySqlServer],
  ['mariadb', mariaDbAvailable, mariaDbServer],
] as const)
  describe.skipIf(!available)(server, () => tableTests(server, address))

const writer = new JsonWriter(jsonFormat(false, false))

function rowText(version: TableVersion, chunk: CellChunk, at: number): string {
  const out = new ByteBuffer()
  writer.payload(new RowKey(version.row, chunk, at), out)
  return out.written().toString()
}

function tableTests(server: Server, address: () => Promise<ServerAddress>): void {
  let login: Login
  let client: Client

  beforeAll(async () => {
    login = loginOf(await address(), server)
    client = await connect(login)
    return () => client.end()
  })

  test('a query gives the values that the log gives', async () => {
    await client.query(`DROP DATABASE IF EXISTS ${database}`)
    await client.query(`CREATE DATABASE ${database} CHARACTER SET latin1`)
    await client.query(`USE ${database}`)
    const facts = await serverFacts(client)
    const from = await logPosition(client, facts)
    await client.query(`SET sql_mode = ''`)
    for (const [table, [definition, ...rows]] of Object.entries(tables[server])) {
      await client.query(`CREATE TABLE ${quotedName(table)} (${definition})`)
      for (const row of rows) await client.query(`INSERT INTO ${quotedName(table)} VALUES ${row}`)
    }
    for (const statement of statements[server]) await client.query(statement)
    await client.query('CREATE TABLE the_end (id INT)')

    const { keeper, versions } = schemaStage({ server })
    const names = (await client.query('SHOW TABLES')).map((row) => Object.values(row)[0] as string)
    const shown = await Promise.all(
      names.map((name) => client.query(`SHOW CREATE TABLE ${quotedName(name)}`)),
    )
    const created = shown.map(([row]) => ({ database, ddl: row?.['Create Table'] ?? '' }))
    await keeper.snapshot(
      [{ database, ddl: `CREATE DATABASE ${database} CHARSET latin1` }, ...created],
      {},
      0,
    )

    const session = await logOf(login, from)
    const seen: Buffer[] = []
    await eventsUntil(session, ({ bytes }) => {
      seen.push(Buffer.from(bytes))
      return bytes.includes('CREATE TABLE the_end')
    })
    const file = Buffer.concat([Buffer.alloc(4), ...seen.slice(1)])
    const logged = new Map<string, string[]>()
    for (const event of eventsOf(file)) {
      if (event.kind !== 'rows' || event.table.schema !== database) continue
      const version = versions.ofLog(event.table) as TableVersion
      for (const { chunk, after } of changesOf(event)) {
        const rows = logged.get(event.table.table) ?? []
        logged.set(event.table.table, [...rows, rowText(version, chunk, after)])
      }
    }

    const read = new Map<string, string[]>()
    for (const table of logged.keys()) {
      const { version, columns } = versions.ofSnapshot({ database, table })
      const found: string[] = []
      for await (const { chunk, first, rows, stride } of client.rows(
        `SELECT ${columns.join(', ')} FROM ${quotedName(table)}`,
      ))
        for (let row = 0; row < rows; row++) found.push(rowText(version, chunk, first + row * stride))
      read.set(table, found)
    }
    for (const [table, rows] of logged) expect([table, read.get(table)?.sort()]).toEqual([table, rows.sort()])
    expect([...logged.keys()].sort()).toEqual(names.filter((name) => name !== 'the_end').sort())
    await client.query(`DROP DATABASE ${database}`)
  })
}
