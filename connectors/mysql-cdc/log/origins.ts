/**
 * What the rows being read say of their origin. MySQL names the commit of a transaction to the microsecond where it has
 * GTIDs; otherwise a row's time is that of its event, in seconds.
 */
import type { EventHeader } from '../decode/event-header.ts'
import type { SourceGtid, SourceOrigin } from '../source-block.ts'
import { type LogGtid, nameOf } from './executed-gtids.ts'

export class Origins {
  #gtid: SourceGtid | null = null
  /** Microseconds since 1970 of the transaction; null: each event has a time of its own. */
  #committed: number | null = null
  #thread: number | null = null
  #origin: SourceOrigin | null = null

  get gtid(): SourceGtid | null {
    return this.#gtid
  }

  named(gtid: LogGtid, { timestamp }: EventHeader): void {
    this.#gtid = nameOf(gtid)
    const isMysql = !('domain' in gtid) && gtid.uuid !== null
    this.#committed = isMysql ? (gtid.originalCommit ?? timestamp * 1_000_000) : null
    this.#origin = null
  }

  set thread(thread: number | null) {
    this.#thread = thread
    this.#origin = null
  }

  /** As of now. */
  copy(): Origins {
    const copy = new Origins()
    copy.#gtid = this.#gtid
    copy.#committed = this.#committed
    copy.#thread = this.#thread
    return copy
  }

  /** Microseconds since 1970. */
  time(header: EventHeader): number {
    return this.#committed ?? header.timestamp * 1_000_000
  }

  /** The same object for as long as nothing changes. */
  of(header: EventHeader, file: string): SourceOrigin {
    const time = this.time(header)
    const { serverId } = header
    const last = this.#origin
    if (last !== null && last.time === time && last.file === file && last.serverId === serverId) return last
    this.#origin = { time, serverId, gtid: this.#gtid, file, thread: this.#thread }
    return this.#origin
  }
}
