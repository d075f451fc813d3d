/**
 * From the events of the log to records. Decoding is synchronous and stops at barriers: statements that may shape tables,
 * and pieces of large compressed transactions. It goes on with the event behind once the barrier was resolved.
 *
 *   log         := (transaction | definition | rotate | heartbeat | …)*
 *   transaction := gtid? (begin event* (commit | rollback) | payload | xa)
 *   payload     := begin event* commit                                     compressed, in one event
 *   xa          := xaStart event* xaEnd xaPrepare, and later gtid? (xaCommit | xaRollback)
 *   event       := rowsQuery | table | rows | savepoint | definition
 *
 * In MariaDB the GTID is the beginning.
 */
import { CellSlab } from '#cdc'
import type { SourceOffset, SourceRecord } from '#data'
import { DecodeError } from '#errors'
import { BinlogDecoder, type BinlogEvent } from '../decode/binlog-decoder.ts'
import { formatBeforeFirst } from '../decode/format-description.ts'
import { MariadbGtidPosition } from '../decode/mariadb-gtid.ts'
import type { Query } from '../decode/query.ts'
import { payloadEvents, type TransactionPayload } from '../decode/transaction-payload.ts'
import type { BinlogOffset, LogPlace, ResumePoint } from '../offset.ts'
import type { Barrier } from './barrier.ts'
import { type ExecutedGtids, mariadbGtids, mysqlGtids } from './executed-gtids.ts'
import type { Failures } from './failures.ts'
import { LogCursor } from './log-cursor.ts'
import { statementKind, xaName } from './statement-kind.ts'
import type { TransactionReaderOptions } from './transaction-options.ts'
import { TransactionReader } from './transaction-reader.ts'

export interface LogReaderOptions extends TransactionReaderOptions {
  /** include.query */
  readonly query: boolean
  /** Whether a statement that changes rows could be one of a captured table. */
  readonly concerns: (query: Query) => boolean
  readonly failures: Failures
}

export interface EventSource {
  next(): { readonly slab: CellSlab; readonly from: number; readonly to: number } | null
}

/** Larger transactions are decompressed piece by piece. */
const SMALL_PAYLOAD = 1 << 20

/** The log, or a part of it that is read again. */
interface Reading {
  decoder: BinlogDecoder
  nested: Nested | null
}

/** An XA transaction that was too large to be held. */
interface Rereading extends Reading {
  readonly events: EventSource
  readonly cursor: LogCursor
}

/** Events of a compressed transaction. */
interface Nested {
  readonly decoder: BinlogDecoder
  readonly payload: TransactionPayload
  slab: CellSlab
  at: number
  to: number
  /** No piece follows. */
  complete: boolean
}

export class LogReader {
  barrier: Barrier | null = null
  readonly #options: LogReaderOptions
  readonly #transactions: TransactionReader
  readonly #main: Reading = { decoder: new BinlogDecoder(formatBeforeFirst(false)), nested: null }
  #again: Rereading | null = null

  constructor(options: LogReaderOptions, resume: ResumePoint) {
    this.#options = options
    this.#transactions = new TransactionReader(options, resume)
  }

  /** `until` was reached: nothing more is read. */
  get arrived(): boolean {
    return this.#transactions.progress.arrived
  }

  /** Of the last change: milliseconds since 1970; 0 before the first. */
  get changeTimeMs(): number {
    return this.#transactions.changeTimeMs
  }

  /** Behind the last transaction. */
  get place(): LogPlace {
    return this.#transactions.progress.between
  }

  /** What was executed by the end of the transaction in hand; null: there are no GTIDs. */
  get begun(): ExecutedGtids | null {
    const { executed, gtid } = this.#transactions.progress.cursor
    return executed === null || gtid === null ? executed : executed.with(gtid)
  }

  /** Where a new session has to begin, and what it must pass over. */
  get resumePoint(): ResumePoint {
    return this.#transactions.resumePoint
  }

  /** The place that a heartbeat stands for. */
  heartbeatPosition(): SourceOffset {
    return this.#transactions.heartbeatPosition()
  }

  /** A place between transactions that is further than all that was given out; null: there is none. */
  idlePosition(): SourceOffset | null {
    return this.#transactions.idlePosition()
  }

  /** A session begins: its events have a checksum or not as long as no format description says otherwise. */
  begins(checksum: boolean): void {
    this.#transactions.restart()
    this.#main.decoder = new BinlogDecoder(formatBeforeFirst(checksum))
    this.#main.nested = null
    this.#again = null
    this.barrier = null
  }

  /** Whether an XA transaction is being read again. */
  get rereads(): boolean {
    return this.#again !== null
  }

  /** Decodes into `out` until it has `most` records, nothing is there, or a barrier is met. */
  read(events: EventSource, most: number, out: SourceRecord[]): void {
    const transactions = this.#transactions
    transactions.output.begin(out)
    while (this.barrier === null && !this.arrived && out.length < most) {
      const place = this.#giveHeld()
      if (transactions.isGiving) {
        if (place === null) continue
        if (this.#again === null) this.barrier = { kind: 'again', place }
        else if (!this.#next(this.#again, this.#again.events)) return
      } else if (!this.#next(this.#main, events)) return
    }
  }

  #giveHeld(): LogPlace | null {
    const { cursor } = this.#transactions.progress
    try {
      return this.#transactions.giveHeld()
    } catch (error) {
      this.#options.failures.passOver(error, `${cursor.file}:${cursor.start}`)
      return null
    }
  }

  /** False: nothing is there. */
  #next(reading: Reading, events: EventSource): boolean {
    const { nested, decoder } = reading
    if (nested === null) {
      const frame = events.next()
      if (frame === null) return false
      this.#decode(reading, decoder, frame.slab, frame.from, frame.to)
    } else if (nested.at < nested.to) {
      const { slab, at } = nested
      nested.at += slab.bytes.readUInt32LE(at + 9)
      this.#decode(reading, nested.decoder, slab, at, nested.at)
    } else if (nested.complete) reading.nested = null
    else this.barrier = { kind: 'payload', payload: nested.payload }
    return true
  }

  #decode(reading: Reading, decoder: BinlogDecoder, slab: CellSlab, from: number, to: number): void {
    const transactions = this.#transactions
    const again = reading === this.#again ? this.#again : null
    const cursor = again?.cursor ?? transactions.progress.cursor
    const { file, end } = cursor
    const isNested = reading.nested !== null
    try {
      const event = decoder.decode(slab.bytes, from, to)
      transactions.header = event.header
      const inFile = isNested || cursor.step(event.header)
      if (again !== null) this.#reread(again, event, slab)
      else if (!this.#control(event, inFile)) this.#event(event, slab)
    } catch (error) {
      this.#options.failures.passOver(error, `${file}:${isNested ? cursor.start : end}`)
      if (again === null) transactions.progress.complete()
    }
  }

  /** Of an XA transaction that is read again only the rows matter. */
  #reread(again: Rereading, event: BinlogEvent, slab: CellSlab): void {
    const transactions = this.#transactions
    switch (event.kind) {
      case 'rotate':
        return again.cursor.rotate(event.rotate.file, event.rotate.position)
      case 'rowsQuery':
        if (this.#options.query) transactions.query = event.sql
        return
      case 'rows':
        return transactions.rowsAgain(event.rows, event.table, slab, again.cursor)
      case 'payload':
        return this.#unpack(again, event.payload)
      case 'xaPrepare':
        this.#again = null
        return transactions.preparedAgain(event.xa)
    }
  }

  /** Events beside transactions; false: it is none. */
  #control(event: BinlogEvent, inFile: boolean): boolean {
    switch (event.kind) {
      case 'rotate':
        this.#transactions.rotate(event.rotate.file, event.rotate.position, inFile)
        return true
      case 'heartbeat':
        this.#transactions.heartbeat(event.heartbeat.file, event.heartbeat.position)
        return true
      case 'previousGtids':
        if (inFile) this.#executed(mysqlGtids(event.gtids))
        return true
      case 'mariadbGtidList':
        if (inFile) this.#executed(mariadbGtids(MariadbGtidPosition.of(event.gtids)))
        return true
      case 'format':
      case 'stop':
      case 'checkpoint':
      case 'encryption':
        return true
      case 'incident':
        throw new DecodeError(
          `The server has lost events of its log (incident ${event.incident.code}: ${event.incident.message}).`,
          { remedy: 'Take a new snapshot: delete the offsets, or send a signal for an incremental one.' },
        )
      default:
        return false
    }
  }

  /** What a file begins with says what was executed, should nobody have known. */
  #executed(gtids: ExecutedGtids): void {
    const { cursor } = this.#transactions.progress
    if (cursor.executed === null && gtids.toString() !== '') cursor.executed = gtids
  }

  #event(event: BinlogEvent, slab: CellSlab): void {
    const transactions = this.#transactions
    switch (event.kind) {
      case 'gtid':
      case 'mariadbGtid':
        return transactions.named(event.gtid)
      case 'begin':
        return transactions.begin(event.threadId, this.#main.nested !== null)
      case 'query':
        return this.#statement(event.query)
      case 'rowsQuery':
        if (this.#options.query) transactions.query = event.sql
        return transactions.progress.complete()
      case 'table':
        return transactions.table()
      case 'rows':
        return transactions.rows(event.rows, event.table, slab)
      case 'commit':
        return transactions.commit()
      case 'xaPrepare':
        return transactions.xaPrepared(event.xa)
      case 'payload':
        return this.#unpack(this.#main, event.payload)
      default:
        return transactions.progress.complete()
    }
  }

  #statement(query: Query): void {
    const transactions = this.#transactions
    switch (statementKind(query.sql)) {
      case 'begin':
        return transactions.begin(query.threadId, this.#main.nested !== null)
      case 'commit':
        return transactions.commit()
      case 'rollback':
        return transactions.rollback()
      case 'xa start':
        return transactions.hold(this.#main.nested !== null)
      case 'xa commit':
        return transactions.decide(xaName(query.sql), true)
      case 'xa rollback':
        return transactions.decide(xaName(query.sql), false)
      case 'savepoint':
      case 'xa end':
        return transactions.progress.complete()
      case 'rows':
        if (this.#options.concerns(query) && !transactions.isGiven) throw notRows(query)
        return transactions.statementOver()
      case 'definition':
        if (transactions.isGiven) transactions.statementOver()
        else this.barrier = { kind: 'definition', definition: transactions.definition(query) }
    }
  }

  /** The statement at the barrier is done: its records, which are given the place behind it. */
  resolveDefinition(records: (before: SourceOffset, behind: BinlogOffset) => readonly SourceRecord[]): void {
    this.barrier = null
    this.#transactions.defined(records)
  }

  #unpack(reading: Reading, payload: TransactionPayload): void {
    const isSmall = payload.size <= SMALL_PAYLOAD
    const bytes = isSmall ? payloadEvents(payload) : Buffer.alloc(0)
    const piece = { slab: new CellSlab(bytes), at: 0, to: bytes.length }
    reading.nested = { decoder: reading.decoder.within(), payload, ...piece, complete: isSmall }
  }

  /** The next piece of the payload at the barrier; null: there is no more. */
  resolvePayload(piece: Buffer | null): void {
    this.barrier = null
    const { nested } = this.#again ?? this.#main
    if (nested === null) return
    if (piece === null) nested.complete = true
    else Object.assign(nested, { slab: new CellSlab(piece), at: 0, to: piece.length })
  }

  /** The log from the place at the barrier on. `checksum`: as in `begins`. */
  resolveAgain(place: LogPlace, events: EventSource, checksum: boolean): void {
    this.barrier = null
    const decoder = new BinlogDecoder(formatBeforeFirst(checksum))
    this.#again = { decoder, nested: null, events, cursor: new LogCursor(place.file, place.pos, null) }
  }
}

function notRows({ sql, schema }: Query): DecodeError {
  const verb = /[a-z]+/i.exec(sql)?.[0]?.toUpperCase()
  return new DecodeError(
    `The log has an ${verb} statement of the database '${schema}' instead of the rows that it changed.`,
    { remedy: 'Set binlog_format=ROW on the server, for all sessions, and take a new snapshot.' },
  )
}
