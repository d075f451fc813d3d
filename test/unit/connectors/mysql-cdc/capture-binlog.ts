/**
 * Plays SQL on a server and keeps what its binlog and its queries say of it, as golden files. Run with
 *   MYSQL=127.0.0.1:3306 node --conditions=rowtap-source capture-binlog.ts cases DIRECTORY NAME...
 *   MYSQL=127.0.0.1:3306 node --conditions=rowtap-source capture-binlog.ts sql FILE.sql...
 * The server must let root in without a password and have its log files on this machine. A case has setup.sql,
 * stream.sql and expected.jsonl, the records that Debezium made of it.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import mysql, { type Connection } from 'mysql2/promise'
import { reduceRecords } from './recorded-records.ts'

const golden = new URL('../../../golden/binlog/', import.meta.url)
const [host = '127.0.0.1', port = '3306'] = (process.env['MYSQL'] ?? '').split(':')
const connect = () =>
  mysql.createConnection({
    host,
    port: Number(port),
    user: 'root',
    charset: 'utf8mb4',
    multipleStatements: true,
  })

async function run(sql: string): Promise<void> {
  const connection = await connect()
  await connection.query(sql)
  await connection.end()
}

/** The log file that holds what was done since the last rotation. */
async function rotated(connection: Connection): Promise<Buffer> {
  await connection.query('FLUSH BINARY LOGS')
  const [logs] = await connection.query<mysql.RowDataPacket[]>('SHOW BINARY LOGS')
  const [found] = await connection.query<mysql.RowDataPacket[]>('SELECT @@log_bin_basename AS base')
  const file = logs.at(-2)?.['Log_name'] as string
  return readFileSync(join(found[0]?.['base'] as string, '..', file))
}

async function rowsOf(connection: Connection, database: string): Promise<string> {
  const raw = { typeCast: (field: { buffer(): Buffer | null }) => field.buffer()?.toString('base64') ?? null }
  const [columns] = await connection.query<mysql.RowDataPacket[]>(
    `SELECT table_name AS name, column_name AS field FROM information_schema.columns JOIN information_schema.tables
     USING (table_schema, table_name) WHERE table_schema = ? AND table_type = 'BASE TABLE'
     ORDER BY table_name, ordinal_position`,
    [database],
  )
  const lines: string[] = []
  for (const name of new Set(columns.map((column) => column['name'] as string))) {
    const fields = columns.filter((column) => column['name'] === name).map((column) => column['field'])
    const query = { sql: 'SELECT ?? FROM ??.??', values: [fields, database, name], rowsAsArray: true, ...raw }
    const [rows] = await connection.query<mysql.RowDataPacket[][]>(query)
    for (const row of rows) lines.push(JSON.stringify({ table: name, row }))
  }
  return lines.join('\n')
}

async function captureCase(directory: string, name: string): Promise<void> {
  const database = name.replaceAll('-', '_')
  const sql = (file: string) =>
    readFileSync(join(directory, name, file), 'utf8').replaceAll('{{prefix}}', database)
  const keep = (suffix: string, bytes: Buffer | string) =>
    writeFileSync(new URL(`${name}.${suffix}.gz`, golden), gzipSync(bytes, { level: 9 }))
  await run(sql('setup.sql'))
  const connection = await connect()
  await connection.query("SET time_zone = '+00:00'")
  await rotated(connection)
  keep('rows.jsonl', await rowsOf(connection, database))
  await run(sql('stream.sql'))
  keep('binlog', await rotated(connection))
  keep('expected.jsonl', reduceRecords(readFileSync(join(directory, name, 'expected.jsonl'), 'utf8')))
  await connection.query(`DROP DATABASE ${database}`)
  await connection.end()
}

async function captureSql(file: string): Promise<void> {
  const connection = await connect()
  const [setup = '', stream = ''] = readFileSync(file, 'utf8').split('-- log --')
  await run(setup)
  await rotated(connection)
  await run(stream)
  const bytes = await rotated(connection)
  writeFileSync(new URL(`${basename(file, '.sql')}.binlog.gz`, golden), gzipSync(bytes, { level: 9 }))
  await connection.end()
}

const [kind, first = '', ...names] = process.argv.slice(2)
if (kind === 'cases') for (const name of names) await captureCase(first, name)
else for (const file of [first, ...names]) await captureSql(file)
