/** What a server is and how it logs, and where its log is. */
import { ConfigError, ConnectError } from '#errors'
import type { Client, Row } from './client.ts'
import { errorNumber } from './failures.ts'
import type { Server } from './login.ts'

export interface ServerFacts {
  /** As the server says it: 9.7.0, 10.11.14-MariaDB-0+deb12u2-log */
  readonly version: string
  /** What answers, whatever the connector is for. */
  readonly server: Server
  /** Of MySQL. */
  readonly serverUuid: string | null
  readonly serverId: number
  /** Positions have GTIDs: gtid_mode is not OFF, or it is MariaDB. */
  readonly gtids: boolean
  /** ROW, STATEMENT or MIXED. */
  readonly format: string
  /** FULL, MINIMAL or NOBLOB; of MariaDB FULL_NODUP too. */
  readonly rowImage: string
  /** FULL or MINIMAL; of MariaDB NO_LOG too. */
  readonly rowMetadata: string
  /** PARTIAL_JSON, or nothing. */
  readonly rowValueOptions: string
  /** Names of tables are not told apart by case: lower_case_table_names is not 0. */
  readonly foldsCase: boolean
  readonly sqlMode: string
  readonly serverCharset: string
  readonly serverCollation: string
  /** There is a binlog. */
  readonly logs: boolean
}

export interface LogPosition {
  readonly file: string
  readonly pos: number
  /** All transactions before it: a MySQL set, a MariaDB position; null: the server has no GTIDs. */
  readonly gtids: string | null
}

export interface BinaryLog {
  readonly file: string
  readonly size: number
}

const variables = [
  'binlog_format',
  'binlog_row_image',
  'binlog_row_metadata',
  'binlog_row_value_options',
  'character_set_server',
  'collation_server',
  'gtid_mode',
  'log_bin',
  'lower_case_table_names',
  'server_id',
  'server_uuid',
  'sql_mode',
  'version',
] as const

export async function serverFacts(client: Client): Promise<ServerFacts> {
  const names = variables.map((name) => `'${name}'`).join(', ')
  const rows = await client.query(`SHOW GLOBAL VARIABLES WHERE Variable_name IN (${names})`)
  const values = new Map(rows.map((row) => [row['Variable_name'], row['Value']]))
  const value = (name: (typeof variables)[number]) => values.get(name) ?? ''
  const server = /mariadb/i.test(value('version')) ? 'mariadb' : 'mysql'
  return {
    version: value('version'),
    server,
    serverUuid: server === 'mysql' ? value('server_uuid') : null,
    serverId: Number(value('server_id')),
    gtids: server === 'mariadb' || !['', 'OFF'].includes(value('gtid_mode').toUpperCase()),
    // A server that can no longer do otherwise does not say it.
    format: value('binlog_format').toUpperCase() || 'ROW',
    rowImage: value('binlog_row_image').toUpperCase() || 'FULL',
    rowMetadata: value('binlog_row_metadata').toUpperCase() || 'MINIMAL',
    rowValueOptions: value('binlog_row_value_options').toUpperCase(),
    foldsCase: value('lower_case_table_names') !== '0',
    sqlMode: value('sql_mode'),
    serverCharset: value('character_set_server'),
    serverCollation: value('collation_server'),
    logs: value('log_bin').toUpperCase() === 'ON',
  }
}

/** Where the next transaction will be written. */
export async function logPosition(client: Client, facts: ServerFacts): Promise<LogPosition> {
  const [status] = await logStatus(client, facts)
  if (status === undefined)
    throw new ConfigError('The server writes no binlog.', {
      remedy: 'Start it with log_bin (MySQL: not with skip-log-bin).',
    })
  const file = status['File'] ?? ''
  const pos = Number(status['Position'])
  if (!facts.gtids) return { file, pos, gtids: null }
  const gtids =
    facts.server === 'mariadb'
      ? await gtidsAt(client, file, pos)
      : oneLine(status['Executed_Gtid_Set'] ?? (await globalValue(client, 'gtid_executed')))
  return { file, pos, gtids }
}

const SYNTAX_ERROR = 1064

/** MySQL 8.4 has the new name only, MySQL 8.0 and MariaDB the old one. */
async function logStatus(client: Client, facts: ServerFacts): Promise<readonly Row[]> {
  if (facts.server === 'mariadb') return client.query('SHOW MASTER STATUS')
  try {
    return await client.query('SHOW BINARY LOG STATUS')
  } catch (error) {
    if (errorNumber(error) !== SYNTAX_ERROR) throw error
    return client.query('SHOW MASTER STATUS')
  }
}

/** MariaDB: the GTID position of a place in its log. */
export async function gtidsAt(client: Client, file: string, pos: number): Promise<string> {
  const [row] = await client.query('SELECT BINLOG_GTID_POS(?, ?) AS gtids', [file, pos])
  const gtids = row?.['gtids'] ?? null
  if (gtids !== null) return gtids
  throw new ConnectError(`The server has no place ${file}:${pos} in its log.`, {
    remedy: 'SHOW BINARY LOGS lists the files that are left.',
  })
}

/** All files of the log, the oldest first. */
export async function binaryLogs(client: Client): Promise<readonly BinaryLog[]> {
  const rows = await client.query('SHOW BINARY LOGS')
  return rows.map((row) => ({ file: row['Log_name'] ?? '', size: Number(row['File_size']) }))
}

/** All that was ever written; null: the server has no GTIDs. */
export async function executedGtids(client: Client, facts: ServerFacts): Promise<string | null> {
  if (!facts.gtids) return null
  return globalValue(client, facts.server === 'mysql' ? 'gtid_executed' : 'gtid_binlog_pos')
}

/** What the log no longer has: a set of MySQL; of MariaDB the position before its oldest file. null: no GTIDs. */
export async function purgedGtids(client: Client, facts: ServerFacts): Promise<string | null> {
  if (!facts.gtids) return null
  if (facts.server === 'mysql') return globalValue(client, 'gtid_purged')
  const [oldest] = await binaryLogs(client)
  return oldest === undefined ? '' : gtidsBefore(client, oldest.file)
}

/** MariaDB: the position that a file of the log begins with is in its second event or the third. */
async function gtidsBefore(client: Client, file: string): Promise<string> {
  const events = await client.query(`SHOW BINLOG EVENTS IN ? LIMIT 3`, [file])
  const list = events.find((event) => event['Event_type'] === 'Gtid_list')
  return list === undefined ? '' : gtidsAt(client, file, Number(list['End_log_pos']))
}

/** Behind the magic bytes. */
export const LOG_BEGIN = 4

async function globalValue(client: Client, name: string): Promise<string> {
  const [row] = await client.query(`SELECT @@GLOBAL.${name} AS value`)
  return oneLine(row?.['value'] ?? '')
}

/** The server breaks long sets into lines. */
function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, '')
}
