/**
 * Keeps what all tables look like at the place that the log was read to. A statement is applied to the catalog, and what
 * it changed is in the history before anybody hears of it: after a crash the history is ahead of the stored offset, never
 * behind it.
 */
import { charsetOfCollation } from './charsets/collations.ts'
import {
  applyStatements,
  Catalog,
  type Change,
  type Dialect,
  dialectOf,
  parseDdl,
  type SessionContext,
  type Statement,
  type TableId,
} from './ddl/index.ts'
import type { Query } from './decode/query.ts'
import {
  type CaptureFilter,
  type DdlFilter,
  type HistoryPosition,
  type HistoryRecord,
  HistoryRecovery,
  type HistoryStore,
  isRecorded,
  isTransactional,
  type PositionOrder,
  type SchemaChange,
  schemaChanges,
  type TableChange,
  tableChangeJson,
} from './history/index.ts'
import { DecodeError, messageOf } from '#errors'
import type { Logger, Metrics } from '#observe'

export interface SchemaKeeperOptions {
  readonly server: Dialect['server']
  readonly topicPrefix: string
  readonly foldsCase: boolean
  /** Whose statements are recorded and announced. */
  readonly capture: CaptureFilter
  readonly filter: DdlFilter
  /** schema.history.internal.prefer.ddl and .skip.unparseable.ddl */
  readonly prefersDdl: boolean
  readonly skipsUnparseable: boolean
  /** include.schema.comments */
  readonly comments: boolean
  readonly store: HistoryStore
  readonly log: Logger
  readonly metrics: Metrics
}

/** What a statement did. */
export interface DdlOutcome {
  /** To be announced in the topic of schema changes, in this order. */
  readonly changes: readonly SchemaChange[]
  /** Emptied, captured or not. */
  readonly truncated: readonly TableId[]
  /** Made, altered, renamed or dropped: their versions are to be forgotten. */
  readonly shaped: readonly TableId[]
}

/** A statement that makes the catalog what the server has, for a session in that database. */
export interface SchemaStatement {
  readonly database: string
  readonly ddl: string
  /** For the history only: the topic of schema changes does not tell it. */
  readonly untold?: true
}

const truncates = /^\s*(?:SET\s+STATEMENT\s.*?\sFOR\s+)?TRUNCATE\s/is

const nothing: DdlOutcome = { changes: [], truncated: [], shaped: [] }

export class SchemaKeeper implements AsyncDisposable {
  readonly #options: SchemaKeeperOptions
  readonly #unparseable: { inc(by: number): void }
  #catalog: Catalog

  constructor(options: SchemaKeeperOptions) {
    this.#options = options
    this.#catalog = new Catalog({ foldsCase: options.foldsCase })
    this.#unparseable = options.metrics.counter(
      'rowtap_source_unparseable_ddl_total',
      'Statements passed over by schema.history.internal.skip.unparseable.ddl',
    )
  }

  get catalog(): Catalog {
    return this.#catalog
  }

  /** Why nothing can be recovered; null: there is a history. */
  async historyProblem(): Promise<string | null> {
    const { store } = this.#options
    const state = await store.state()
    if (state === 'filled') return null
    return `${store.name} ${state === 'missing' ? 'does not exist' : 'is empty'}`
  }

  /** The catalog as of a place, out of the history. null: as of its end. */
  async recover(until: PositionOrder | null): Promise<void> {
    const { store, log, topicPrefix, server, filter, foldsCase, prefersDdl } = this.#options
    const begin = performance.now()
    const recovery = new HistoryRecovery({
      ...{ server: topicPrefix, until, filter, foldsCase, prefersDdl },
      dialect: { server, ansiQuotes: false, noBackslashEscapes: false },
      skipUnparseable: this.#options.skipsUnparseable ? (error) => this.#skipped(error, null) : null,
    })
    try {
      for await (const records of store.records()) for (const record of records) recovery.apply(record)
      this.#catalog = recovery.finish()
    } catch (error) {
      throw error instanceof DecodeError ? unreadableHistory(error, store.name) : error
    }
    const { applied, skipped } = recovery
    const tables = [...this.#catalog.tables()].length
    const ms = Math.round(performance.now() - begin)
    log.info({ history: store.name, tables, applied, skipped, ms }, 'recovered the schema from its history')
    if (applied === 0)
      log.warn(
        { history: store.name, skipped },
        `the schema history has nothing of topic.prefix=${topicPrefix} up to the stored offset: no table is known`,
      )
  }

  /** A statement of the log; `position` is the offset as of its end. */
  async ddl(
    query: Pick<Query, 'sql' | 'schema' | 'session'>,
    position: HistoryPosition,
    timestampMs: number,
  ): Promise<DdlOutcome> {
    const { server, filter } = this.#options
    const { sql, schema: database, session } = query
    // Of a TRUNCATE nothing is recorded, but its table tells of it.
    if (isTransactional(sql) || (filter(sql) && !truncates.test(sql))) return nothing
    const outcome = this.#apply(sql, dialectOf(server, session.sqlMode ?? 0n), position, {
      server,
      database,
      serverCharset: session.charset === null ? null : charsetOfCollation(session.charset.server),
      implicitTimestamps: session.explicitDefaultsForTimestamp === false,
    })
    await this.#record(outcome.changes, position, timestampMs)
    return outcome
  }

  /** What makes the catalog that of the server, as a snapshot has asked for it. */
  async snapshot(
    statements: readonly SchemaStatement[],
    position: HistoryPosition,
    timestampMs: number,
  ): Promise<DdlOutcome> {
    const { server, store } = this.#options
    const dialect = dialectOf(server, 0n)
    await store.create()
    const outcomes = statements.map(({ ddl, database, untold }) => {
      const session = { server, database, serverCharset: null, implicitTimestamps: false }
      const { changes, shaped } = this.#apply(ddl, dialect, position, session)
      return { changes, shaped, told: untold === true ? [] : changes }
    })
    const recorded = outcomes.flatMap(({ changes }) => changes)
    await this.#record(recorded, position, timestampMs)
    return {
      changes: outcomes.flatMap(({ told }) => told),
      truncated: [],
      shaped: outcomes.flatMap(({ shaped }) => shaped),
    }
  }

  /** Tables that somebody says are so, whatever the log has told (the signal `schema-changes`). */
  async inject(
    databaseName: string,
    changes: readonly TableChange[],
    position: HistoryPosition,
    timestampMs: number,
  ): Promise<DdlOutcome> {
    for (const { id, previousId, table } of changes) {
      if (previousId !== null) this.#catalog.delete(previousId)
      if (table === null) this.#catalog.delete(id)
      else this.#catalog.set(table)
    }
    const told = changes.map((change): SchemaChange => {
      const { id } = change
      return { databaseName, ddl: null, sourceTable: id.table, table: id, tableChanges: [change] }
    })
    await this.#record(told, position, timestampMs)
    const shaped = changes.flatMap(({ id, previousId }) => (previousId === null ? [id] : [id, previousId]))
    return { changes: told, truncated: [], shaped }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#options.store[Symbol.asyncDispose]()
  }

  #apply(sql: string, dialect: Dialect, position: HistoryPosition, session: SessionContext): DdlOutcome {
    let changes: readonly Change[] = []
    let dropped: readonly TableId[] = []
    try {
      const statements = parseDdl(sql, dialect)
      dropped = this.#tablesOfDropped(statements)
      changes = applyStatements(this.#catalog, statements, session)
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error
      if (!this.#options.skipsUnparseable) throw unreadable(error, sql, position)
      this.#skipped(error, position)
    }
    return {
      changes: schemaChanges(sql, session.database, changes, this.#catalog, this.#options.capture),
      truncated: changes.flatMap((change) => (change.kind === 'truncate' ? [change.id] : [])),
      shaped: [...dropped, ...changes.flatMap(shapedBy)],
    }
  }

  #tablesOfDropped(statements: readonly Statement[]): readonly TableId[] {
    const databases = statements.flatMap((each) => (each.kind === 'drop-database' ? [each.database] : []))
    if (databases.length === 0) return []
    return [...this.#catalog.tables()]
      .map(({ id }) => id)
      .filter(({ database }) => databases.includes(database))
  }

  async #record(
    changes: readonly SchemaChange[],
    position: HistoryPosition,
    timestamp: number,
  ): Promise<void> {
    const { capture, comments, store, topicPrefix } = this.#options
    const records = changes
      .filter((change) => isRecorded(change, capture))
      .map(
        ({ databaseName, ddl, tableChanges }): HistoryRecord => ({
          ...{ server: topicPrefix, position, timestamp, databaseName, ddl },
          tableChanges: tableChanges.map((each) => tableChangeJson(each, comments)),
        }),
      )
    if (records.length > 0) await store.append(records)
  }

  #skipped(error: unknown, position: HistoryPosition | null): void {
    this.#unparseable.inc(1)
    this.#options.log.warn(
      { position },
      `a statement is passed over (schema.history.internal.skip.unparseable.ddl): ${messageOf(error)}`,
    )
  }
}

function shapedBy(change: Change): readonly TableId[] {
  if (change.kind === 'database' || change.kind === 'truncate') return []
  return change.kind === 'alter' && change.previous !== null ? [change.id, change.previous] : [change.id]
}

function unreadableHistory(error: DecodeError, name: string): DecodeError {
  const { remedy } = error
  const text = remedy === undefined ? error.message : error.message.slice(0, -remedy.length - 1)
  return new DecodeError(`In ${name}: ${text}`, {
    cause: error,
    ...(remedy === undefined ? {} : { remedy }),
  })
}

const longestShown = 1000

function unreadable(error: DecodeError, sql: string, position: HistoryPosition): DecodeError {
  const place = ['file', 'pos', 'gtids']
    .flatMap((name) => (position[name] === undefined ? [] : [`${name} ${position[name]}`]))
    .join(', ')
  const shown = sql.length > longestShown ? `${sql.slice(0, longestShown)}…` : sql
  return new DecodeError(
    `The statement at ${place} cannot be applied to the schema: ${error.message} The statement: ${shown}`,
    {
      cause: error,
      remedy:
        'Set schema.history.internal.skip.unparseable.ddl=true to pass over such statements, if this one changes no table that is captured.',
    },
  )
}
