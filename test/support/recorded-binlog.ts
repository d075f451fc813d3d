/** What is particular to cases that were recorded on MySQL and MariaDB: they make their databases themselves. */
import { type Engine, fill, type RecordedCase } from './recorded-case.ts'
import { sql, type SqlServer } from './recorded-sql.ts'

export interface LogPlace {
  readonly file: string
  readonly pos: number
}

/** Whether the case reads a binlog. */
export function readsBinlog({ engine, sink, plain }: RecordedCase): boolean {
  return (engine === 'mysql' || engine === 'mariadb') && sink !== true && plain !== true
}

/** Each transaction of the server shows in its records, also those of other cases: it cannot be played beside them. */
export function playsAlone(recorded: RecordedCase): boolean {
  return readsBinlog(recorded) && recorded.config?.['provide.transaction.metadata'] === 'true'
}

/** The databases that the scripts of a case make. */
export function madeDatabases(recorded: RecordedCase): readonly string[] {
  if (!readsBinlog(recorded)) return []
  const scripts = recorded.steps.map(({ sql: script, exec }) =>
    script === undefined ? (exec ?? '') : recorded.text(script),
  )
  const made = scripts.join('\n').matchAll(/CREATE DATABASE (?:IF NOT EXISTS )?`?(\{\{prefix\}\}\w*)/gi)
  return [...new Set([...made].map(([, name = '']) => fill(name, { prefix: recorded.prefix })))]
}

/** Where the server's log ends. */
export async function logEnd(engine: Engine, server: SqlServer): Promise<LogPlace> {
  const question = engine === 'mysql' ? 'SHOW BINARY LOG STATUS' : 'SHOW MASTER STATUS'
  const [file = '', pos] = (await sql(engine, server, '', question)).split('\n')[1]?.split('\t') ?? []
  return { file, pos: Number(pos) }
}

/** Whether a stored offset is at this place or behind it. */
export function hasReached(offset: unknown, { file, pos }: LogPlace): boolean {
  const stored = (offset as { readonly offset?: Partial<LogPlace> }).offset
  if (stored?.file === undefined || stored.pos === undefined) return false
  return stored.file > file || (stored.file === file && Number(stored.pos) >= pos)
}
