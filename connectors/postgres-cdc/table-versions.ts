/**
 * Compiles what is known of a table into the version that its records share: the columns of the log's rows (or of a
 * snapshot's SELECT), with what the catalogue adds to them. A version that did not change keeps its identity, so that
 * converters do not compile it again.
 */
import {
  type Column,
  type ColumnRules,
  distinctFields,
  type NameAdjuster,
  type TableVersion,
  tableVersion,
  type TopicNames,
} from '#cdc'
import type { Logger } from '#observe'
import {
  type PgColumn,
  type PgType,
  TypeCatalog,
  typeQuery,
  typesByOidQuery,
} from './column-types/catalog.ts'
import { columnType } from './column-types/column-type.ts'
import type { TypeOptions } from './column-types/options.ts'
import { type RowsOf, sourceTypeParameters } from './column-types/source-type.ts'
import type { Client } from './connection.ts'
import type { Relation } from './decode/pgoutput.ts'
import { sourceNames, sourceSchema } from './source-block.ts'
import type { Capture, TableFacts, TableId } from './tables.ts'

export class TableVersions {
  readonly #database: string
  readonly #capture: Capture
  readonly #topics: TopicNames
  readonly #options: TypeOptions
  readonly #names: NameAdjuster
  readonly #rules: ColumnRules
  readonly #log: Logger
  readonly #types = new TypeCatalog()
  readonly #known = new Map<string, { readonly shape: string; readonly version: TableVersion }>()

  constructor(
    database: string,
    capture: Capture,
    topics: TopicNames,
    options: TypeOptions,
    names: NameAdjuster,
    rules: ColumnRules,
    log: Logger,
  ) {
    this.#database = database
    this.#capture = capture
    this.#topics = topics
    this.#options = options
    this.#names = names
    this.#rules = rules
    this.#log = log
  }

  async loadTypes(client: Client): Promise<void> {
    const { rows } = await client.query<PgType>(typeQuery)
    this.#types.add(rows)
  }

  /** Types that were made since. */
  async #loadMissing(client: Client, columns: readonly PgColumn[]): Promise<void> {
    for (let round = 0; round < 4; round++) {
      const missing = this.#types.missing(columns.map((column) => column.typeOid))
      if (missing.length === 0) return
      const { rows } = await client.query<PgType>(typesByOidQuery, [missing])
      if (rows.length === 0) return
      this.#types.add(rows)
    }
  }

  /** Of a table as the catalogue has it: the rows of a snapshot. `columns` is what is to be selected. */
  async ofSnapshot(client: Client, table: TableId, facts: TableFacts): Promise<SnapshotShape> {
    await this.#loadMissing(client, facts.columns)
    const wanted = new Set(this.#keyOf(table, facts.columns, facts))
    const columns = facts.columns.filter(
      (column) => wanted.has(column.name) || this.#capture.column(table, column.name),
    )
    return {
      version: this.#version(table, columns, facts, 'snapshot'),
      columns: columns.map((column) => column.name),
    }
  }

  /** Of a relation as the log describes it. `facts` is null where the table is gone. */
  async ofRelation(client: Client, relation: Relation, facts: TableFacts | null): Promise<TableVersion> {
    // As Debezium: of a column that is left out, only what the log says is known, also where it is in the key.
    const captured = facts?.columns.filter((column) => this.#capture.column(relation, column.name)) ?? []
    const now = new Map(captured.map((column) => [column.name, column]))
    const columns = relation.columns.map((column) => merged(column, now.get(column.name)))
    await this.#loadMissing(client, columns)
    return this.#version(relation, columns, facts ?? { columns, key: identityKey(relation) }, 'stream')
  }

  #keyOf(table: TableId, columns: readonly PgColumn[], facts: TableFacts): readonly string[] {
    const names = columns.map((column) => column.name)
    return this.#capture.ruledKey(table, names) ?? facts.key.filter((name) => names.includes(name))
  }

  #version(table: TableId, columns: readonly PgColumn[], facts: TableFacts, of: RowsOf): TableVersion {
    const key = this.#keyOf(table, columns, facts)
    const types = columns.map((column) => this.#types.get(column.typeOid))
    const shape = JSON.stringify([table, columns, key, types, this.#tellsTypes(table, columns) ? of : null])
    const place = `${table.schema}.${table.name}`
    const known = this.#known.get(place)
    if (known?.shape === shape) return known.version
    const version = this.#compile(table, columns, key, of)
    this.#known.set(place, { shape, version })
    return version
  }

  /** Then the schemas of snapshot and stream differ: the server describes the types in different words. */
  #tellsTypes(table: TableId, columns: readonly PgColumn[]): boolean {
    return columns.some((column) => this.#capture.tellsType(table, column.name, this.#typeName(column)))
  }

  #typeName(column: PgColumn): string {
    return this.#types.get(column.typeOid)?.name ?? ''
  }

  #parameters(table: TableId, column: PgColumn, of: RowsOf): Readonly<Record<string, string>> {
    const tells = this.#capture.tellsType(table, column.name, this.#typeName(column))
    return tells ? sourceTypeParameters(column, this.#types, of) : {}
  }

  #compile(
    { schema, name }: TableId,
    columns: readonly PgColumn[],
    keyNames: readonly string[],
    of: RowsOf,
  ): TableVersion {
    const table = { schema, name }
    const compile = (parametersOf: (column: PgColumn) => Readonly<Record<string, string>>) =>
      columns.flatMap((column, cell): Column[] => {
        const type = columnType(column, this.#types, this.#options, parametersOf(column))
        return type === null ? [] : [{ name: column.name, type, cell }]
      })
    // Keys do not tell their types.
    const plain = compile(() => ({}))
    const told = this.#tellsTypes(table, columns)
    const compiled = told ? compile((column) => this.#parameters(table, column, of)) : plain
    const key = keyNames.flatMap((wanted) => plain.filter((column) => column.name === wanted))
    const captured = compiled
      .filter((column) => this.#capture.column(table, column.name))
      .map((column) => this.#ruled(table, column, columns[column.cell]))
    this.#tellLeftOut(table, columns, compiled)
    const { schema: schemaName, field } = this.#names
    distinctFields(
      `${schema}.${name}`,
      captured.map((column) => column.name),
      field,
    )
    const renamed = (column: Column): Column => ({
      ...column,
      name: field(column.name),
      sourceName: column.name,
    })
    const topic = this.#topics.table(schema, name)
    return tableVersion({
      topic,
      schemaPrefix: schemaName(topic),
      database: this.#database,
      schemaName: schema,
      table: name,
      columns: captured.map(renamed),
      key: key.length === 0 ? null : key.map(renamed),
      keyField: this.#topics.keyField(schema, name),
      source: sourceSchema,
      names: sourceNames(schema, name),
    })
  }

  /** Masked, hashed or truncated. */
  #ruled({ schema, name }: TableId, column: Column, of: PgColumn | undefined): Column {
    const length = of === undefined ? null : declaredLength(of, this.#typeName(of))
    return { ...column, type: this.#rules.apply(`${schema}.${name}.${column.name}`, length, column.type) }
  }

  /** A column that is not in the events is named once for each shape of its table. */
  #tellLeftOut({ schema, name }: TableId, columns: readonly PgColumn[], compiled: readonly Column[]): void {
    for (const column of columns) {
      if (compiled.some((each) => each.name === column.name)) continue
      if (!this.#capture.column({ schema, name }, column.name)) continue
      this.#log.warn(
        { table: `${schema}.${name}`, column: column.name, type: this.#typeName(column) },
        'the column is left out: its type has no mapping (include.unknown.datatypes=true gives its bytes)',
      )
    }
  }
}

export interface SnapshotShape {
  readonly version: TableVersion
  /** What to select, in this order. */
  readonly columns: readonly string[]
}

/** A column of the log with what the catalogue says of it now; of a dropped one nothing is known. */
function merged(
  column: { readonly name: string; readonly typeOid: number; readonly typeModifier: number },
  now: PgColumn | undefined,
): PgColumn {
  const { name, typeOid, typeModifier } = column
  if (now === undefined)
    return {
      name,
      typeOid,
      typeModifier,
      notNull: false,
      defaultExpression: null,
      identity: false,
      generated: false,
    }
  const sameType = now.typeOid === typeOid
  return { ...now, typeOid, typeModifier, defaultExpression: sameType ? now.defaultExpression : null }
}

/** n of char(n) and varchar(n): the modifier counts its own header. */
function declaredLength({ typeModifier }: PgColumn, type: string): number | null {
  return (type === 'varchar' || type === 'bpchar') && typeModifier > 4 ? typeModifier - 4 : null
}

/** Of a table that is gone, the log still tells which columns identify its rows. */
function identityKey(relation: Relation): readonly string[] {
  if (relation.identity === 'f') return []
  return relation.columns.filter((column) => column.key).map((column) => column.name)
}
