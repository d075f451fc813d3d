/**
 * The rows of a snapshot: chunks of tables, read over one or several sessions that show the same moment, as records
 * marked first to last.
 *
 * An offset tells what was given out, never more: the last row of each table is held back for its mark, and counts
 * when it leaves. One offset stands for all records of a batch but the last: that of the batch before. So none is made
 * per row, and whatever of a batch is lost is read again.
 */
import { ChangeEvent, NO_ROW, processingTime, RowKey, SnapshotMarking, SnapshotProgress } from '#cdc'
import { nothing, type SourceRecord } from '#data'
import type { TableId } from '../ddl/index.ts'
import { SnapshotPosition } from '../offset.ts'
import type { Client } from '../server/index.ts'
import type { TextRows } from '../server/index.ts'
import {
  type Chunk,
  ChunkPlan,
  type PlannedTable,
  readingError,
  type ReadTable,
  type RowPlace,
} from './chunks.ts'
import { keyValues } from './key-ranges.ts'
import { merged } from './merge.ts'
import type { SnapshotParts } from './options.ts'
import { type OpenTable, progressExtras, type SnapshotRequest, type StoredProgress } from './progress.ts'
import { plainMode, usualMode } from './selects.ts'
import type { SnapshotView } from './view.ts'

export interface SnapshotRow extends SourceRecord {
  readonly value: ChangeEvent
  from: SnapshotPosition
}

/** Rows of a chunk; null: there are no more. */
interface Piece {
  readonly chunk: Chunk
  readonly rows: TextRows | null
}

export class Snapshot {
  readonly #parts: SnapshotParts
  readonly #view: SnapshotView
  readonly #request: SnapshotRequest
  readonly #tables: readonly PlannedTable[]
  readonly #plan: ChunkPlan
  readonly #marking = new SnapshotMarking<SnapshotRow>()
  readonly #progress: SnapshotProgress
  readonly #done: TableId[]
  /** Read to their ends; their last rows wait. */
  #ending: ReadTable[] = []
  /** What was given out. */
  #reached: SnapshotPosition
  /** Something was given out. */
  hasBegun = false

  /** `done`: tables that an earlier attempt has finished. */
  constructor(
    parts: SnapshotParts,
    view: SnapshotView,
    request: SnapshotRequest,
    tables: readonly PlannedTable[],
    done: readonly TableId[],
  ) {
    this.#parts = parts
    this.#view = view
    this.#request = request
    this.#tables = tables
    this.#done = [...done]
    if (done.length > 0 || tables.some(({ open }) => open !== null)) this.#marking.begun()
    const selects = request.kind === 'blocking' ? request.selects : parts.settings.selects
    this.#plan = new ChunkPlan(parts, tables, selects, this.#marking, view.position)
    parts.listener?.tables(tables.map(({ path }) => path))
    this.#progress = new SnapshotProgress(tables, parts.log, parts.metrics)
    this.#reached = this.#position(Date.now() * 1000)
  }

  /** Of what was given out: where another attempt goes on. */
  get progress(): StoredProgress {
    return { ...this.#request, done: [...this.#done], open: openTables(this.#openNow()) }
  }

  /** All records, in batches as they come. */
  async *records(): AsyncGenerator<SourceRecord[]> {
    const { recordsPerPoll } = this.#parts.settings
    for await (const { chunk, rows } of merged(this.#view.sessions.map((session) => this.#read(session)))) {
      if (rows === null) this.#chunkEnded(chunk)
      else
        for (let from = 0; from < rows.rows; from += recordsPerPoll) {
          const out = this.#batch(chunk, rows, from, Math.min(rows.rows, from + recordsPerPoll))
          if (out.length === 0) continue
          this.hasBegun = true
          yield out
        }
    }
    const out: SnapshotRow[] = []
    const last = this.#marking.finish(out)
    for (const record of out) record.from = this.#reached
    if (last !== null) {
      last.from = this.#position(this.#reached.time)
      last.from.last = true
      out.push(last)
    }
    this.#progress.done()
    if (out.length > 0) yield out
  }

  async *#read(session: Client): AsyncGenerator<Piece> {
    await session.query('SAVEPOINT chunks')
    for (;;) {
      const chunk = await this.#plan.take(session)
      if (chunk === null) return
      const { chosen } = chunk.table
      try {
        if (chosen) await usualMode(session)
        for await (const rows of session.rows(chunk.sql)) yield { chunk, rows }
        if (chosen) await plainMode(session)
      } catch (error) {
        throw readingError(chunk.table.planned.id, error)
      }
      yield { chunk, rows: null }
      // The table may be altered from here on.
      await session.query('ROLLBACK TO SAVEPOINT chunks')
    }
  }

  #batch(chunk: Chunk, rows: TextRows, from: number, to: number): SnapshotRow[] {
    const { headers } = this.#parts
    const { table } = chunk
    const { shape, marking, source, planned } = table
    const { version } = shape
    const cells = rows.chunk
    const time = processingTime(Math.round((performance.timeOrigin + performance.now()) * 1000))
    const out: SnapshotRow[] = []
    const before = this.#reached
    const at = (row: number) => rows.first + row * rows.stride
    for (let row = from; row < to; row++) {
      const place = at(row)
      const key = version.key === null ? nothing : new RowKey(version.key, cells, place)
      const value = new ChangeEvent(version, 'r', cells, NO_ROW, place, source, 0, time)
      marking.push(
        { topic: version.topic, partition: null, key, value, headers, timestamp: null, from: before },
        out,
      )
    }
    this.#givenOut(table.held)
    if (to - from > 1) chunk.last = { chunk, cells, at: at(to - 2) }
    table.held = { chunk, cells, at: at(to - 1) }
    for (const ended of this.#ending) this.#tableDone(ended)
    this.#ending = []
    this.#progress.rows(planned, to - from)
    this.#reached = this.#position(table.timeMicros)
    // Rows that were held back may be of an older batch.
    for (const record of out) record.from = before
    const last = out.at(-1)
    if (last !== undefined) last.from = this.#reached
    return out
  }

  #givenOut(place: RowPlace | null): void {
    if (place === null) return
    const { chunk } = place
    chunk.last = place
    if (chunk.ended) chunk.table.chunks.delete(chunk)
  }

  #chunkEnded(chunk: Chunk): void {
    const { table } = chunk
    chunk.ended = true
    if (table.held?.chunk !== chunk) table.chunks.delete(chunk)
    if (table.left.length > 0 || [...table.chunks].some(({ ended }) => !ended)) return
    table.marking.end()
    this.#parts.listener?.read(table.planned.path, this.#progress.rowsOf(table.planned))
    this.#progress.tableDone(table.planned)
    if (table.held !== null) this.#ending.push(table)
    else {
      // As Debezium: the first row of all is one of the first table, or none.
      if (table.planned === this.#tables[0]) this.#marking.begun()
      this.#tableDone(table)
    }
  }

  #tableDone(table: ReadTable): void {
    this.#plan.open.delete(table)
    this.#done.push(table.planned.id)
  }

  #position(time: number): SnapshotPosition {
    const open = this.#openNow()
    const extras = progressExtras(this.#request, this.#done, () => openTables(open))
    return new SnapshotPosition(this.#parts.partition, this.#view.position, time, extras)
  }

  /** Of each table that was begun what is not given out; of this moment. */
  #openNow(): readonly (OpenTable | OpenNow)[] {
    const waiting = this.#plan.waiting.flatMap(({ open }) => open ?? [])
    const reading: OpenNow[] = []
    for (const table of this.#plan.open) {
      if (table.key === null) continue
      const chunks = Array.from(table.chunks, ({ range, last }) => ({ range, last }))
      reading.push({ table, left: table.left, chunks })
    }
    return waiting.length === 0 ? reading : [...reading, ...waiting]
  }

  /** Also of one that was cut off. */
  end(): void {
    this.#progress.end()
  }
}

interface OpenNow {
  readonly table: ReadTable
  readonly left: OpenTable['left']
  readonly chunks: readonly Pick<Chunk, 'range' | 'last'>[]
}

function openTables(tables: readonly (OpenTable | OpenNow)[]): readonly OpenTable[] {
  return tables.map((open) => {
    if (!('chunks' in open)) return open
    const { planned, key, keyCells } = open.table
    const begun = open.chunks.map(({ range, last }) =>
      last === null || key === null
        ? range
        : { after: keyValues(key, keyCells, last.cells, last.at), to: range.to },
    )
    return { id: planned.id, definition: planned.definition, left: [...begun, ...open.left] }
  })
}
