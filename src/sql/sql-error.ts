/**
 * What a database refused, in one form for all engines: its kind, SQLSTATE, the table, column or constraint as far as
 * the server names them, and whether trying again may help. The message holds no values of records: servers put them
 * into theirs, so values are cut out here (invariant 7).
 */
import { ConnectError, messageOf } from '#errors'
import type { Engine } from './client.ts'

export type SqlErrorKind =
  | 'connection'
  | 'login'
  | 'contention'
  | 'resources'
  | 'missing-table'
  | 'missing-column'
  | 'duplicate-table'
  | 'duplicate-column'
  | 'unique'
  | 'not-null'
  | 'constraint'
  /** A value that does not fit its column. */
  | 'value'
  /** PostgreSQL: one upsert statement met the same row twice. */
  | 'same-row-twice'
  | 'privilege'
  | 'syntax'
  | 'other'

export interface SqlErrorFacts {
  readonly engine: Engine
  readonly kind: SqlErrorKind
  readonly sqlState: string | null
  /** The vendor's own code: `1062`, `SQLITE_BUSY`; null for PostgreSQL, whose code is the SQLSTATE. */
  readonly vendorCode: string | null
  readonly table: string | null
  readonly column: string | null
  readonly constraint: string | null
}

const retriableKinds: ReadonlySet<SqlErrorKind> = new Set(['connection', 'contention', 'resources'])

export class SqlError extends ConnectError {
  override readonly name = 'SqlError'
  override readonly retriable: boolean
  readonly facts: SqlErrorFacts

  constructor(message: string, facts: SqlErrorFacts) {
    const codes = [facts.sqlState === null ? null : `SQLSTATE ${facts.sqlState}`, facts.vendorCode]
    const shown = codes.filter((code) => code !== null).join(', ')
    super(shown === '' ? message : `${message} (${shown})`)
    this.facts = facts
    this.retriable = retriableKinds.has(facts.kind)
  }
}

const networkCodes = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EPIPE', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND'],
  ...['EAI_AGAIN', 'ECONNABORTED', 'PROTOCOL_CONNECTION_LOST', 'PROTOCOL_SEQUENCE_TIMEOUT'],
])

/** A fault of the socket rather than an answer of the server, or null. */
export function networkError(engine: Engine, thrown: unknown, place: string): SqlError | null {
  const code = textOf(thrown, 'code')
  const message = messageOf(thrown)
  const lost =
    /connection terminated|connection.*(closed|ended|timeout|timed out)|closed state|not queryable|Query read timeout/i
  if (!(code !== null && networkCodes.has(code)) && !lost.test(message)) return null
  const what = code ?? message
  return new SqlError(
    `The connection to ${place} failed: ${what}.`,
    facts(engine, 'connection', { vendorCode: null }),
  )
}

export function facts(
  engine: Engine,
  kind: SqlErrorKind,
  more: Partial<Omit<SqlErrorFacts, 'engine' | 'kind'>> = {},
): SqlErrorFacts {
  return {
    engine,
    kind,
    sqlState: null,
    vendorCode: null,
    table: null,
    column: null,
    constraint: null,
    ...more,
  }
}

export function textOf(thrown: unknown, property: string): string | null {
  if (typeof thrown !== 'object' || thrown === null) return null
  const value = (thrown as Record<string, unknown>)[property]
  return typeof value === 'string' && value !== '' ? value : typeof value === 'number' ? String(value) : null
}
