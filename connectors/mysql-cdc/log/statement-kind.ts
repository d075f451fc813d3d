/**
 * What a statement in the log is, by its head: part of a transaction, a change of rows as a statement, or a definition.
 * Comments and MariaDB's SET STATEMENT … FOR may stand before it.
 */

export type StatementKind =
  | 'begin'
  | 'commit'
  | 'rollback'
  | 'xa start'
  | 'xa end'
  | 'xa commit'
  | 'xa rollback'
  | 'savepoint'
  | 'rows'
  | 'definition'

const before = String.raw`^(?:\s|/\*(?!M?!)(?:[^*]|\*(?!/))*\*/|--[^\n]*\n|#[^\n]*\n|SET\s+STATEMENT\s[^;]*?\sFOR\s)*`
const head = new RegExp(`${before}([a-z]+)(?:\\s+([a-z]+))?`, 'i')

export function statementKind(sql: string): StatementKind {
  const match = head.exec(sql)
  const [first, second] = [match?.[1]?.toUpperCase(), match?.[2]?.toUpperCase()]
  switch (first) {
    case 'BEGIN':
      return 'begin'
    case 'COMMIT':
      return 'commit'
    case 'ROLLBACK':
      return second === 'TO' ? 'savepoint' : 'rollback'
    case 'SAVEPOINT':
    case 'RELEASE':
      return 'savepoint'
    case 'XA':
      if (second === 'START' || second === 'BEGIN') return 'xa start'
      if (second === 'COMMIT') return 'xa commit'
      return second === 'ROLLBACK' ? 'xa rollback' : 'xa end'
    case 'INSERT':
    case 'UPDATE':
    case 'DELETE':
    case 'REPLACE':
    case 'LOAD':
    case 'WITH':
    // A function that changes rows.
    case 'SELECT':
      return 'rows'
    default:
      return 'definition'
  }
}

const xaHead = /^\s*XA\s+\w+\s+/i

/** The transaction that an XA statement names, as the server writes it. */
export function xaName(sql: string): string {
  return sql
    .replace(xaHead, '')
    .replace(/\s*ONE\s+PHASE\s*$/i, '')
    .replaceAll(/\s/g, '')
    .toUpperCase()
}

export function xaNameOf(globalId: Buffer, branchId: Buffer, formatId: number): string {
  const hex = (bytes: Buffer) => `X'${bytes.toString('hex').toUpperCase()}'`
  return `${hex(globalId)},${hex(branchId)},${formatId}`
}

/**
 * Whether a statement that changes rows could be one of a captured table: its default database is captured, or it may
 * name another one.
 */
export function concernsCaptured(
  { sql, schema }: { readonly sql: string; readonly schema: string },
  captured: (database: string) => boolean,
): boolean {
  return (schema !== '' && captured(schema)) || sql.includes('.')
}
