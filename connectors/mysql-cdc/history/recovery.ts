/**
 * The catalog as of a position, out of a schema history: records up to it are applied in their order, by their table
 * changes where they have some, otherwise by their DDL. A table's definition is read once, when it is needed.
 */
import {
  applyStatements,
  Catalog,
  type Dialect,
  parseDdl,
  type SessionContext,
  type Statement,
  type Table,
  type TableId,
} from '../ddl/index.ts'
import type { DdlFilter } from './ddl-filter.ts'
import { type HistoryRecord, notHistory } from './history-record.ts'
import type { PositionOrder } from './position-order.ts'
import { parseQuotedId, type TableChangeJson, tableOfJson } from './table-json.ts'

export interface RecoveryOptions {
  /** topic.prefix: records of other connectors are none of ours. */
  readonly server: string
  readonly dialect: Dialect
  /** Null: to the history's end. */
  readonly until: PositionOrder | null
  readonly filter: DdlFilter
  readonly foldsCase: boolean
  /** schema.history.internal.prefer.ddl */
  readonly prefersDdl: boolean
  /** schema.history.internal.skip.unparseable.ddl: told of each statement that is skipped. Null: it is an error. */
  readonly skipUnparseable: ((error: unknown) => void) | null
}

const shapeless = new Set<Statement['kind']>(['other', 'truncate'])

export class HistoryRecovery {
  readonly catalog: Catalog
  /** Records that were applied, and those of positions behind the wanted one. */
  applied = 0
  skipped = 0
  readonly #options: RecoveryOptions
  /** Columns that are AS ROW END, which Debezium's tables do not tell. */
  readonly #rowEnds = new Map<string, string>()
  readonly #latest = new Map<string, TableChangeJson>()
  /** Those that were applied as statements, with their positions. */
  readonly #statements = new Set<string>()

  constructor(options: RecoveryOptions) {
    this.#options = options
    this.catalog = new Catalog({ foldsCase: options.foldsCase })
  }

  apply(record: HistoryRecord): void {
    const { server, until, prefersDdl } = this.#options
    if (record.server !== server) return
    if (until !== null && !until.isAtOrBefore(record.position)) {
      this.skipped++
      return
    }
    if (record.tableChanges.length > 0 && (!prefersDdl || record.ddl === null))
      for (const change of record.tableChanges) this.#keep(change, record.ddl ?? '')
    else if (record.ddl !== null && this.#isNew(record)) this.#applyDdl(record.ddl, record.databaseName ?? '')
    this.applied++
  }

  /** To be called at the end: the catalog is complete then. */
  finish(): Catalog {
    for (const [key, change] of this.#latest) {
      const id = idOf(change.id)
      if (change.table == null) this.catalog.delete(id)
      else {
        const table = tableOfJson(id, change.table, change.comment ?? null)
        this.catalog.set(withRowEnd(table, this.#rowEnds.get(key)))
      }
    }
    this.#latest.clear()
    return this.catalog
  }

  /** A statement whose position was not stored before a crash is recorded again. */
  #isNew({ position, ddl }: HistoryRecord): boolean {
    const { ts_sec: _, ...place } = position
    const statement = JSON.stringify([place, ddl])
    if (this.#statements.has(statement)) return false
    this.#statements.add(statement)
    return true
  }

  #keep(change: TableChangeJson, ddl: string): void {
    const key = this.#keyOf(change.id)
    const rowEnd =
      rowEndOf(ddl) ??
      (change.type === 'ALTER' ? this.#rowEnds.get(this.#keyOf(change.previousId ?? change.id)) : null)
    if (change.previousId != null) this.#keepLast({ type: 'DROP', id: change.previousId })
    this.#keepLast(change)
    if (rowEnd == null) this.#rowEnds.delete(key)
    else this.#rowEnds.set(key, rowEnd)
  }

  /** Tables come into the catalog in the order of their last changes. */
  #keepLast(change: TableChangeJson): void {
    const key = this.#keyOf(change.id)
    this.#latest.delete(key)
    this.#latest.set(key, change)
  }

  #keyOf(id: string): string {
    return this.#options.foldsCase ? id.toLowerCase() : id
  }

  #applyDdl(sql: string, database: string): void {
    const { dialect, filter, skipUnparseable } = this.#options
    if (filter(sql)) return
    try {
      const statements = parseDdl(sql, dialect)
      if (statements.every(({ kind }) => shapeless.has(kind))) return
      this.finish()
      const context: SessionContext = {
        server: dialect.server,
        database,
        serverCharset: null,
        implicitTimestamps: false,
      }
      applyStatements(this.catalog, statements, context)
    } catch (error) {
      if (skipUnparseable === null) throw error
      skipUnparseable(error)
    }
  }
}

const rowEnd = /(?:`((?:[^`]|``)+)`|([\w$]+))\s+(?:timestamp|bigint)\b[^,]*?\bAS\s+ROW\s+END\b/i

function rowEndOf(ddl: string): string | null {
  const match = rowEnd.exec(ddl)
  return match === null ? null : (match[1]?.replaceAll('``', '`') ?? match[2] ?? null)
}

function withRowEnd(table: Table, name: string | undefined): Table {
  if (name === undefined || table.columns.some(({ isRowEnd }) => isRowEnd)) return table
  const columns = table.columns.map((column) =>
    column.name.toLowerCase() === name.toLowerCase() ? { ...column, isRowEnd: true } : column,
  )
  return { ...table, columns }
}

function idOf(text: string): TableId {
  const id = parseQuotedId(text)
  if (id === null) throw notHistory(`${text} names no table.`)
  return id
}
