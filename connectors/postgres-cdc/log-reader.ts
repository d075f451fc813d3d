/**
 * From decoded messages to records: keeps the transaction, the position, and which table version each relation has.
 * Decoding is synchronous and stops at one barrier: a Relation message of a captured table, whose keys and defaults
 * only the catalogue knows. It goes on with the message behind it once `resolve` was called.
 */
import {
  type ChangePlace,
  type NameFilter,
  processingTime,
  type ProcessingTime,
  type RowEvents,
  type TableVersion,
  type TransactionMark,
  type TransactionTracker,
} from '#cdc'
import type { OffsetMap, SourceRecord } from '#data'
import { DecodeError } from '#errors'
import type { CellSlab } from '#cdc'
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
  /** Reading ends before the first transaction whose commit is not before it: the snapshot has that one. null: never. */
  readonly until: number | null
  /** provide.transaction.metadata; null: off. */
  readonly transactions: TransactionTracker | null
}

/** What is emitted of a relation, and how many cells its rows have; no version: it is not captured. */
interface Known {
  readonly version: TableVersion | null
  readonly columns: number
}

export class LogReader implements PgoutputHandler {
  /** The relation whose version must be found before decoding goes on. */
  barrier: Relation | null = null
  /** `until` was reached: nothing more is read. */
  arrived = false
  readonly #options: LogReaderOptions
  readonly #relations = new Map<number, Known>()
  #resume: ResumePoint
  /** Where the log ended when the session began: a transaction that was given out in part ended before it. */
  #end = Number.POSITIVE_INFINITY
  /** The newest position between transactions that was stored, or given out to be. */
  #floor: number
  #inTransaction = false
  #skipping = false
  #partly = false
  #transaction: TransactionPlace
  #source: PostgresSource | null = null
  #origin: { name: string; lsn: bigint } | null = null
  /** The transaction whose commit is being read. */
  #ended: number | null = null
  /** The transaction whose BEGIN was given out, and not yet its END. */
  #counted: number | null = null
  /** Of the message being decoded. */
  #lsn = 0
  #nth = 0
  #lastLsn = 0
  #slab: CellSlab | null = null
  #time: ProcessingTime = processingTime(0)
  #out: SourceRecord[] = []
  #last: StreamPosition

  constructor(options: LogReaderOptions, resume: ResumePoint) {
    this.#options = options
    this.#resume = resume
    const { lsn, partly, lastCommit } = resume
    this.#floor = lsn
    const transaction = { id: partly?.transactionId ?? null, commitTime: 0, lastCommit, floor: lsn }
    this.#transaction = { ...transaction, beforeSnapshot: options.until !== null }
    const { partition } = options
    this.#last = new StreamPosition(partition, this.#transaction, partly?.lsn ?? lsn, partly?.nth ?? 1, null)
  }

  /** Where a new session has to begin, and what it must skip. */
  get resumePoint(): ResumePoint {
    return this.#resume
  }

  /** Of the transaction being read, or of the last one: milliseconds since 1970; 0 before the first. */
  get commitTimeMs(): number {
    return this.#transaction.commitTime / 1000
  }

  /** A session begins; the server's log ends at `end` by now. */
  begins(end: number): void {
    this.#end = end
  }

  /** The session is over: a new one sends its relations anew. */
  restarted(): void {
    const { id } = this.#transaction
    if (this.#inTransaction && !this.#skipping && !this.#partly && this.#lastLsn > 0 && id !== null)
      this.#resume = {
        ...this.#resume,
        partly: { transactionId: id, lsn: this.#lastLsn, nth: this.#nth },
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
    while (this.barrier === null && !this.arrived && out.length < most) {
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

  /** All that committed before it was sent. Within a transaction it says nothing of that one. */
  #keepalive(lsn: number): void {
    if (this.#inTransaction) return
    this.#moveTo(lsn)
  }

  /** Between two transactions, everything that committed before `lsn` has been seen. */
  #moveTo(lsn: number): void {
    this.arrived ||= this.#isLate(lsn)
    const { partly } = this.#resume
    const over = partly === null || lsn >= this.#end || partly.transactionId === this.#ended
    if (lsn <= this.#resume.lsn && over === (partly === null)) return
    this.#resume = {
      lsn: Math.max(lsn, this.#resume.lsn),
      partly: over ? null : partly,
      lastCommit: this.#transaction.lastCommit,
    }
  }

  /** What is written there is not to be read any more. */
  #isLate(lsn: number): boolean {
    const { until } = this.#options
    return until !== null && lsn >= until
  }

  begin(begin: Begin): void {
    const finalLsn = Number(begin.finalLsn)
    const { lsn, partly } = this.#resume
    this.arrived = this.#isLate(finalLsn)
    if (this.arrived) return
    this.#inTransaction = true
    // Its commit is before the position: it was emitted as a whole. Rows of the very transaction are looked at one by one.
    this.#skipping = finalLsn < lsn
    this.#partly = partly !== null && begin.transactionId === partly.transactionId
    this.#transaction = {
      ...this.#transaction,
      id: begin.transactionId,
      commitTime: begin.commitTime,
      floor: this.#floor,
    }
    this.#source = null
    this.#origin = null
    this.#lastLsn = 0
    if (this.#options.transactions !== null && !this.#skipping) this.#count(this.#options.transactions)
  }

  /** A transaction that a session before this one has begun to count goes on. */
  #count(transactions: TransactionTracker): void {
    const { id, commitTime } = this.#transaction
    if (id === this.#counted) return
    this.#counted = id
    const name = (lsn: number) => `${id}:${lsn}`
    if (this.#partly) {
      this.#last.counted = transactions.resume(name, this.#lsn, this.#resume.partly?.counted ?? null)
      return
    }
    this.#last = this.#position('BEGIN', 1, transactions.begin(name, this.#lsn))
    const record = transactions.beginRecord(Math.floor(commitTime / 1000), this.#last)
    if (record !== null) this.#out.push(record)
  }

  #position(type: MessageType, nth: number, counted: TransactionMark | null): StreamPosition {
    const from = new StreamPosition(this.#options.partition, this.#transaction, this.#lsn, nth, type)
    from.counted = counted
    return from
  }

  commit(commit: Commit): void {
    this.#inTransaction = false
    const end = Number(commit.endLsn)
    this.#transaction = { ...this.#transaction, lastCommit: end }
    this.#source = null
    this.#ended = this.#transaction.id
    this.#moveTo(end)
    this.#ended = null
    if (this.#options.transactions !== null && !this.#skipping) this.#countedAll(this.#options.transactions)
  }

  #countedAll(transactions: TransactionTracker): void {
    const from = this.#position('COMMIT', 1, null)
    const record = transactions.end(this.#lsn, Math.floor(this.commitTimeMs), from)
    this.#counted = null
    if (record === null) return
    this.#last = from
    this.#out.push(record)
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
    if (!transactional) {
      this.arrived = this.#isLate(this.#lsn)
      if (this.arrived || this.#lsn <= this.#resume.lsn) return
    }
    if (transactional && !this.#advance()) return
    if (!this.#options.messagePrefix(prefix)) return
    const { messages, partition } = this.#options
    const { commitTime, lastCommit } = this.#transaction
    const transaction = transactional ? this.#transaction : { ...this.#transaction, id: null }
    const source = transactional
      ? this.#currentSource()
      : new PostgresSource(this.#options.identity, commitTime, null, lastCommit)
    const nth = transactional ? this.#nth : 1
    const from = new StreamPosition(partition, transaction, this.#lsn, nth, 'MESSAGE')
    const mark = transactional
      ? (this.#options.transactions?.event('LOGICAL_DECODING_MESSAGE', this.#lsn) ?? null)
      : null
    from.counted = this.#options.transactions?.mark ?? null
    this.#last = from
    if (!transactional) this.#moveTo(this.#lsn)
    this.#out.push(messages.record(message, source, this.#lsn, from, mark))
  }

  /** Steps to the next event of the transaction; false: it was emitted before the restart. */
  #advance(): boolean {
    const lsn = this.#lsn
    this.#nth = lsn === this.#lastLsn ? this.#nth + 1 : 1
    this.#lastLsn = lsn
    if (this.#skipping) return false
    if (!this.#partly) return true
    const { partly } = this.#resume
    if (partly !== null && (lsn < partly.lsn || (lsn === partly.lsn && this.#nth <= partly.nth))) return false
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
    return {
      table: version,
      chunk: this.#slab,
      source: this.#currentSource(),
      time: this.#time,
      position: this.#lsn,
      from: new StreamPosition(this.#options.partition, this.#transaction, this.#lsn, this.#nth, type),
      previous: this.#last,
    }
  }

  /** The place counts only if it has records: nobody ever reports a position that nothing carries. */
  #emitted(count: number, place: ChangePlace): void {
    if (this.#out.length === count) return
    this.#last = place.from as StreamPosition
    if (this.#options.transactions !== null) this.#last.counted = this.#options.transactions.mark
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
    return this.idlePosition() ?? this.#last
  }

  /**
   * A place between transactions that is further than all that was given out: to be stored before the server is told
   * of it (invariant 1). null: there is none, or the place within a transaction has to be kept.
   */
  idlePosition(): StreamPosition | null {
    const { lsn, partly } = this.#resume
    if (this.#inTransaction || partly !== null || lsn <= this.#last.safe) return null
    this.#floor = lsn
    const transaction = { ...this.#transaction, floor: lsn }
    this.#last = new StreamPosition(this.#options.partition, transaction, lsn, 1, null)
    return this.#last
  }
}

function known(relation: Relation, version: TableVersion | null): Known {
  return { version, columns: relation.columns.length }
}
