/**
 * The task of `debezium-jdbc-sink`. Each flush of a table is one transaction, as with the original: rows before a
 * record that fails are in the table, and come again after a restart (at least once).
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { SinkRecord, Struct } from '#data'
import { ConnectError, RetriableError } from '#errors'
import type { SinkContext, SinkTask } from '#plugin'
import { quoteTable, type SqlClient, SqlError, type TableName } from '#sql'
import { type BufferedRow, reduced, runsOf, type TableBuffer, writeRun } from './buffer.ts'
import type { DebeziumEvent, DebeziumReader } from './debezium-records.ts'
import { explained } from './failure.ts'
import type { Session } from './session.ts'
import { formatCollection, parseTableName } from './table-names.ts'
import type { Resolved } from './target-table.ts'
import type { Tables } from './tables.ts'

export interface DebeziumTaskSettings {
  readonly batchSize: number
  readonly maxRetries: number
  readonly retryDelayMs: number
  readonly restartOnErrors: boolean
  readonly reduce: boolean
  readonly format: string
  readonly topicName: (topic: string) => string
  readonly read: DebeziumReader
}

type Named = { readonly name: TableName; readonly quoted: boolean }

export class DebeziumSinkTask implements SinkTask {
  readonly #settings: DebeziumTaskSettings
  readonly #session: Session
  readonly #tables: Tables
  readonly #context: SinkContext
  readonly #names = new Map<string, Named>()
  readonly #skipped: { inc(by: number): void }

  constructor(settings: DebeziumTaskSettings, session: Session, tables: Tables, context: SinkContext) {
    this.#settings = settings
    this.#session = session
    this.#tables = tables
    this.#context = context
    this.#skipped = context.metrics.counter(
      'rowtap_jdbc_sink_skipped_records_total',
      'Records that asked nothing of a table: tombstones, deletes and truncates that are not enabled, messages.',
    )
  }

  async put(records: readonly SinkRecord[], signal: AbortSignal): Promise<void> {
    try {
      for (const record of records) await this.#add(record, signal)
      for (const buffer of this.#tables.all()) await this.#flush(buffer, signal)
    } catch (error) {
      this.#tables.reset()
      throw error
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session.close()
  }

  async #add(record: SinkRecord, signal: AbortSignal): Promise<void> {
    if (record.value.schema?.name?.endsWith('.SchemaChangeValue') === true) return this.#skipped.inc(1)
    const event = this.#settings.read(record)
    const named = event === null ? null : this.#nameOf(record.topic, event.source)
    if (event === null || named === null) return this.#skipped.inc(1)
    const { change } = event
    const client = await this.#patiently(signal, (client) => Promise.resolve(client))
    const buffer = this.#tables.buffer(client, named.name, named.quoted)
    if (change.kind === 'truncate') return this.#truncate(buffer, signal)
    const resolved = buffer.target.known(change.layout) ?? (await this.#resolve(buffer, event, signal))
    if (resolved === null) return
    buffer.add(change, resolved)
    if (buffer.size >= this.#settings.batchSize) await this.#flush(buffer, signal)
  }

  /** The rows before the record that needs another table are written first: if it cannot be had, they are safe. */
  async #resolve(buffer: TableBuffer, event: DebeziumEvent, signal: AbortSignal): Promise<Resolved | null> {
    await this.#flush(buffer, signal)
    return this.#patiently(signal, async (client) => {
      const missing = event.change.kind === 'delete' && (await buffer.target.definition(client)) === null
      return missing ? null : buffer.target.resolve(client, event.change.layout)
    })
  }

  async #truncate(buffer: TableBuffer, signal: AbortSignal): Promise<void> {
    await this.#flush(buffer, signal)
    await this.#patiently(signal, async (client) => {
      const table = await buffer.target.definition(client)
      if (table === null) return
      await client.query(this.#tables.dialect(client).truncate(quoteTable(client, table.name)))
    })
  }

  async #flush(buffer: TableBuffer, signal: AbortSignal): Promise<void> {
    if (buffer.size === 0) return
    const taken = buffer.take()
    const rows = this.#settings.reduce ? reduced(taken) : taken
    let run: readonly BufferedRow[] = []
    try {
      await this.#patiently(signal, (client) =>
        client.transaction(async () => {
          const dialect = this.#tables.dialect(client)
          for (run of runsOf(rows)) await writeRun(client, dialect, run)
        }),
      )
    } catch (error) {
      if (!(error instanceof SqlError) || error.retriable) throw error
      const client = await this.#session.client(signal)
      throw await explained(client, this.#tables.dialect(client), run, error)
    }
  }

  /** Tries again after a lost connection or a deadlock, on a new connection if need be. */
  async #patiently<T>(signal: AbortSignal, work: (client: SqlClient) => Promise<T>): Promise<T> {
    const { maxRetries, retryDelayMs, restartOnErrors } = this.#settings
    for (let attempt = 0; ; attempt++) {
      try {
        return await work(await this.#session.client(signal))
      } catch (error) {
        if (!mayPass(error)) throw error
        if (attempt >= maxRetries || signal.aborted) {
          if (restartOnErrors || signal.aborted)
            throw new RetriableError((error as Error).message, { cause: error })
          throw new ConnectError(
            `${(error as Error).message} ${attempt} retries did not help (flush.max.retries).`,
            { cause: error },
          )
        }
        this.#context.log.warn(`Retry ${attempt + 1} of ${maxRetries}: ${(error as Error).message}`)
        await sleep(retryDelayMs, undefined, { signal }).catch(() => {})
      }
    }
  }

  #nameOf(topic: string, source: Struct | null): Named | null {
    const { format, topicName } = this.#settings
    const field = (name: string): string | null => {
      const value = source?.schema.field(name) === undefined ? null : source.get(name)
      return value === null || value === undefined ? null : String(value)
    }
    const text = formatCollection(format, topicName(topic), source === null ? null : field)
    if (text === null) {
      this.#context.log.debug(`A record of ${topic} has no source for '${format}'.`)
      return null
    }
    let named = this.#names.get(text)
    if (named === undefined) this.#names.set(text, (named = parseTableName(text)))
    return named
  }
}

/** Besides passing faults: another task that made the same table or column first. */
function mayPass(error: unknown): boolean {
  if (!(error instanceof SqlError)) return false
  return error.retriable || error.facts.kind === 'duplicate-table' || error.facts.kind === 'duplicate-column'
}
