/** Which databases, tables and columns are captured, and what the configuration says of them beyond that. */
import {
  type KeyRule,
  listEntries,
  nameFilter,
  namePattern,
  namePatterns,
  type NameFilter,
  parseKeyRules,
  ruledKey,
} from '#cdc'
import type { TableId } from '../ddl/index.ts'
import type { CaptureFilter } from '../history/index.ts'

type Kind = 'database' | 'table' | 'column'
type ListProperty = `${Kind}.${'include' | 'exclude'}.list` | `${'column' | 'datatype'}.propagate.source.type`

/** The properties that it follows, by their names. */
export interface CaptureSettings extends Readonly<Record<ListProperty, string | null>> {
  readonly 'message.key.columns': string | null
  /** Captured whatever the lists say. */
  readonly 'signal.data.collection': string | null
  readonly 'table.ignore.builtin': boolean
  readonly 'schema.history.internal.store.only.captured.tables.ddl': boolean
  readonly 'schema.history.internal.store.only.captured.databases.ddl': boolean
}

const builtin = new Set(['mysql', 'performance_schema', 'sys', 'information_schema'])

export class Capture {
  /** What of DDL is recorded and announced. */
  readonly ddl: CaptureFilter
  readonly #ignoresBuiltin: boolean
  readonly #databases: NameFilter
  readonly #tables: NameFilter
  readonly #columns: NameFilter
  readonly #signals: ReadonlySet<string>
  readonly #typedColumns: NameFilter
  readonly #typedTypes: NameFilter
  readonly #keyRules: readonly KeyRule[]
  readonly #order: readonly RegExp[]

  constructor(settings: CaptureSettings) {
    const lists = (kind: Kind) =>
      nameFilter({
        includeProperty: `${kind}.include.list`,
        include: settings[`${kind}.include.list`],
        excludeProperty: `${kind}.exclude.list`,
        exclude: settings[`${kind}.exclude.list`],
      })
    this.#ignoresBuiltin = settings['table.ignore.builtin']
    this.#databases = lists('database')
    this.#tables = lists('table')
    this.#columns = lists('column')
    this.#signals = new Set(listEntries(settings['signal.data.collection']))
    this.#typedColumns = anyOf('column.propagate.source.type', settings)
    this.#typedTypes = anyOf('datatype.propagate.source.type', settings)
    this.#keyRules = parseKeyRules(settings['message.key.columns'])
    this.#order = listEntries(settings['table.include.list']).map((each) =>
      namePattern('table.include.list', each),
    )
    this.ddl = {
      onlyTables: settings['schema.history.internal.store.only.captured.tables.ddl'],
      onlyDatabases: settings['schema.history.internal.store.only.captured.databases.ddl'],
      hasDatabase: (name) => this.database(name),
      hasTable: (id) => this.table(id),
    }
  }

  database(name: string): boolean {
    return !this.isBuiltin(name) && this.#databases(name)
  }

  /** A database of the server's own, unless table.ignore.builtin says to take it as any other. */
  isBuiltin(database: string): boolean {
    return this.#ignoresBuiltin && builtin.has(database.toLowerCase())
  }

  table(id: TableId): boolean {
    const path = pathOf(id)
    return this.#signals.has(path) || (this.database(id.database) && this.#tables(path))
  }

  /** A table of signal.data.collection. */
  takesSignals(path: string): boolean {
    return this.#signals.has(path)
  }

  column(id: TableId, column: string): boolean {
    return this.#columns(`${pathOf(id)}.${column}`)
  }

  /** Whether the column's schema tells its type, which is declared as `type`. */
  tellsType(id: TableId, column: string, type: string): boolean {
    const path = pathOf(id)
    return this.#typedColumns(`${path}.${column}`) || this.#typedTypes(`${path}.${type}`)
  }

  /** The key columns that message.key.columns gives the table; null: its own. */
  ruledKey(id: TableId, columns: readonly string[]): readonly string[] | null {
    return ruledKey(this.#keyRules, pathOf(id), columns)
  }

  /** Where the table stands in a snapshot: by the entry of table.include.list that it matches. */
  rank(id: TableId): number {
    const path = pathOf(id)
    return this.#order.findIndex((each) => each.test(path))
  }
}

/** As filters and messages name a table. */
export function pathOf({ database, table }: TableId): string {
  return `${database}.${table}`
}

function anyOf(
  property: 'column.propagate.source.type' | 'datatype.propagate.source.type',
  settings: CaptureSettings,
): NameFilter {
  const patterns = namePatterns(property, settings[property]) ?? []
  return (name) => patterns.some((each) => each.test(name))
}
