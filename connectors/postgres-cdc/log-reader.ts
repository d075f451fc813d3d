/**
 * From decoded messages to records: keeps the transaction, the position, and which table version each relation has.
 * Decoding is synchronous and stops at one barrier: a Relation message of a captured table, whose keys and defaults
 * only the catalogue knows. It goes on with the message behind it once `resolve` was called.
 */
import { type ChangePlace, type NameFilter, processingTime, type RowEvents, type TableVersion } from '#cdc'
import type { FixedFields, OffsetMap, SourceRecord } from '#data'
import { DecodeError } from '#errors'
import type { Confirmation } from './confirmation.ts'
import type { CellSlab } from './decode/cell-slab.ts'
import {
  type Begin,
  type Commit,
  decodeMessage,
  type LogicalMessage,
  type OldImage,
  type PgoutputHandler,
  type Relation,
  type Truncate,
} from './decode/pgoutput.ts'
import { type Frame, type Inbox, LOG_DATA } from './inbox.ts'
import type { MessageEvents } from './message-event.ts'
import { type MessageType, type ResumePoint, StreamPosition, type TransactionPlace } from './offset.ts'
import { PostgresSource, type SourceIdentity } from './source-block.ts'

export interface LogReaderOptions {
  readonly partition: OffsetMap
  readonly identity: SourceIdentity
  readonly rows: RowEvents
  readonly messages: MessageEvents
  readonly messagePrefix: NameFilter
  readonly captured: (relation: Relation) => boolean
  readonly confirmation: Confirmation
}

/** What is emitted of a relation, and how many cells its rows have; no version: it is not captured. */
interface Known {
  readonly version: TableVersion | null
  readonly columns: number
}

export class LogReader implements PgoutputHandler {
  /** The relation whose version must be found before decoding goes on. */
  barrier: Relation | null = null
  readonly #options: LogReaderOptions
  readonly #relations = new Map<number, Known>()
  #resume: ResumePoint
  #inTransaction = false
  #skipping = false
  #partly = false
  #transaction: TransactionPlace
  #source: PostgresSource | null = null
  #origin: { name: string; lsn: bigint } | null = null
  /** Of the message being decoded. */
  #lsn = 0
  #nth = 0
  #lastLsn = 0
  #slab: CellSlab | null = null
  #time: FixedFields = processingTime(0)
  #out: SourceRecord[] = []
  #last: StreamPosition

  constructor(options: LogReaderOptions, resume: ResumePoint) {
    this.#options = options
    this.#resume = resume
    this.#transaction = { id: resume.transactionId, commitTime: 0, lastCommit: resume.lastCommit }
    this.#last = new StreamPosition(options.partition, 0, this.#transaction, resume.lsn, resume.nth, null)
  }

  /** Where a new session has to begin, and what it must skip. */
  get resumePoint(): ResumePoint {
    return this.#resume
  }

  /** A new session sends its relations anew. */
  restarted(): void {
    if (this.#inTransaction && !this.#skipping && !this.#partly && this.#lastLsn > 0)
      this.#resume = {
        lsn: this.#lastLsn,
        transactionId: this.#transaction.id,
        nth: this.#nth,
        lastCommit: this.#transaction.lastCommit,
      }
    this.#relations.clear()
    this.barrier = null
    this.#inTransaction = false
  }

  /** The version of the relation at the barrier; null: not captured after all. */
  resolve(version: TableVersion | null): void {
    if (this.barrier !== null) this.#relations.set(this.barrier.oid, known(this.barrier, version))
    this.barrier = null
  }

  /** Decodes into `out` until it has `most` records, the inbox is empty, a chunk ends, or a barrier is met. */
  read(inbox: Inbox, most: number, out: SourceRecord[]): void {
    this.#out = out
    this.#time = processingTime(Math.round((performance.timeOrigin + performance.now()) * 1000))
    while (this.barrier === null && out.length < most) {
      const frame = inbox.next()
      if (frame === null) break
      this.#frame(frame)
    }
  }

  #frame(frame: Frame): void {
    if (frame.kind !== LOG_DATA) return this.#keepalive(frame.lsn)
    this.#lsn = frame.lsn
    this.#slab = frame.slab
    decodeMessage(frame.slab, frame.from, frame.to, this)
  }

  /** A transaction that was emitted in part may still come again: the place within it is kept until one has ended. */
  #keepalive(lsn: number): void {
    if (this.#inTransaction) return
    if (this.#resume.transactionId === null) this.#moveTo(lsn)
    this.#options.confirmation.reached(lsn)
  }

  /** Between two transactions, everything before `lsn` has been seen. */
  #moveTo(lsn: number): void {
    if (lsn > this.#resume.lsn)
      this.#resume = { lsn, transactionId: null, nth: 1, lastCommit: this.#transaction.lastCommit }
  }

  begin(begin: Begin): void {
    const finalLsn = Number(begin.finalLsn)
    const { lsn, transactionId } = this.#resume
    this.#inTransaction = true
    // Its commit is before the position: it was emitted as a whole. Rows of the very transaction are looked at one by one.
    this.#skipping = finalLsn < lsn
    this.#partly = transactionId !== null && begin.transactionId === transactionId
    this.#transaction = {
      id: begin.transactionId,
      commitTime: begin.commitTime,
      lastCommit: this.#transaction.lastCommit,
    }
    this.#source = null
    this.#origin = null
    this.#lastLsn = 0
  }

  commit(commit: Commit): void {
    this.#inTransaction = false
    const end = Number(commit.endLsn)
    this.#transaction = { ...this.#transaction, lastCommit: end }
    this.#source = null
    this.#moveTo(end)
    this.#options.confirmation.reached(end)
  }

  origin(lsn: bigint, name: string): void {
    this.#origin = { name, lsn }
  }

  relation(relation: Relation): void {
    if (this.#options.captured(relation)) this.barrier = relation
    else this.#relations.set(relation.oid, known(relation, null))
  }

  type(): void {}

  insert(relation: number, after: number, columns: number): void {
    const place = this.#place(relation, 'INSERT', columns)
    if (place === null) return
    const count = this.#out.length
    this.#options.rows.insert(place, after, this.#out)
    this.#emitted(count, place)
  }

  update(relation: number, old: OldImage | null, before: number, after: number, columns: number): void {
    const place = this.#place(relation, 'UPDATE', columns)
    if (place === null) return
    const count = this.#out.length
    this.#options.rows.update(place, before, after, old === 'O', this.#out)
    this.#emitted(count, place)
  }

  delete(relation: number, _old: OldImage, before: number, columns: number): void {
    const place = this.#place(relation, 'DELETE', columns)
    if (place === null) return
    const count = this.#out.length
    this.#options.rows.delete(place, before, this.#out)
    this.#emitted(count, place)
  }

  /** One message for several tables: only the last record stands for it. */
  truncate(truncate: Truncate): void {
    if (!this.#advance()) return
    const places = truncate.relations.flatMap((relation) => this.#placeOf(relation, 'TRUNCATE', null) ?? [])
    const count = this.#out.length
    for (const [i, place] of places.entries()) {
      const last = i === places.length - 1
      this.#options.rows.truncate(last ? place : { ...place, from: place.previous }, this.#out)
    }
    const last = places.at(-1)
    if (last !== undefined) this.#emitted(count, last)
  }

  message(message: LogicalMessage): void {
    const { transactional, prefix } = message
    if (!transactional && this.#lsn <= this.#resume.lsn) return
    if (transactional && !this.#advance()) return
    if (!this.#options.messagePrefix(prefix)) return
    const { messages, confirmation } = this.#options
    const { commitTime, lastCommit } = this.#transaction
    const transaction = transactional ? this.#transaction : { id: null, commitTime, lastCommit }
    const source = transactional
      ? this.#currentSource()
      : new PostgresSource(this.#options.identity, commitTime, null, lastCommit)
    const nth = transactional ? this.#nth : 1
    const from = new StreamPosition(
      this.#options.partition,
      confirmation.emit(),
      transaction,
      this.#lsn,
      nth,
      'MESSAGE',
    )
    this.#last = from
    if (!transactional) this.#resume = { lsn: this.#lsn, transactionId: null, nth: 1, lastCommit }
    this.#out.push(messages.record(message, source, this.#lsn, from))
  }

  /** Steps to the next event of the transaction; false: it was emitted before the restart. */
  #advance(): boolean {
    const lsn = this.#lsn
    this.#nth = lsn === this.#lastLsn ? this.#nth + 1 : 1
    this.#lastLsn = lsn
    if (this.#skipping) return false
    if (!this.#partly) return true
    const { lsn: done, nth } = this.#resume
    if (lsn < done || (lsn === done && this.#nth <= nth)) return false
    this.#partly = false
    return true
  }

  #place(relation: number, type: MessageType, columns: number): ChangePlace | null {
    return this.#advance() ? this.#placeOf(relation, type, columns) : null
  }

  #placeOf(relation: number, type: MessageType, columns: number | null): ChangePlace | null {
    const found = this.#relations.get(relation)
    if (found === undefined)
      throw new DecodeError(`The log has a change of the relation ${relation}, which it has not described.`)
    const { version } = found
    if (version === null || this.#slab === null) return null
    if (columns !== null && columns !== found.columns)
      throw new DecodeError(
        `A row of ${version.schemaName}.${version.table} has ${columns} columns, its description ${found.columns}.`,
      )
    const { partition, confirmation } = this.#options
    const { upcoming } = confirmation
    return {
      table: version,
      chunk: this.#slab,
      source: this.#currentSource(),
      time: this.#time,
      position: this.#lsn,
      from: new StreamPosition(partition, upcoming, this.#transaction, this.#lsn, this.#nth, type),
      previous: this.#last,
    }
  }

  /** The place counts only if it has records: nobody ever reports a position that nothing carries. */
  #emitted(count: number, place: ChangePlace): void {
    if (this.#out.length === count) return
    this.#options.confirmation.emit()
    this.#last = place.from as StreamPosition
  }

  #currentSource(): PostgresSource {
    this.#source ??= new PostgresSource(
      this.#options.identity,
      this.#transaction.commitTime,
      this.#transaction.id,
      this.#transaction.lastCommit,
      this.#origin,
    )
    return this.#source
  }

  /** The place that a heartbeat stands for. */
  heartbeatPosition(): StreamPosition {
    if (this.#inTransaction) return this.#last
    const { partition, confirmation } = this.#options
    const { lsn, nth } = this.#resume
    this.#last = new StreamPosition(partition, confirmation.emit(), this.#transaction, lsn, nth, null)
    confirmation.reached(lsn)
    return this.#last
  }
}

function known(relation: Relation, version: TableVersion | null): Known {
  return { version, columns: relation.columns.length }
}
