/** Each engine's errors, sorted into the kinds of `sql-error.ts`, their messages without values. */
import { messageOf } from '#errors'
import type { Engine } from './client.ts'
import { facts, networkError, SqlError, type SqlErrorKind, textOf } from './sql-error.ts'

const postgresStates: Readonly<Record<string, SqlErrorKind>> = {
  '42P01': 'missing-table',
  '3F000': 'missing-table',
  '42703': 'missing-column',
  '42P07': 'duplicate-table',
  '42701': 'duplicate-column',
  '23505': 'unique',
  '23502': 'not-null',
  '21000': 'same-row-twice',
  '42501': 'privilege',
  '42804': 'value',
  '55P03': 'contention',
  '40001': 'contention',
  '40P01': 'contention',
  '57P01': 'connection',
  '57P02': 'connection',
  '57P03': 'connection',
  '25006': 'connection',
}
const postgresClasses: Readonly<Record<string, SqlErrorKind>> = {
  '08': 'connection',
  '28': 'login',
  '3D': 'login',
  '53': 'resources',
  '58': 'resources',
  '22': 'value',
  '23': 'constraint',
  '42': 'syntax',
}

export function postgresError(thrown: unknown, place: string): SqlError {
  if (thrown instanceof SqlError) return thrown
  const state = textOf(thrown, 'code')
  const fromServer = textOf(thrown, 'severity') !== null && state !== null
  if (!fromServer)
    return (
      networkError('postgres', thrown, place) ?? new SqlError(messageOf(thrown), facts('postgres', 'other'))
    )
  const kind = postgresStates[state] ?? postgresClasses[state.slice(0, 2)] ?? 'other'
  return new SqlError(
    withoutPostgresValues(messageOf(thrown), state),
    facts('postgres', kind, {
      sqlState: state,
      table: textOf(thrown, 'table'),
      column: textOf(thrown, 'column') ?? /^column "([^"]+)"/.exec(messageOf(thrown))?.[1] ?? null,
      constraint: textOf(thrown, 'constraint'),
    }),
  )
}

/** Data exceptions end in `: "value"`; details and hints, which repeat whole rows, are not taken at all. */
function withoutPostgresValues(message: string, state: string): string {
  if (!state.startsWith('22')) return message
  return message.replace(/: ".*"$/s, '').replace(/"[^"]*"(?= is out of range)/s, 'value')
}

const mysqlCodes: Readonly<Record<string, SqlErrorKind>> = {
  1146: 'missing-table',
  1049: 'missing-table',
  1054: 'missing-column',
  1050: 'duplicate-table',
  1060: 'duplicate-column',
  1062: 'unique',
  1586: 'unique',
  1048: 'not-null',
  1364: 'not-null',
  1451: 'constraint',
  1452: 'constraint',
  3819: 'constraint',
  4025: 'constraint',
  1264: 'value',
  1265: 'value',
  1292: 'value',
  1366: 'value',
  1406: 'value',
  1416: 'value',
  3140: 'value',
  1044: 'login',
  1045: 'login',
  1698: 'login',
  1142: 'privilege',
  1143: 'privilege',
  1227: 'privilege',
  1290: 'privilege',
  1064: 'syntax',
  1205: 'contention',
  1213: 'contention',
  3572: 'contention',
  1020: 'contention',
  1040: 'resources',
  1041: 'resources',
  1114: 'resources',
  1203: 'resources',
  1226: 'resources',
  1053: 'connection',
  1077: 'connection',
  1152: 'connection',
  1158: 'connection',
  1159: 'connection',
  1160: 'connection',
  1161: 'connection',
  1927: 'connection',
  2006: 'connection',
  2013: 'connection',
  4031: 'connection',
}

export function mysqlError(thrown: unknown, engine: Engine, place: string): SqlError {
  if (thrown instanceof SqlError) return thrown
  const errno = textOf(thrown, 'errno')
  const state = textOf(thrown, 'sqlState')
  if (errno === null || state === null)
    return networkError(engine, thrown, place) ?? new SqlError(messageOf(thrown), facts(engine, 'other'))
  const message = textOf(thrown, 'sqlMessage') ?? messageOf(thrown)
  const kind =
    mysqlCodes[errno] ?? (state.startsWith('22') ? 'value' : state.startsWith('23') ? 'constraint' : 'other')
  return new SqlError(
    withoutMysqlValues(message),
    facts(engine, kind, {
      sqlState: state,
      vendorCode: errno,
      column: /(?:column|Column|Field) (?:'|`[^`]*`\.`[^`]*`\.`)([^'`]+)['`]/.exec(message)?.[1] ?? null,
      constraint: /for key '([^']+)'/.exec(message)?.[1] ?? null,
    }),
  )
}

function withoutMysqlValues(message: string): string {
  return message
    .replace(/\b(Duplicate entry) '.*' for key/s, '$1 for key')
    .replace(/\b(value): '.*' for (column|function)/s, '$1 for $2')
    .replace(/\b(value): '.*'$/s, '$1')
    .replace(/\b(near) '.*' at line/s, '$1 … at line')
}

const sqliteCodes: Readonly<Record<number, SqlErrorKind>> = {
  5: 'contention',
  6: 'contention',
  10: 'resources',
  13: 'resources',
  14: 'login',
  8: 'privilege',
  18: 'value',
  19: 'constraint',
  20: 'value',
  26: 'login',
  1299: 'not-null',
  1555: 'unique',
  2067: 'unique',
}

export function sqliteError(thrown: unknown): SqlError {
  if (thrown instanceof SqlError) return thrown
  const extended = Number(textOf(thrown, 'errcode') ?? Number.NaN)
  const message = messageOf(thrown)
  const kind: SqlErrorKind = /^no such table/.test(message)
    ? 'missing-table'
    : /no such column|has no column named/.test(message)
      ? 'missing-column'
      : /already exists$/.test(message)
        ? 'duplicate-table'
        : /^duplicate column name/.test(message)
          ? 'duplicate-column'
          : /syntax error/.test(message)
            ? 'syntax'
            : (sqliteCodes[extended] ?? sqliteCodes[extended & 0xff] ?? 'other')
  const column = /failed: ([^.,]+)\.([^.,]+)/.exec(message)
  return new SqlError(
    message,
    facts('sqlite', kind, {
      vendorCode: Number.isNaN(extended) ? null : `SQLite ${extended}`,
      table: column?.[1] ?? null,
      column: column?.[2] ?? null,
    }),
  )
}
