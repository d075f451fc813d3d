/**
 * The snapshot: reads the captured tables through COPY in one transaction that shows exactly what was committed
 * before the slot's first position (invariant 2). Rows are cut out of the copied bytes like those of the stream; one
 * record is held back for its mark. Memory is bounded: the next bytes are read when the last ones were taken.
 */
import { to as copyTo } from 'pg-copy-streams'
import {
  ChangeEvent,
  type NameFilter,
  NO_ROW,
  processingTime,
  type ProgressTable,
  RowKey,
  SnapshotMarking,
  SnapshotProgress,
  type TableMarking,
} from '#cdc'
import { type Headers, nothing, type OffsetMap, type SourceRecord } from '#data'
import { ConnectError, messageOf } from '#errors'
import type { Logger, Metrics } from '#observe'
import {
  type Client,
  connect,
  isConnectionLoss,
  quoteIdentifier,
  quoteLiteral,
  quoteTable,
  type Route,
} from './connection.ts'
import { type CopiedRows, CopyTextDecoder } from './decode/copy-text.ts'
import { SnapshotPosition, type SnapshotTransaction } from './offset.ts'
import { createSlot, openReplication, readSlot } from './slot.ts'
import { PostgresSource, type SourceIdentity } from './source-block.ts'
import type { SnapshotShape, TableVersions } from './table-versions.ts'
import { type Capture, capturedTables, type FoundTable, tableFacts } from './tables.ts'

export interface SnapshotOptions {
  readonly route: Route
  readonly partition: OffsetMap
  readonly identity: SourceIdentity
  readonly headers: Headers
  readonly capture: Capture
  readonly included: NameFilter
  readonly overrides: ReadonlyMap<string, string>
  readonly versions: TableVersions
  readonly log: Logger
  readonly metrics: Metrics
}

interface Row extends SourceRecord {
  readonly value: ChangeEvent
  readonly from: SnapshotPosition
}

/** A transaction that shows the database as of `position`. */
export interface SnapshotView {
  readonly client: Client
  readonly position: number
  readonly transaction: SnapshotTransaction
}

/**
 * Opens it. A slot that is there already is left alone: a temporary one gives a position and a view that fit together,
 * and what the slot holds before that position is caught up with. Without a stream no slot stays behind.
 */
export async function openView(route: Route, stream: boolean): Promise<SnapshotView> {
  const client = await connect(route, true)
  const session = await openReplication(route)
  try {
    const name = route.config['slot.name']
    const slot =
      !stream || (await readSlot(client, name)) !== null
        ? await createSlot(session, route.config, `${name.slice(0, 40)}_snapshot_${process.pid}`, true)
        : await createSlot(session, route.config)
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
    await client.query(`SET TRANSACTION SNAPSHOT ${quoteLiteral(slot.snapshot)}`)
    const { rows } = await client.query<{ id: string; micros: string }>(
      `SELECT txid_snapshot_xmax(txid_current_snapshot())::text AS id,
              (extract(epoch FROM clock_timestamp()) * 1000000)::bigint::text AS micros`,
    )
    const [id, commitTime] = [Number(rows[0]?.id), Number(rows[0]?.micros)]
    return { client, position: slot.position, transaction: { id, commitTime } }
  } catch (error) {
    await client.end().catch(() => {})
    throw error
  } finally {
    await session.end().catch(() => {})
  }
}

export class Snapshot {
  readonly position: number
  readonly #options: SnapshotOptions
  readonly #view: SnapshotView
  readonly #source: PostgresSource
  readonly #marking = new SnapshotMarking<Row>()
  #progress: SnapshotProgress | null = null

  constructor(options: SnapshotOptions, view: SnapshotView) {
    this.#options = options
    this.#view = view
    this.position = view.position
    this.#source = new PostgresSource(
      options.identity,
      view.transaction.commitTime,
      view.transaction.id,
      null,
    )
  }

  /** All records, in batches as they come. */
  async *records(): AsyncGenerator<SourceRecord[]> {
    const { client } = this.#view
    const { log, metrics, capture, included, versions } = this.#options
    const tables = (await capturedTables(client, capture))
      .map((table) => ({ ...table, path: `${table.schema}.${table.name}` }))
      .filter(({ path }) => included(path))
    await this.#lock(tables)
    const progress = new SnapshotProgress(tables, log, metrics)
    this.#progress = progress
    const facts = await tableFacts(
      client,
      tables.map((table) => table.oid),
    )
    for (const table of tables) {
      const known = facts.get(table.oid)
      if (known === undefined) continue
      const shape = await versions.ofSnapshot(client, table, known)
      yield* this.#table(table, shape, progress)
      progress.tableDone(table)
    }
    const out: Row[] = []
    const last = this.#marking.finish(out)
    if (last !== null) {
      last.from.last = true
      out.push(last)
    }
    if (out.length > 0) yield out
    await client.query('COMMIT')
    progress.done()
  }

  async #lock(tables: readonly FoundTable[]): Promise<void> {
    const { config } = this.#options.route
    if (config['snapshot.locking.mode'] !== 'shared' || tables.length === 0) return
    const { client } = this.#view
    await client.query(`SET LOCAL lock_timeout TO ${config['snapshot.lock.timeout.ms']}`)
    await client.query(`LOCK TABLE ${tables.map(quoteTable).join(', ')} IN ACCESS SHARE MODE`)
  }

  async *#table(
    table: FoundTable & ProgressTable,
    shape: SnapshotShape,
    progress: SnapshotProgress,
  ): AsyncGenerator<SourceRecord[]> {
    const marking = this.#marking.table()
    const copy = this.#view.client.query(copyTo(`COPY (${await this.#select(table, shape)}) TO STDOUT`))
    const decoder = new CopyTextDecoder(shape.columns.length)
    try {
      for await (const chunk of copy) {
        const copied = decoder.push(chunk as Buffer)
        if (copied === null) continue
        progress.rows(table, copied.rows)
        yield this.#batch(copied, shape, marking)
      }
      decoder.end()
      marking.end()
    } catch (error) {
      if (error instanceof ConnectError || isConnectionLoss(error)) throw error
      throw new ConnectError(`The table ${table.path} cannot be read: ${messageOf(error)}.`, {
        cause: error,
        remedy: `GRANT USAGE ON SCHEMA ${quoteIdentifier(table.schema)} and GRANT SELECT ON ${quoteTable(table)} TO ${quoteIdentifier(this.#options.route.config['database.user'])}; or leave the table out.`,
      })
    }
  }

  async #select(table: FoundTable, shape: SnapshotShape): Promise<string> {
    const override = this.#options.overrides.get(`${table.schema}.${table.name}`)
    if (override === undefined)
      return `SELECT ${shape.columns.map(quoteIdentifier).join(', ')} FROM ${table.kind === 'p' ? '' : 'ONLY '}${quoteTable(table)}`
    // Columns that the statement does not give are NULL.
    const described = await this.#view.client.query(`SELECT * FROM (${override}) AS chosen LIMIT 0`)
    const given = new Set(described.fields.map((field) => field.name))
    const columns = shape.columns.map((column) => (given.has(column) ? quoteIdentifier(column) : 'NULL'))
    return `SELECT ${columns.join(', ')} FROM (${override}) AS chosen`
  }

  #batch(copied: CopiedRows, { version }: SnapshotShape, marking: TableMarking<Row>): SourceRecord[] {
    const { partition, headers } = this.#options
    const { transaction } = this.#view
    const time = processingTime(Math.round((performance.timeOrigin + performance.now()) * 1000))
    const out: Row[] = []
    for (let row = 0; row < copied.rows; row++) {
      const at = row * copied.stride
      const record: Row = {
        topic: version.topic,
        partition: null,
        key: version.key === null ? nothing : new RowKey(version.key, copied, at),
        value: new ChangeEvent(version, 'r', copied, NO_ROW, at, this.#source, this.position, time),
        headers,
        timestamp: null,
        from: new SnapshotPosition(partition, transaction, this.position),
      }
      marking.push(record, out)
    }
    return out
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#progress?.end()
    // Ends the connection, also in the middle of a COPY: its transaction goes with it.
    await this.#view.client.end().catch(() => {})
  }
}
