/**
 * QUERY: a statement, with what of its session decides its meaning.
 *
 *   body      := thread:4 seconds:4 schemaLength:1 error:2 statusSize:2 status schema 0 sql
 *   status    := (code:1 value)*
 *
 * MariaDB's QUERY_COMPRESSED has `sql` in compressed form. A status variable of unknown code ends the reading of status
 * variables, as its size is not known; servers write those that matter here first.
 */
import { decoderOf } from '../charsets/decoder.ts'
import { charsetOfCollation } from '../charsets/collations.ts'
import { decompress } from './compressed.ts'
import { EventReader } from './event-reader.ts'

export interface Query {
  readonly threadId: number
  /** Seconds that the statement took. */
  readonly seconds: number
  readonly errorCode: number
  /** The default database; empty: none. */
  readonly schema: string
  readonly sql: string
  readonly session: QuerySession
}

/** What the event does not say is null. */
export interface QuerySession {
  /** Bits of sql_mode. */
  readonly sqlMode: bigint | null
  /** Collation numbers of character_set_client, collation_connection and collation_server. */
  readonly charset: { readonly client: number; readonly connection: number; readonly server: number } | null
  /** Collation number of character_set_database, in force for CREATE TABLE in some servers. */
  readonly databaseCollation: number | null
  readonly defaultUtf8mb4Collation: number | null
  readonly timeZone: string | null
  /** Microseconds of the second in the event's header. */
  readonly microseconds: number | null
  readonly explicitDefaultsForTimestamp: boolean | null
  /** MariaDB: this is the transaction's or statement's XID. */
  readonly xid: bigint | null
}

type Session = { -readonly [Key in keyof QuerySession]: QuerySession[Key] }

/** Bits of sql_mode that change how SQL text is read. */
export const sqlModes = { ANSI_QUOTES: 4n, NO_BACKSLASH_ESCAPES: 0x100000n } as const

export function decodeQuery(bytes: Buffer, from: number, to: number, compressed: boolean): Query {
  const reader = new EventReader(bytes, from, to, 'QUERY')
  const threadId = reader.uint32()
  const seconds = reader.uint32()
  const schemaLength = reader.uint8()
  const errorCode = reader.uint16()
  const statusSize = reader.uint16()
  const status = reader.take(statusSize)
  const session = decodeStatus(
    new EventReader(bytes, status, status + statusSize, 'QUERY (status variables)'),
  )
  const schema = reader.text(schemaLength)
  if (reader.uint8() !== 0) throw reader.expected('a zero byte behind the schema')
  const sql = compressed ? decompress(reader) : reader.slice(reader.left)
  return { threadId, seconds, errorCode, schema, sql: sqlText(sql, session), session }
}

const BEGIN = Buffer.from('BEGIN')

/**
 * The thread of a plain `BEGIN`, which precedes most transactions and says nothing more; null: the event is another
 * query.
 */
export function beginThread(bytes: Buffer, from: number, to: number): number | null {
  const sql = to - BEGIN.length
  // A schema ends in a zero byte right before the text.
  if (sql < from + 14 || bytes[sql - 1] !== 0 || bytes[sql] !== 0x42) return null
  const begins = from + 14 + (bytes[from + 8] as number) + bytes.readUInt16LE(from + 11) === sql
  return begins && BEGIN.compare(bytes, sql, to) === 0 ? bytes.readUInt32LE(from) : null
}

/** SQL text is in the client's character set. */
function sqlText(sql: Buffer, { charset }: QuerySession): string {
  const name = charset === null ? null : charsetOfCollation(charset.client)
  return name === null ? sql.toString('utf8') : decoderOf(name).text(sql, 0, sql.length)
}

function decodeStatus(reader: EventReader): QuerySession {
  const session: Session = {
    sqlMode: null,
    charset: null,
    databaseCollation: null,
    defaultUtf8mb4Collation: null,
    timeZone: null,
    microseconds: null,
    explicitDefaultsForTimestamp: null,
    xid: null,
  }
  while (reader.left > 0 && decodeVariable(reader.uint8(), reader, session)) {}
  return session
}

/** False: the code is not known. */
function decodeVariable(code: number, reader: EventReader, session: Session): boolean {
  const size = passedSizes[code]
  if (size !== undefined) return reader.take(size) >= 0
  switch (code) {
    case 1: // SQL_MODE
      session.sqlMode = reader.uint64()
      return true
    case 2: // CATALOG
      reader.take(reader.uint8() + 1)
      return true
    case 4: // CHARSET
      session.charset = { client: reader.uint16(), connection: reader.uint16(), server: reader.uint16() }
      return true
    case 5: // TIME_ZONE
      session.timeZone = reader.text(reader.uint8())
      return true
    case 6: // CATALOG_NZ
      reader.take(reader.uint8())
      return true
    case 8: // CHARSET_DATABASE
      session.databaseCollation = reader.uint16()
      return true
    case 11: // INVOKER: user and host
      reader.take(reader.uint8())
      reader.take(reader.uint8())
      return true
    case 12: // UPDATED_DB_NAMES
      return passDatabases(reader)
    case 13: // MICROSECONDS
    case 128: // MariaDB's HRNOW
      session.microseconds = reader.safeInteger(3)
      return true
    case 16: // EXPLICIT_DEFAULTS_FOR_TIMESTAMP
      session.explicitDefaultsForTimestamp = reader.uint8() !== 0
      return true
    case 18: // DEFAULT_COLLATION_FOR_UTF8MB4
      session.defaultUtf8mb4Collation = reader.uint16()
      return true
    case 129: // MariaDB's XID
      session.xid = reader.uint64()
      return true
    default:
      return false
  }
}

/**
 * Variables that mean nothing here, by their size: FLAGS2, AUTO_INCREMENT, LC_TIME_NAMES, TABLE_MAP_FOR_UPDATE,
 * MASTER_DATA_WRITTEN, DDL_LOGGED_WITH_XID, SQL_REQUIRE_PRIMARY_KEY, DEFAULT_TABLE_ENCRYPTION.
 */
const passedSizes: Readonly<Record<number, number>> = { 0: 4, 3: 4, 7: 2, 9: 8, 10: 4, 17: 8, 19: 1, 20: 1 }

const tooManyDatabases = 254

function passDatabases(reader: EventReader): boolean {
  const count = reader.uint8()
  if (count !== tooManyDatabases) for (let i = 0; i < count; i++) reader.zeroEnded()
  return true
}
