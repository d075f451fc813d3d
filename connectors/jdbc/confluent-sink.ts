/**
 * The task of `jdbc-sink`. One put is one transaction over all tables; a fault rolls it back, and the framework brings
 * the same records again (at least once: with upsert, a second time changes nothing). Within a table the order of the
 * records holds, deletes and writes alike.
 */
import type { SinkRecord } from '#data'
import { ConfigError, ConnectError, RetriableError } from '#errors'
import type { SinkContext, SinkTask } from '#plugin'
import { type SqlClient, SqlError } from '#sql'
import { type BufferedRow, runsOf, type TableBuffer, writeRun } from './buffer.ts'
import type { Change } from './change.ts'
import { explained, isPermanent } from './failure.ts'
import type { Session } from './session.ts'
import { parseTableName } from './table-names.ts'
import type { Tables } from './tables.ts'

export interface ConfluentTaskSettings {
  readonly batchSize: number
  readonly maxRetries: number
  readonly retryBackoffMs: number
  readonly views: boolean
  /** The engine that `dialect.name` expects; null: any. */
  readonly engine: string | null
  readonly tableOf: (topic: string) => string
  readonly read: (record: SinkRecord) => Change
}

/** A statement's error with the rows that it was about. */
class WriteFault extends Error {
  readonly error: SqlError
  readonly rows: readonly BufferedRow[]

  constructor(error: SqlError, rows: readonly BufferedRow[]) {
    super(error.message)
    this.error = error
    this.rows = rows
  }
}

export class ConfluentSinkTask implements SinkTask {
  readonly #settings: ConfluentTaskSettings
  readonly #session: Session
  readonly #tables: Tables
  readonly #context: SinkContext
  readonly #names = new Map<string, ReturnType<typeof parseTableName>>()
  #remaining: number

  constructor(settings: ConfluentTaskSettings, session: Session, tables: Tables, context: SinkContext) {
    this.#settings = settings
    this.#session = session
    this.#tables = tables
    this.#context = context
    this.#remaining = settings.maxRetries
  }

  async put(records: readonly SinkRecord[], signal: AbortSignal): Promise<void> {
    if (records.length === 0) return
    try {
      await this.#write(records, signal)
      this.#remaining = this.#settings.maxRetries
    } catch (thrown) {
      this.#tables.reset()
      const fault = thrown instanceof WriteFault ? thrown : null
      const error = fault?.error ?? thrown
      if (!(error instanceof SqlError)) throw error
      await this.#failed(error, fault?.rows ?? [], records, signal)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session.close()
  }

  async #write(records: readonly SinkRecord[], signal: AbortSignal): Promise<void> {
    const client = await this.#session.client(signal)
    const { engine } = this.#settings
    if (engine !== null && client.engine !== engine && !(engine === 'mysql' && client.engine === 'mariadb'))
      throw new ConfigError(`dialect.name is for ${engine}, but connection.url leads to ${client.engine}.`)
    await client.transaction(async () => {
      for (const record of records) await this.#add(client, record)
      for (const buffer of this.#tables.all()) await this.#flush(client, buffer)
    })
  }

  async #add(client: SqlClient, record: SinkRecord): Promise<void> {
    const change = this.#settings.read(record)
    const { name, quoted } = this.#nameOf(record.topic)
    const buffer = this.#tables.buffer(client, name, quoted)
    const { target } = buffer
    // In a table that is yet to be made there is nothing to delete.
    if (
      change.kind === 'delete' &&
      target.known(change.layout) === undefined &&
      (await target.definition(client)) === null
    )
      return
    const resolved = target.known(change.layout) ?? (await target.resolve(client, change.layout))
    if (resolved.table.kind === 'VIEW' && !this.#settings.views)
      throw new ConnectError(`The target "${name.table}" is a view.`, {
        remedy: 'Add VIEW to table.types to write to it.',
      })
    buffer.add(change, resolved)
    if (buffer.size >= Math.max(1, this.#settings.batchSize)) await this.#flush(client, buffer)
  }

  async #flush(client: SqlClient, buffer: TableBuffer): Promise<void> {
    const dialect = this.#tables.dialect(client)
    for (const run of runsOf(buffer.take())) {
      try {
        await writeRun(client, dialect, run)
      } catch (error) {
        throw error instanceof SqlError ? new WriteFault(error, run) : error
      }
    }
  }

  #nameOf(topic: string): ReturnType<typeof parseTableName> {
    let name = this.#names.get(topic)
    if (name === undefined) this.#names.set(topic, (name = parseTableName(this.#settings.tableOf(topic))))
    return name
  }

  async #failed(
    error: SqlError,
    rows: readonly BufferedRow[],
    records: readonly SinkRecord[],
    signal: AbortSignal,
  ): Promise<void> {
    const permanent = isPermanent(error)
    if (this.#remaining > 0 && !permanent) {
      this.#remaining--
      await this.#session.close()
      this.#context.retryAfter(this.#settings.retryBackoffMs)
      this.#context.log.warn(
        `Writing ${records.length} records failed, ${this.#remaining} retries left: ${error.message}`,
      )
      throw new RetriableError(error.message, { cause: error })
    }
    const { report } = this.#context
    if (report !== null && records.length > 1 && error.facts.kind !== 'connection')
      return this.#oneByOne(records, signal)
    const explanation = await this.#explain(error, rows, signal)
    if (report === null || error.facts.kind === 'connection' || records[0] === undefined) throw explanation
    await report(records[0], explanation)
  }

  /** Each record in a transaction of its own; those that fail are reported. */
  async #oneByOne(records: readonly SinkRecord[], signal: AbortSignal): Promise<void> {
    this.#remaining = 0
    for (const record of records) await this.put([record], signal)
    this.#remaining = this.#settings.maxRetries
  }

  async #explain(error: SqlError, rows: readonly BufferedRow[], signal: AbortSignal): Promise<ConnectError> {
    if (error.facts.kind === 'connection') return error
    const client = await this.#session.client(signal)
    // Rows of one table at a time: the failed statement's.
    return explained(client, this.#tables.dialect(client), rows, error)
  }
}
