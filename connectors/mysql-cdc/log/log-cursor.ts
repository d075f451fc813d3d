/**
 * Where in the log the reader is: the file, where the event being read begins and ends, and what was executed before the
 * transaction it belongs to. Events have 32 bits for their position; beyond 4 GiB it is counted on.
 */
import { artificialFlag, type EventHeader } from '../decode/event-header.ts'
import { eventType } from '../decode/event-types.ts'
import type { LogPlace } from '../offset.ts'
import type { ExecutedGtids, LogGtid } from './executed-gtids.ts'

const lap = 2 ** 32

export class LogCursor {
  file: string
  /** Where the event begins, and ends. */
  start: number
  end: number
  /** Before the transaction; null: there are no GTIDs, or it is not known yet which were executed. */
  executed: ExecutedGtids | null
  /** Of the transaction being read, or the one just read; null: it has none. */
  gtid: LogGtid | null = null

  constructor(file: string, pos: number, executed: ExecutedGtids | null) {
    this.file = file
    this.start = pos
    this.end = pos
    this.executed = executed
  }

  /** Steps to the next event. False: it is not in the file. */
  step({ nextPosition, size, flags, type }: EventHeader): boolean {
    if (nextPosition === 0 || (flags & artificialFlag) !== 0) return false
    // Whoever begins within a file gets the format description of its beginning first.
    if (type === eventType.FORMAT_DESCRIPTION && nextPosition < this.end) return false
    const passed = (((nextPosition - this.end) % lap) + lap) % lap
    this.end += passed
    this.start = this.end - size
    return true
  }

  rotate(file: string, pos: number): void {
    this.file = file
    this.start = pos
    this.end = pos
  }

  /** A transaction is named. What was named before it and had no visible end is over. */
  named(gtid: LogGtid): void {
    this.settle()
    this.gtid = gtid
  }

  /** The transaction is over. */
  settle(): void {
    if (this.gtid !== null && this.executed !== null) this.executed = this.executed.with(this.gtid)
    this.gtid = null
  }

  /** Behind the event being read. */
  get place(): LogPlace {
    return { file: this.file, pos: this.end, gtids: this.executed }
  }
}

/** Whether the place is before the other one of the same server's log. */
export function isBefore(place: FilePlace, other: FilePlace): boolean {
  if (place.file === other.file) return place.pos < other.pos
  const [number, otherNumber] = [fileNumber(place.file), fileNumber(other.file)]
  return number < otherNumber
}

interface FilePlace {
  readonly file: string
  readonly pos: number
}

/** Files are numbered: after 999999 comes 1000000. */
function fileNumber(file: string): number {
  return Number(file.slice(file.lastIndexOf('.') + 1))
}
