/**
 * Transactions as the log has them: their beginning, rows and end, and what of them is given out. A transaction that was
 * given out in part goes on behind that part; rows of an XA transaction wait for its decision.
 */
import type { CellSlab } from '#cdc'
import type { SourceOffset, SourceRecord } from '#data'
import { DecodeError } from '#errors'
import type { EventHeader } from '../decode/event-header.ts'
import type { XaPrepare } from '../decode/other-events.ts'
import type { Query } from '../decode/query.ts'
import type { RowsEvent } from '../decode/rows.ts'
import type { TableMap } from '../decode/table-map.ts'
import {
  type BinlogOffset,
  type LogPlace,
  readOffset,
  type ResumePoint,
  type TransactionPlace,
} from '../offset.ts'
import { gtidText, MysqlSource } from '../source-block.ts'
import type { Definition } from './barrier.ts'
import { gtidSource, type LogGtid, nameOf } from './executed-gtids.ts'
import type { LogCursor } from './log-cursor.ts'
import { Origins } from './origins.ts'
import { Progress } from './progress.ts'
import { RowOutput } from './row-output.ts'
import { type EventRows, RowReader } from './row-reader.ts'
import { xaNameOf } from './statement-kind.ts'
import type { TransactionReaderOptions } from './transaction-options.ts'
import { type Giving, HeldTransaction, otherThan, unseen } from './xa-transactions.ts'

const all = Number.POSITIVE_INFINITY
const noHeader: EventHeader = { timestamp: 0, type: 0, serverId: 0, size: 0, nextPosition: 0, flags: 0 }

export class TransactionReader {
  readonly output: RowOutput
  progress: Progress
  /** Of the event being read. */
  header: EventHeader = noHeader
  /** The statement behind the rows that follow. */
  query: string | null = null
  readonly #options: TransactionReaderOptions
  readonly #origins = new Origins()
  /** An XA transaction whose end was not read yet. */
  #holding: HeldTransaction | null = null
  #giving: Giving | null = null
  /** The GTID stands for one statement, which ends the transaction. */
  #standalone = false
  /** Rows of this source do not count. */
  #ignored = false
  #counted: ResumePoint['counted']
  readonly #rows: RowReader
  /** The transaction has rows that were read. */
  #hasRows = false

  constructor(options: TransactionReaderOptions, resume: ResumePoint) {
    const { partition, events, transactions, identity, until, extras } = options
    this.#options = options
    this.progress = new Progress(identity.server, resume, until)
    this.#counted = resume.counted
    const read = resume.read ?? resume
    const place = { ...read, serverId: 0, compressed: resume.compressed }
    const undecided = resume.read === null ? null : resume
    this.output = new RowOutput(partition, events, transactions, extras)
    this.output.last = this.output.offset({ ...place, undecided }, resume.event, resume.row)
    this.#rows = new RowReader(this.output)
  }

  get changeTimeMs(): number {
    return (this.output.time ?? 0) / 1000
  }

  /** Where a new session has to begin, and what it must pass over. */
  get resumePoint(): ResumePoint {
    const { resume } = this.progress
    if (resume !== null) return { ...resume, counted: this.#counted ?? resume.counted }
    return readOffset(this.#here().offset()).resume
  }

  /** Begins anew where all was given out before. */
  restart(): void {
    const { identity, until } = this.#options
    const resume = this.resumePoint
    this.progress = new Progress(identity.server, resume, until)
    this.#counted = resume.counted
    this.#holding = null
    this.#giving = null
    this.#standalone = false
    this.query = null
  }

  heartbeatPosition(): SourceOffset {
    return this.idlePosition() ?? this.output.last
  }

  idlePosition(): SourceOffset | null {
    const place = this.#holding === null ? this.progress.idle(this.header.serverId) : null
    if (place === null) return null
    this.output.last = this.output.offset(place, 0, 0)
    return this.output.last
  }

  /** Behind all that is over. */
  #here(): BinlogOffset {
    const { open, event } = this.progress
    if (open === null) return this.output.offset(this.progress.behind(this.header.serverId), 0, 0)
    const offset = this.output.offset(open, event, this.#giving?.rows ?? 0)
    offset.mark = this.#options.transactions?.mark ?? null
    return offset
  }

  rotate(file: string, position: number, inFile: boolean): void {
    const { cursor } = this.progress
    const isFirst = cursor.file === ''
    if (file !== cursor.file) this.#rows.lastRow = 0
    cursor.rotate(file, position)
    // What a session begins with says nothing new of how far the log was read.
    if (inFile || isFirst) this.#reached()
  }

  heartbeat(file: string, position: number): void {
    const { cursor, open } = this.progress
    if (open !== null || this.#holding !== null || file !== cursor.file || position <= cursor.end) return
    cursor.rotate(file, position)
    this.#reached()
  }

  #reached(): void {
    this.progress.moveTo(this.progress.cursor.place)
    this.#options.reached?.(this.progress.between)
  }

  named(gtid: LogGtid): void {
    const { counts } = this.#options
    this.progress.cursor.named(gtid)
    this.#origins.named(gtid, this.header)
    const source = gtidSource(gtid)
    this.#ignored = counts !== null && source !== null && !counts(source)
    if (!('domain' in gtid)) return
    this.#standalone = gtid.standalone
    if (gtid.xa === 'prepared') this.hold(false)
    else this.begin(null, false)
  }

  begin(threadId: number | null, compressed: boolean): void {
    const { progress } = this
    // MariaDB has begun with the GTID.
    if (progress.open !== null || this.#holding !== null) return progress.complete()
    this.#origins.thread = threadId
    this.query = null
    if (!progress.begin(progress.cursor.start, this.header.serverId, compressed)) return
    if (progress.open !== null) this.#announce(progress.open, progress.rowsGiven === all)
    progress.complete()
  }

  /** Counts from here on, and tells of the beginning unless that was done before a restart. */
  #announce(place: TransactionPlace, isTold: boolean): void {
    const { transactions } = this.#options
    if (transactions === null) return
    const { gtid } = this.#origins
    const name = gtid === null ? `file=${place.file},pos=${place.pos}` : gtidText(gtid)
    const counted = this.#counted?.id === name ? this.#counted : null
    const mark = transactions.resume(() => name, 0, counted)
    if (isTold || counted !== null) return
    const from = this.output.offset(place, 0, 0)
    from.mark = mark
    const record = transactions.beginRecord(this.#timeMs(), from)
    if (record !== null) this.output.push(record)
  }

  #timeMs(): number {
    return Math.floor(this.#origins.time(this.header) / 1000)
  }

  commit(): void {
    const { transactions } = this.#options
    const isGiven = this.progress.open === null || this.progress.rowsGiven === all
    this.#over()
    const record = transactions?.end(0, this.#timeMs(), this.#here()) ?? null
    if (record !== null && !isGiven) this.output.push(record)
  }

  rollback(): void {
    const hadRows = this.#hasRows
    this.#options.transactions?.forget()
    this.#over()
    if (hadRows)
      throw new DecodeError('A transaction whose rows are in the log, and were given out, was rolled back.', {
        remedy: 'Read its tables again by an incremental snapshot.',
      })
  }

  /** The transaction is over, whatever became of it. */
  #over(undecided: LogGtid | null = null): void {
    this.progress.over(undecided)
    this.#holding = null
    this.#standalone = false
    this.#hasRows = false
    if (this.progress.resume === null) this.#counted = null
    this.query = null
    this.#origins.thread = null
    this.#options.reached?.(this.progress.between)
  }

  /** Behind a statement that is no part of a transaction the log is between transactions. */
  statementOver(): void {
    if (this.progress.open === null || this.#standalone) this.#over()
    else this.progress.complete()
  }

  /** Whether what the event in hand does was given out before the restart. */
  get isGiven(): boolean {
    const { open, rowsGiven, cursor } = this.progress
    return open === null
      ? this.progress.isRead(cursor.start) || this.progress.ends(cursor.start)
      : rowsGiven > 0
  }

  definition(query: Query): Definition {
    const { progress, output } = this
    const { cursor, open, event } = progress
    const { serverId } = this.header
    const origin = this.#origins.of(this.header, cursor.file)
    const time = Math.floor(origin.time / 1000) * 1000
    output.time = time
    const place = output.offset(open ?? progress.placeAt(cursor.end, serverId, false), event, 0).offset()
    return { query, place, origin: { ...origin, time }, pos: cursor.start, row: this.#rows.lastRow }
  }

  defined(records: (before: SourceOffset, behind: BinlogOffset) => readonly SourceRecord[]): void {
    const before = this.output.last
    this.statementOver()
    // Of a statement that is a transaction of its own the reference tells no end.
    if (this.progress.open === null) this.#options.transactions?.forget()
    for (const record of records(before, this.#here())) this.output.push(record)
  }

  table(): void {
    // A place within a transaction: a replay may begin there.
    if (this.progress.open === null && this.#holding === null) this.begin(null, false)
    else this.progress.complete()
  }

  rows(event: RowsEvent, table: TableMap, slab: CellSlab): void {
    const { progress } = this
    const { cursor, rowsGiven: given, open, event: number } = progress
    const holding = this.#holding
    const isWanted = holding === null ? given !== all : holding.events !== null
    const rows = isWanted && !this.#ignored ? this.#rowsOf(event, table, this.#origins, cursor) : null
    if (rows !== null && holding !== null) holding.add(rows, progress.xa.room)
    else if (rows !== null && open !== null) {
      this.#hasRows = true
      this.#rows.read(rows, slab, { open, event: number, before: 0, given })
    }
    progress.complete()
  }

  /** null: the table is not captured. */
  #rowsOf(event: RowsEvent, table: TableMap, origins: Origins, cursor: LogCursor): EventRows | null {
    const { versions, identity } = this.#options
    const version = versions.ofLog(table)
    if (version === null) return null
    const origin = origins.of(this.header, cursor.file)
    const source = new MysqlSource(identity, origin, cursor.start, this.query)
    return { event, table, version, rowEnd: versions.rowEnd(table), source, time: origin.time }
  }

  /** An XA transaction begins: nobody knows yet whether it will be committed. */
  hold(compressed: boolean): void {
    const { progress } = this
    const { start } = progress.cursor
    if (this.#holding !== null || progress.ends(start)) return
    this.#origins.thread = null
    const place = progress.placeAt(start, this.header.serverId, compressed)
    this.#holding = new HeldTransaction(place, progress.cursor.gtid, this.#origins.copy())
    // Of MariaDB's the reference tells the beginning.
    if (this.#options.identity.server === 'mariadb') this.#announce(place, progress.isRead(start))
  }

  xaPrepared({ onePhase, globalId, branchId, formatId }: XaPrepare): void {
    const { progress } = this
    const holding = this.#holding
    if (holding === null) return progress.complete()
    const { place, gtid } = holding
    const name = xaNameOf(globalId, branchId, formatId)
    if (onePhase) {
      this.#holding = null
      if (!progress.begin(place.pos, place.serverId, place.compressed)) return this.#over()
      return this.#give(name, holding, false)
    }
    progress.xa.prepare(name, holding)
    // A set of MySQL leaves out what is undecided, so that a restart gets it again.
    this.#over(gtid !== null && 'uuid' in gtid ? gtid : null)
  }

  /** XA COMMIT or XA ROLLBACK of a transaction that was prepared. */
  decide(name: string, isCommitted: boolean): void {
    const { progress } = this
    if (progress.open === null && !progress.begin(progress.cursor.start, this.header.serverId, false)) return
    const transaction = progress.xa.decide(name)
    const gtid = transaction?.gtid ?? null
    const { transactions } = this.#options
    if (gtid === null || !('domain' in gtid)) transactions?.forget()
    else {
      const id = nameOf(gtid)
      transactions?.resume(() => (id === null ? '' : gtidText(id)), 0, null)
    }
    if (isCommitted && transaction !== null) return this.#give(name, transaction, true)
    const isMissing = transaction === null && isCommitted && progress.rowsGiven !== all
    this.#decided(gtid)
    if (isMissing) throw unseen(name)
  }

  #give(name: string, transaction: HeldTransaction, wasPrepared: boolean): void {
    const { progress, header } = this
    progress.event = 1
    const given = progress.rowsGiven
    this.#giving = { name, transaction, header, wasPrepared, given, rows: 0, event: 0 }
    if (given === all) this.#allGiven()
  }

  /** Whether the rows of an XA transaction are being given out: nothing else is to be read until they are. */
  get isGiving(): boolean {
    return this.#giving !== null
  }

  /** Gives out one more event that was held. Otherwise: where the transaction is to be read again. */
  giveHeld(): LogPlace | null {
    const giving = this.#giving
    if (giving === null) return null
    const { events, place } = giving.transaction
    if (events === null) return place
    const held = events[giving.event++]
    if (held === undefined) this.#allGiven()
    else this.#giveRows(giving, held, null)
    return null
  }

  /** Rows of the transaction that is read again. */
  rowsAgain(event: RowsEvent, table: TableMap, slab: CellSlab, cursor: LogCursor): void {
    const giving = this.#giving
    if (giving === null) return
    const rows = this.#rowsOf(event, table, giving.transaction.origins, cursor)
    if (rows !== null) this.#giveRows(giving, rows, slab)
  }

  #giveRows(giving: Giving, rows: EventRows, slab: CellSlab | null): void {
    const { progress } = this
    const { open } = progress
    const { given, rows: before } = giving
    if (open === null) return
    giving.rows += this.#rows.read(rows, slab, { open, event: 1, before, given })
    if (giving.rows > given) progress.moved()
  }

  /** The transaction that was read again is over. */
  preparedAgain({ globalId, branchId, formatId }: XaPrepare): void {
    const giving = this.#giving
    if (giving === null) return
    this.#allGiven()
    const { name, transaction } = giving
    if (xaNameOf(globalId, branchId, formatId) !== name) throw otherThan(name, transaction.place)
  }

  #allGiven(): void {
    const giving = this.#giving
    if (giving === null) return
    this.#giving = null
    this.header = giving.header
    if (giving.wasPrepared) this.#decided(giving.transaction.gtid)
    else this.#over()
  }

  #decided(gtid: LogGtid | null): void {
    const { cursor } = this.progress
    if (gtid !== null && 'uuid' in gtid && cursor.executed !== null)
      cursor.executed = cursor.executed.with(gtid)
    this.#options.transactions?.forget()
    this.#over()
  }
}
