/**
 * Compiles what the schema history says of a table into the version that its records share: for the rows of the log,
 * once their layout was held against it, and for those of a snapshot's SELECT. A version that did not change keeps its
 * identity, so that converters do not compile it again.
 */
import { createHash } from 'node:crypto'
import {
  type Column,
  type ColumnRules,
  type ColumnType,
  distinctFields,
  type NameAdjuster,
  type TableVersion,
  tableVersion,
  type TopicNames,
} from '#cdc'
import type { FixedFields, Schema } from '#data'
import { DecodeError } from '#errors'
import type { Logger, Metrics } from '#observe'
import { columnType, type MysqlColumnType, type Remarks } from '../column-types/column-type.ts'
import type { DeclaredColumn } from '../column-types/declared-column.ts'
import type { TypeOptions } from '../column-types/options.ts'
import { sourceTypeParameters } from '../column-types/source-type.ts'
import type { MysqlConverter } from '../converters/index.ts'
import type { Catalog, Dialect, Table, TableId } from '../ddl/index.ts'
import type { LogColumn, TableMap } from '../decode/table-map.ts'
import { type Capture, pathOf } from './capture.ts'
import {
  contradiction,
  InconsistentTableError,
  loggedColumns,
  type RowColumn,
  selectedColumns,
  unknownTable,
} from './row-columns.ts'
import { rowEndCell } from './row-end.ts'
import { selectExpression } from './select-expression.ts'
import { isSequence } from './sequence-rows.ts'

export interface TableVersionOptions {
  readonly server: Dialect['server']
  readonly capture: Capture
  readonly topics: Pick<TopicNames, 'table' | 'keyField'>
  readonly types: TypeOptions
  readonly names: NameAdjuster
  /** include.schema.comments */
  readonly comments: boolean
  readonly source: { readonly schema: Schema; names(database: string, table: string): FixedFields }
  /** converters */
  readonly convert: MysqlConverter
  readonly rules: Pick<ColumnRules, 'apply'>
  /** inconsistent.schema.handling.mode */
  readonly inconsistent: 'fail' | 'warn' | 'skip'
  readonly log: Logger
  readonly metrics: Metrics
}

export interface SnapshotShape {
  readonly version: TableVersion
  /** What to select, in the order of the version's cells. */
  readonly columns: readonly string[]
}

/** Other rows go by: of a table that is not captured, or that inconsistent.schema.handling.mode passes over. */
type Found = TableVersion | 'not captured' | 'passed over'

type RowsOf = 'log' | 'select'
type ReadType = (type: MysqlColumnType, column: RowColumn) => ColumnType

export class TableVersions {
  readonly #schema: { readonly catalog: Catalog }
  readonly #options: TableVersionOptions
  readonly #passedOver: { inc(by: number): void }
  /** The decoder gives the same map for as long as the log describes a table in the same bytes. */
  #ofMaps = new WeakMap<TableMap, Found>()
  #rowEnds = new WeakMap<TableMap, number | null>()
  readonly #known = new Map<string, { readonly shape: string; readonly version: TableVersion }>()

  constructor(schema: { readonly catalog: Catalog }, options: TableVersionOptions) {
    this.#schema = schema
    this.#options = options
    this.#passedOver = options.metrics.counter(
      'rowtap_source_inconsistent_events_total',
      'Row events passed over by inconsistent.schema.handling.mode: the schema history does not fit their tables',
    )
  }

  /** To be asked once per rows event. null: its rows go by. Throws if they must not and the history does not fit. */
  ofLog(map: TableMap): TableVersion | null {
    let found = this.#ofMaps.get(map)
    if (found === undefined) {
      found = this.#find(map)
      this.#ofMaps.set(map, found)
    }
    if (typeof found === 'object') return found
    if (found === 'passed over') this.#passedOver.inc(1)
    return null
  }

  /** Which cell of a row that `ofLog` knows says until when the row was the current one; null: all rows are current. */
  rowEnd(map: TableMap): number | null {
    let cell = this.#rowEnds.get(map)
    if (cell === undefined) {
      const table = this.#schema.catalog.get({ database: map.schema, table: map.table })
      cell = table === null || this.#options.server === 'mysql' ? null : rowEndCell(map, table)
      this.#rowEnds.set(map, cell)
    }
    return cell
  }

  /** Of a table of the catalog as a query reads it now. */
  ofSnapshot(id: TableId): SnapshotShape {
    const { capture } = this.#options
    const table = this.#schema.catalog.get(id)
    if (table === null) throw unknownTable(id)
    const key = new Set(this.#keyOf(table))
    const columns = selectedColumns(table, (name) => key.has(name) || capture.column(id, name))
    return {
      version: this.#version(table, columns, 'select', (type) => type.text),
      columns: columns.map(({ column }) => selectExpression(column)),
    }
  }

  /** For what concerns the table as a whole. null: it is not captured, or not known. */
  ofTable(id: TableId): TableVersion | null {
    const known = this.#options.capture.table(id) && this.#schema.catalog.get(id) !== null
    return known ? this.ofSnapshot(id).version : null
  }

  /** These tables were shaped anew, or are gone. */
  forget(ids: readonly TableId[]): void {
    // Few statements shape tables: all maps may be looked at again.
    if (ids.length > 0) {
      this.#ofMaps = new WeakMap()
      this.#rowEnds = new WeakMap()
    }
    for (const id of ids)
      if (this.#schema.catalog.get(id) === null)
        for (const rows of ['log', 'select'] as const) this.#known.delete(placeOf(rows, id))
  }

  #find(map: TableMap): Found {
    const id: TableId = { database: map.schema, table: map.table }
    const { capture, inconsistent, log, server } = this.#options
    if (!capture.table(id)) return 'not captured'
    const isKnown = this.#schema.catalog.get(id) !== null
    if (!isKnown && server === 'mariadb' && isSequence(map)) return 'not captured'
    try {
      return this.#ofMap(id, map)
    } catch (error) {
      if (!(error instanceof InconsistentTableError) || inconsistent === 'fail') throw error
      const level = inconsistent === 'warn' ? 'warn' : 'debug'
      log[level](
        { table: pathOf(id) },
        `${error.what} Its events are passed over (inconsistent.schema.handling.mode=${inconsistent}).`,
      )
      return 'passed over'
    }
  }

  #ofMap(id: TableId, map: TableMap): TableVersion {
    const table = this.#schema.catalog.get(id)
    if (table === null) throw unknownTable(id)
    const columns = loggedColumns(map, table, this.#options.server)
    return this.#version(table, columns, 'log', (type, { logged }) => {
      try {
        return type.log(logged as LogColumn)
      } catch (error) {
        throw error instanceof DecodeError ? contradiction(id, error.message, error) : error
      }
    })
  }

  /** As Debezium names columns, in key order. */
  #keyOf(table: Table): readonly string[] {
    const names = table.columns.map((column) => column.recordedName)
    const ruled = this.#options.capture.ruledKey(table.id, names)
    if (ruled !== null) return ruled
    return table.key.flatMap(
      (name) => table.columns.find((column) => column.name === name)?.recordedName ?? [],
    )
  }

  #version(table: Table, columns: readonly RowColumn[], of: RowsOf, read: ReadType): TableVersion {
    const key = this.#keyOf(table)
    const shape = digestOf([columns, key])
    const place = placeOf(of, table.id)
    const known = this.#known.get(place)
    if (known?.shape === shape) return known.version
    const version = this.#compile(table, columns, key, read)
    this.#known.set(place, { shape, version })
    return version
  }

  #compile(
    { id }: Table,
    columns: readonly RowColumn[],
    keyNames: readonly string[],
    read: ReadType,
  ): TableVersion {
    const { capture, names, topics, source, convert, rules } = this.#options
    const { database, table } = id
    const path = pathOf(id)
    const made = (row: RowColumn, isKey: boolean): Column => {
      const { declared, cell } = row
      const place = `${path}.${declared.name}`
      const remarks = this.#remarks(id, row, isKey)
      const make = (column: DeclaredColumn) => columnType(column, this.#options.types, remarks)
      const type = read(convert(place, declared, make) ?? make(declared), row)
      return {
        name: names.field(declared.name),
        type: isKey ? type : rules.apply(place, declared.length, type),
        cell,
        sourceName: declared.name,
      }
    }
    const captured = columns.filter(({ declared }) => capture.column(id, declared.name))
    const key = keyNames.flatMap((wanted) => columns.filter(({ declared }) => declared.name === wanted))
    distinctFields(
      path,
      captured.map(({ declared }) => declared.name),
      names.field,
    )
    const topic = topics.table(database, table)
    return tableVersion({
      topic,
      schemaPrefix: names.schema(topic),
      database,
      schemaName: database,
      table,
      columns: captured.map((column) => made(column, false)),
      key: key.length === 0 ? null : key.map((column) => made(column, true)),
      keyField: topics.keyField(database, table),
      source: source.schema,
      names: source.names(database, table),
    })
  }

  /** Keys have their comments, but do not tell their types. */
  #remarks(id: TableId, { column, declared }: RowColumn, isKey: boolean): Remarks {
    const { capture, comments } = this.#options
    const comment = comments && column.comment !== null && column.comment !== '' ? column.comment : null
    const tells = !isKey && capture.tellsType(id, declared.name, column.typeName)
    return {
      ...(comment === null ? {} : { doc: comment }),
      ...(tells ? { parameters: sourceTypeParameters(declared, comment) } : {}),
    }
  }
}

function placeOf(of: RowsOf, id: TableId): string {
  return `${of} ${pathOf(id)}`
}

/** Of thousands of tables no definitions are kept twice. */
function digestOf(shape: unknown): string {
  return createHash('sha256').update(JSON.stringify(shape)).digest('base64')
}
