/**
 * Makes test/golden/ddl: statements that real servers took, each with the tables as information_schema shows them after
 * it. Databases are named rowtap_ddl_corpus… and dropped again.
 *
 *   node --conditions=rowtap-source test/support/ddl/capture.ts mysql://root:root@127.0.0.1:3306 mariadb://root@127.0.0.1:3307
 */
import { writeFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { type Connection, createConnection } from 'mysql2/promise'
import { random, type Server } from './random.ts'
import { statement } from './random-ddl.ts'
import { serverTables, type ServerTable } from './server-tables.ts'
import { type Script, scripts } from './written-ddl.ts'

/** A statement, and what it changed: a table anew, or null for one that is gone. */
export interface Step {
  readonly sql: string
  readonly changed: Readonly<Record<string, ServerTable | null>>
}

export interface Episode {
  readonly server: Server
  readonly version: string
  readonly database: string
  readonly charset: string
  readonly sqlMode: string
  readonly implicitTimestamps: boolean
  readonly steps: readonly Step[]
}

const episodesOfEach = 62
const stepsOfEach = 24
const charsets = ['utf8mb4', 'latin1', 'utf8mb3', 'latin2']

async function capture(url: string): Promise<Episode[]> {
  const server = new URL(url).protocol.slice(0, -1) as Server
  const connection = await createConnection({ uri: url.replace(/^mariadb/, 'mysql'), charset: 'utf8mb4' })
  try {
    const episodes: Episode[] = []
    for (const script of scripts)
      if (script.servers.includes(server)) episodes.push(await written(connection, server, script))
    for (let i = 0; i < episodesOfEach; i++) episodes.push(await generated(connection, server, i))
    return episodes
  } finally {
    await connection.end()
  }
}

async function text(connection: Connection, sql: string): Promise<string> {
  const [rows] = await connection.query({ sql, rowsAsArray: true })
  return String((rows as unknown[][])[0]?.[0])
}

async function begin(
  connection: Connection,
  server: Server,
  charset: string,
  script: Partial<Script>,
): Promise<Episode> {
  const database = 'rowtap_ddl_corpus'
  await connection.query(`DROP DATABASE IF EXISTS ${database}`)
  await connection.query(`CREATE DATABASE ${database} CHARACTER SET ${charset}`)
  await connection.query(`USE ${database}`)
  // Names without a trace of the session's own wishes: strict, but for columns without a default.
  await connection.query(`SET sql_mode = '${script.sqlMode ?? ''}'`)
  const implicitTimestamps = script.implicitTimestamps === true
  await connection.query(`SET explicit_defaults_for_timestamp = ${implicitTimestamps ? 'OFF' : 'ON'}`)
  const version = await text(connection, 'SELECT VERSION()')
  return { server, version, database, charset, sqlMode: script.sqlMode ?? '', implicitTimestamps, steps: [] }
}

/** Runs one statement; false: the server refused it. */
async function step(
  connection: Connection,
  episode: Episode,
  tables: Map<string, ServerTable>,
  sql: string,
): Promise<boolean> {
  try {
    await connection.query(sql)
  } catch {
    return false
  }
  const now = await serverTables(connection, episode.database)
  const changed: Record<string, ServerTable | null> = {}
  for (const [name, table] of now)
    if (JSON.stringify(table) !== JSON.stringify(tables.get(name))) changed[name] = table
  for (const name of tables.keys()) if (!now.has(name)) changed[name] = null
  tables.clear()
  for (const [name, table] of now) tables.set(name, table)
  ;(episode.steps as Step[]).push({ sql, changed })
  return true
}

async function written(connection: Connection, server: Server, script: Script): Promise<Episode> {
  const episode = await begin(connection, server, 'utf8mb4', script)
  const tables = new Map<string, ServerTable>()
  for (const sql of script.statements)
    if (!(await step(connection, episode, tables, sql.replaceAll('{db}', episode.database))))
      process.stderr.write(`${server} refuses: ${sql}\n`)
  await connection.query(`DROP DATABASE ${episode.database}`)
  return episode
}

async function generated(connection: Connection, server: Server, number: number): Promise<Episode> {
  const numbers = random(number * 7919 + (server === 'mysql' ? 1 : 2))
  const episode = await begin(connection, server, charsets[number % charsets.length] as string, {})
  const tables = new Map<string, ServerTable>()
  for (let tries = 0; episode.steps.length < stepsOfEach && tries < stepsOfEach * 6; tries++) {
    const shadow = new Map(
      [...tables].map(([name, { columns }]) => [name, columns.map(([column]) => column)]),
    )
    await step(connection, episode, tables, statement(numbers, server, shadow))
  }
  await connection.query(`DROP DATABASE ${episode.database}`)
  return episode
}

for (const url of process.argv.slice(2)) {
  const episodes = await capture(url)
  const lines = episodes.map((episode) => `${JSON.stringify(episode)}\n`).join('')
  const file = new URL(`../../golden/ddl/${episodes[0]?.server}.jsonl.gz`, import.meta.url)
  writeFileSync(file, gzipSync(lines, { level: 9 }))
  const count = episodes.reduce((sum, { steps }) => sum + steps.length, 0)
  process.stdout.write(`${file.pathname}: ${count} statements\n`)
}
