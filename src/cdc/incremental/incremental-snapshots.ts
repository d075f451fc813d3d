/**
 * Incremental snapshots (DBLog): tables are read in parts while the stream goes on. A part is read between two marks
 * in the log, and its rows are given out where the stream comes to the second one, without those that have changed in
 * between: a row never overwrites a newer change.
 *
 *   mark `open` → the stream comes to it (table versions are as new as the mark) → rows are read → mark `close`
 *   → the stream comes to it: the rows are given out behind it → the next part
 *
 * Each offset says how far the snapshot is, so a restart goes on behind the last row that was given out. What is read
 * in the background meets the stream in `see`, `marked` and `released` only, which are called in record order.
 */
import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { type Headers, nothing, type SourceOffset, type SourceRecord } from '#data'
import { ConnectError, messageOf } from '#errors'
import type { Logger } from '#observe'
import { NO_ROW } from '../cells.ts'
import { ChangeEvent, type ProcessingTime, RowKey } from '../change-event.ts'
import type { Notifier, NotificationType, ScanStatus } from '../notifications/notification.ts'
import type { TableVersion } from '../table.ts'
import type { ChunkRow, ChunkSource, RowOrigin, Watermarks, WindowEdge } from './chunk-source.ts'
import { IncrementalOffset, type SnapshotProgressState, type SnapshotTable } from './incremental-offset.ts'
import { type Key, keyText } from './java-object.ts'
import { abortable, Window } from './window.ts'

export interface IncrementalOptions {
  readonly source: ChunkSource
  readonly watermarks: Watermarks
  readonly origin: RowOrigin
  /** As signals and offsets name a table: `database.table`, `schema.table`. */
  readonly nameOf: (version: TableVersion) => string
  readonly headers: Headers
  readonly notifier: Notifier
  readonly log: Logger
  readonly signal: AbortSignal
  /** incremental.snapshot.chunk.size */
  readonly chunkSize: number
  /** signal.emit.failure.max.retries and .backoff.ms */
  readonly retries: number
  readonly backoffMs: number
  /** The state has changed: what is given out from now on carries it. */
  readonly changed: (state: TableProgress) => void
}

export type TableProgress = Pick<SnapshotProgressState, 'tables' | 'lastKey' | 'maximumKey'>

/** How long to wait at most before a lost connection is opened again. */
const LOST_MS = 1000

export class IncrementalSnapshots {
  /** What has ended the reading: it ends the task. */
  failure: unknown = null
  readonly #options: IncrementalOptions
  #progress: TableProgress
  #window: Window | null = null
  #reading = false
  #paused: PromiseWithResolvers<void> | null = null
  #columns: string | null = null
  #rowsRead = 0
  #version: TableVersion | null = null
  #versionName = ''

  constructor(options: IncrementalOptions, progress: TableProgress) {
    this.#options = options
    const { tables, lastKey, maximumKey } = progress
    this.#progress = { tables, lastKey, maximumKey }
  }

  get running(): boolean {
    return this.#progress.tables.length > 0
  }

  get progress(): TableProgress {
    return this.#progress
  }

  /** Reads on what an earlier run has left. */
  start(): void {
    if (!this.running || this.#reading) return
    this.#reading = true
    this.#read()
      .catch((error: unknown) => {
        if (!this.#options.signal.aborted) this.failure = error
      })
      .finally(() => {
        this.#reading = false
      })
  }

  add(tables: readonly SnapshotTable[]): void {
    const [first] = tables
    if (first === undefined) return
    this.#move({ ...this.#progress, tables: [...this.#progress.tables, ...tables] })
    this.#options.log.info(
      { tables: tables.map(({ name }) => name) },
      'an incremental snapshot was asked for',
    )
    this.#tell('STARTED', first.signal, { data_collections: listed(tables) })
    this.start()
  }

  pause(): void {
    const [first] = this.#progress.tables
    if (first === undefined || this.#paused !== null) return
    this.#paused = Promise.withResolvers<void>()
    this.#tell('PAUSED', first.signal, { data_collections: this.#remaining(first) })
  }

  resume(): void {
    const paused = this.#paused
    const [first] = this.#progress.tables
    this.#paused = null
    paused?.resolve()
    if (paused !== null && first !== undefined)
      this.#tell('RESUMED', first.signal, { data_collections: this.#remaining(first) })
  }

  /** Takes the tables out that match; none given: all. */
  stop(patterns: readonly RegExp[]): void {
    const { tables } = this.#progress
    const stops = ({ name }: SnapshotTable) =>
      patterns.length === 0 || patterns.some((each) => each.test(name))
    const stopped = tables.filter(stops)
    const [first] = tables
    if (first === undefined || stopped.length === 0)
      return this.#options.log.warn(
        'no incremental snapshot of these tables is running: there is nothing to stop',
      )
    const left = tables.filter((table) => !stops(table))
    if (stops(first)) this.#turnTo(left)
    else this.#move({ ...this.#progress, tables: left })
    for (const id of new Set(stopped.map(({ signal }) => signal)))
      this.#tell('ABORTED', id, {
        data_collections: listed(stopped.filter(({ signal }) => signal === id)),
      })
    if (left.length === 0) this.resume()
  }

  /** These tables were altered, emptied, dropped or made: what has been read of them may not be as they are now. */
  invalidate(names: readonly string[]): void {
    const [first] = this.#progress.tables
    const window = this.#window
    // Nothing is read before the stream is at the opening mark.
    if (window === null || window.awaited === 'open' || first === undefined) return
    if (names.includes(first.name)) window.stale = true
  }

  /** A change that the stream gives out. */
  see(event: ChangeEvent, record: SourceRecord): void {
    const [first] = this.#progress.tables
    if (this.#window !== null && first !== undefined && this.#nameOf(event.table) === first.name)
      this.#window.changed(event, record.key)
  }

  /** Whether the change of a signal table is the mark that is awaited; it is behind it that `pass` is called. */
  isMark(event: ChangeEvent): boolean {
    const window = this.#window
    return (
      window !== null &&
      window.awaited !== null &&
      this.#options.watermarks.isMark(event, window.id, window.awaited)
    )
  }

  /** The stream has given out all that is in front of a mark which no change tells. */
  hasPassed(): boolean {
    return (this.#window?.awaited ?? null) !== null && this.#options.watermarks.passed()
  }

  /** The stream is at the mark: behind the closing one the rows are given out, at the position `from`. */
  pass(
    mark: ChangeEvent | null,
    from: SourceOffset,
    state: SnapshotProgressState,
    time: ProcessingTime,
    out: SourceRecord[],
  ): void {
    const window = this.#window
    if (window === null) return
    if (window.awaited === 'close' && !window.stale) this.#release(window, mark, from, state, time, out)
    window.reached()
  }

  #release(
    window: Window,
    mark: ChangeEvent | null,
    from: SourceOffset,
    state: SnapshotProgressState,
    time: ProcessingTime,
    out: SourceRecord[],
  ): void {
    const last = window.rows.at(-1)
    if (last === undefined) return
    const { source, position } = this.#options.origin(mark)
    for (const { version, chunk, at, key } of window.unchanged()) {
      const value = new ChangeEvent(version, 'r', chunk, NO_ROW, at, source, position, time)
      value.snapshot = 'incremental'
      out.push({
        topic: version.topic,
        partition: null,
        key: version.key === null ? nothing : new RowKey(version.key, chunk, at),
        value,
        headers: this.#options.headers,
        timestamp: null,
        from: new IncrementalOffset(from, { ...state, lastKey: key }),
      })
    }
    this.#move({ ...this.#progress, lastKey: last.key })
  }

  async #read(): Promise<void> {
    const { signal, source, log, backoffMs } = this.#options
    while (this.running && !signal.aborted) {
      await this.#paused?.promise
      const window = new Window(randomUUID())
      try {
        await this.#chunk(window)
      } catch (error) {
        if (signal.aborted) return
        if (!source.isPassing(error)) throw error
        log.warn(
          { error: messageOf(error) },
          'a part of an incremental snapshot was cut off: it is read again',
        )
        await delay(Math.min(backoffMs, LOST_MS), undefined, { signal })
      } finally {
        this.#window = null
      }
    }
  }

  async #chunk(window: Window): Promise<void> {
    window.turnTo(this.#progress.tables[0] ?? null)
    this.#window = window
    await this.#mark(window, 'open')
    const closed = await this.#fill(window)
    if (!closed) await this.#mark(window, 'close')
  }

  /** Sets the mark and waits for the stream to come to it. */
  async #mark(window: Window, edge: WindowEdge): Promise<void> {
    const { watermarks, source, signal, retries, backoffMs, log } = this.#options
    const reached = window.awaits(edge)
    for (let tries = 0; ; tries++)
      try {
        await watermarks.set(window.id, edge)
        break
      } catch (error) {
        // It may be in the log in spite of the error, and the stream past it.
        if (window.awaited === null) break
        if (source.isPassing(error)) throw error
        if (tries >= retries)
          throw new ConnectError(`A mark of an incremental snapshot cannot be set: ${messageOf(error)}.`, {
            cause: error,
            remedy:
              'Grant INSERT (and DELETE, with incremental.snapshot.watermarking.strategy=insert_delete) on the table of signal.data.collection, or use read.only=true; then restart the task.',
          })
        log.warn(
          { error: messageOf(error), tries },
          'a mark of an incremental snapshot cannot be set: trying again',
        )
        await delay(backoffMs, undefined, { signal })
      }
    await abortable(reached, signal)
  }

  /** Reads the next rows, of the next table that has some. Returns whether the window is closed already. */
  async #fill(window: Window): Promise<boolean> {
    for (;;) {
      const [table] = this.#progress.tables
      window.turnTo(table ?? null)
      if (table === undefined || window.stale) return false
      try {
        const status = await this.#rows(window, table)
        if (status === null || this.#isOver(window, table)) return false
        this.#done(table, status)
      } catch (error) {
        if (this.#options.source.isPassing(error)) throw error
        // DDL that the stream has not come to may be the cause: it comes to where the log is now.
        await this.#mark(window, 'close')
        if (!this.#isOver(window, table)) this.#refused(table, error)
        return true
      }
    }
  }

  /** Holds the table's next rows: then, or if the table is over in another way, null. Else how its reading ended. */
  async #rows(window: Window, table: SnapshotTable): Promise<ScanStatus | null> {
    const { source, chunkSize } = this.#options
    const columns = source.keyColumns(table)
    if (columns === null) return 'UNKNOWN_SCHEMA'
    if (columns.length === 0) return 'NO_PRIMARY_KEY'
    this.#keyIs(columns)
    const maximum = this.#progress.maximumKey ?? (await source.maximumKey(table))
    if (maximum === null) return 'EMPTY'
    if (this.#isOver(window, table)) return null
    if (this.#progress.maximumKey === null) this.#move({ ...this.#progress, maximumKey: maximum })
    const rows = await source.chunk(table, this.#progress.lastKey, maximum, chunkSize)
    if (rows.length === 0) return 'SUCCEEDED'
    if (!this.#isOver(window, table)) this.#hold(window, table, rows, maximum)
    return null
  }

  #refused(table: SnapshotTable, error: unknown): void {
    this.#options.log.error(
      { table: table.name, signal: table.signal, error: messageOf(error) },
      'a table cannot be read: the incremental snapshot goes on without it',
    )
    this.#done(table, 'SQL_EXCEPTION')
  }

  /** The table was altered or called off while it was read. */
  #isOver(window: Window, table: SnapshotTable): boolean {
    return window.stale || this.#progress.tables[0] !== table
  }

  #hold(window: Window, table: SnapshotTable, rows: readonly ChunkRow[], maximum: Key): void {
    window.hold(rows)
    this.#rowsRead += rows.length
    this.#tell('IN_PROGRESS', table.signal, {
      current_collection_in_progress: table.name,
      maximum_key: keyText(maximum),
      last_processed_key: keyText(rows.at(-1)?.key ?? []),
      data_collections: this.#remaining(table),
    })
  }

  /** Another key than the one that the position is given in: the table is read from its beginning. */
  #keyIs(columns: readonly string[]): void {
    const text = JSON.stringify(columns)
    const { lastKey, maximumKey } = this.#progress
    const given = lastKey ?? maximumKey
    const fits = given === null || given.length === columns.length
    if (!fits || (this.#columns !== null && this.#columns !== text))
      this.#move({ ...this.#progress, lastKey: null, maximumKey: null })
    this.#columns = text
  }

  #done(table: SnapshotTable, status: ScanStatus): void {
    const { log } = this.#options
    log.info({ table: table.name, status, rows: this.#rowsRead }, 'an incremental snapshot has read a table')
    this.#tell('TABLE_SCAN_COMPLETED', table.signal, {
      scanned_collection: table.name,
      total_rows_scanned: String(this.#rowsRead),
      data_collections: this.#remaining(table),
      status,
    })
    const left = this.#progress.tables.slice(1)
    this.#turnTo(left)
    if (!left.some(({ signal }) => signal === table.signal)) this.#tell('COMPLETED', table.signal, {})
  }

  /** The first of these is the next to be read. */
  #turnTo(tables: readonly SnapshotTable[]): void {
    this.#rowsRead = 0
    this.#columns = null
    this.#window?.discard()
    this.#move({ tables, lastKey: null, maximumKey: null })
  }

  #move(progress: TableProgress): void {
    this.#progress = progress
    this.#options.changed(progress)
  }

  #tell(type: NotificationType, id: string, data: Readonly<Record<string, string>>): void {
    this.#options.notifier.notify('Incremental Snapshot', type, data, id)
  }

  /** What is left of the signal that asked for the table. */
  #remaining({ signal }: SnapshotTable): string {
    return listed(this.#progress.tables.filter((each) => each.signal === signal))
  }

  #nameOf(version: TableVersion): string {
    if (this.#version !== version) {
      this.#version = version
      this.#versionName = this.#options.nameOf(version)
    }
    return this.#versionName
  }
}

function listed(tables: readonly SnapshotTable[]): string {
  return tables.map(({ name }) => name).join(',')
}
