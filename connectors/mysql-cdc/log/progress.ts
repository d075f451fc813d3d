/**
 * How far the log was read and given out: the transaction in hand, how many of its events are over, and what a restart
 * has to pass over. Where nothing new was given out yet, reading begins anew at the very place it began at.
 */
import type { Dialect } from '../ddl/index.ts'
import type { LogPlace, ResumePoint, StoredPlace, TransactionPlace } from '../offset.ts'
import { type ExecutedGtids, executedGtids, type LogGtid } from './executed-gtids.ts'
import { isBefore, LogCursor } from './log-cursor.ts'
import { XaTransactions } from './xa-transactions.ts'

/**
 * What was given out of a transaction: events, and rows of the one behind them. They are those of the log at that place:
 * another server counts others, and begins with another transaction where the order of commits differs.
 */
interface Part {
  readonly file: string
  readonly pos: number
  readonly event: number
  readonly row: number
}

export class Progress {
  readonly cursor: LogCursor
  readonly xa = new XaTransactions()
  /** `until` was reached: nothing more is read. */
  arrived = false
  /** The transaction in hand. */
  open: TransactionPlace | null = null
  /** How many of its events are over. */
  event = 0
  /** Behind the last transaction. */
  between: LogPlace
  readonly #server: Dialect['server']
  readonly #until: StoredPlace | null
  /** null: something behind it was given out. */
  #resume: ResumePoint | null
  /** All before it was given out. */
  #read: { readonly place: StoredPlace; readonly executed: ExecutedGtids | null } | null
  /** Of the first transaction that is not passed over; null: it has begun. */
  #given: Part | null
  /** Of the transaction in hand. */
  #skipping: Part | null = null
  #passing = false
  #moved = false

  constructor(server: Dialect['server'], resume: ResumePoint, until: StoredPlace | null) {
    const { file, pos, gtids, read, event, row } = resume
    this.#server = server
    this.#until = until
    this.#resume = resume
    this.#read =
      read === null
        ? null
        : { place: read, executed: read.gtids === null ? null : executedGtids(server, read.gtids) }
    const begun = read ?? resume
    this.#given = event > 0 ? { file: begun.file, pos: begun.pos, event, row } : null
    this.cursor = new LogCursor(file, pos, gtids === null ? null : executedGtids(server, gtids))
    this.between = this.cursor.place
  }

  /** Where reading began, while nothing behind it was given out. */
  get resume(): ResumePoint | null {
    return this.#resume
  }

  /** A transaction begins that may be given out. False: it is behind the end. */
  begin(pos: number, serverId: number, compressed: boolean): boolean {
    if (this.ends(pos)) return false
    this.#passing = this.isRead(pos)
    if (!this.#passing) {
      this.#read = null
      this.#skipping = this.#isAt(this.#given, pos) ? this.#given : null
      this.#given = null
    }
    this.open = this.placeAt(pos, serverId, compressed)
    this.event = 0
    return true
  }

  #isAt(part: Part | null, pos: number): boolean {
    return part !== null && (part.file === '' || (part.file === this.cursor.file && part.pos === pos))
  }

  placeAt(pos: number, serverId: number, compressed: boolean): TransactionPlace {
    const { file, executed: gtids } = this.cursor
    // A set of MySQL just lacks what is undecided.
    const undecided = this.#server === 'mysql' && gtids !== null ? null : this.xa.first
    return { file, pos, gtids, serverId, compressed, undecided }
  }

  /** Whether what begins there is behind the end of all reading. */
  ends(pos: number): boolean {
    const until = this.#until
    if (until !== null)
      this.arrived ||=
        until.file === ''
          ? (this.cursor.executed?.contains(until.gtids ?? '') ?? false)
          : !isBefore({ file: this.cursor.file, pos }, until)
    return this.arrived
  }

  /** Whether what begins there was given out before the restart. */
  isRead(pos: number): boolean {
    if (this.#read === null) return false
    const { place, executed } = this.#read
    const { file, gtid } = this.cursor
    return executed !== null && gtid !== null ? executed.has(gtid) : isBefore({ file, pos }, place)
  }

  /** Rows of the event in hand that were given out: Infinity for all. */
  get rowsGiven(): number {
    if (this.#passing) return Number.POSITIVE_INFINITY
    const part = this.#skipping
    if (part === null || this.event > part.event) return 0
    return this.event < part.event ? Number.POSITIVE_INFINITY : part.row
  }

  /** An event of the transaction is over. */
  complete(): void {
    if (this.open === null) return
    this.event++
    if (this.#skipping !== null && this.event > this.#skipping.event) this.#skipping = null
    if (!this.#passing && this.#skipping === null) this.#resume = null
  }

  /** Something was given out within the event in hand. */
  moved(): void {
    if (!this.#passing) this.#resume = null
  }

  /** The transaction is over. `undecided`: it does not count as executed yet. */
  over(undecided: LogGtid | null = null): void {
    if (undecided !== null) this.cursor.gtid = null
    this.cursor.settle()
    this.open = null
    this.event = 0
    this.#skipping = null
    this.moveTo(this.cursor.place)
    this.#passing = false
  }

  /** Between transactions, all before the place was seen. */
  moveTo(place: LogPlace): void {
    this.between = place
    if (this.#passing || this.#given !== null || this.#read !== null) return
    this.#resume = null
    this.#moved = true
    this.ends(place.pos)
  }

  /** The place between transactions, if it is a new one. */
  idle(serverId: number): TransactionPlace | null {
    if (!this.#moved || this.open !== null || this.#resume !== null) return null
    this.#moved = false
    return this.behind(serverId)
  }

  /** Behind the last transaction. */
  behind(serverId: number): TransactionPlace {
    const undecided = this.#server === 'mysql' && this.between.gtids !== null ? null : this.xa.first
    return { ...this.between, serverId, compressed: false, undecided }
  }
}
