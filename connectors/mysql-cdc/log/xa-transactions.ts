/**
 * XA transactions between PREPARE and the decision. Their rows are in the log before it is known whether they will be
 * committed: the events are held, as copies, and given out where XA COMMIT stands, or never. What is held is bounded: of
 * larger transactions only the place is kept, and they are read from the log again when they are committed. Offsets stay
 * before the first undecided one, so that a restart reads it again; see offset.ts.
 */
import { DecodeError } from '#errors'
import type { EventHeader } from '../decode/event-header.ts'
import type { LogPlace, TransactionPlace } from '../offset.ts'
import type { LogGtid } from './executed-gtids.ts'
import type { Origins } from './origins.ts'
import type { EventRows } from './row-reader.ts'

/** Bytes of all that is held at the same time. */
export const HELD_BYTES = 1 << 21
/** Of an event beside its bytes, about. */
const OBJECTS = 512

export class HeldTransaction {
  readonly place: TransactionPlace
  readonly gtid: LogGtid | null
  readonly origins: Origins
  bytes = 0
  #events: EventRows[] | null = []

  constructor(place: TransactionPlace, gtid: LogGtid | null, origins: Origins) {
    this.place = place
    this.gtid = gtid
    this.origins = origins
  }

  /** null: they are in the log only. */
  get events(): readonly EventRows[] | null {
    return this.#events
  }

  /** Holds a copy, unless it is more than `room` bytes. */
  add(held: EventRows, room: number): void {
    const { bytes, from, to } = held.event
    const size = to - from + OBJECTS
    if (this.#events === null || this.bytes + size > room) {
      this.#events = null
      this.bytes = 0
      return
    }
    const copy = Buffer.allocUnsafeSlow(to - from)
    bytes.copy(copy, 0, from, to)
    this.#events.push({ ...held, event: { ...held.event, bytes: copy, from: 0, to: copy.length } })
    this.bytes += size
  }
}

/** An XA transaction that is being given out. */
export interface Giving {
  readonly name: string
  readonly transaction: HeldTransaction
  /** Of the event that has committed it. */
  readonly header: EventHeader
  /** It was prepared, and counts as executed only now. */
  readonly wasPrepared: boolean
  /** Rows that were given out before a restart. */
  readonly given: number
  /** Rows that have gone by. */
  rows: number
  /** Held events that have gone by. */
  event: number
}

export class XaTransactions {
  readonly #undecided = new Map<string, HeldTransaction>()
  #bytes = 0

  /** How much may be held of one more. */
  get room(): number {
    return HELD_BYTES - this.#bytes
  }

  prepare(name: string, transaction: HeldTransaction): void {
    this.decide(name)
    this.#undecided.set(name, transaction)
    this.#bytes += transaction.bytes
  }

  /** Takes the transaction that is decided; null: it was not seen. */
  decide(name: string): HeldTransaction | null {
    const found = this.#undecided.get(name) ?? null
    this.#undecided.delete(name)
    this.#bytes -= found?.bytes ?? 0
    return found
  }

  /** Where the first one begins. */
  get first(): LogPlace | null {
    for (const { place } of this.#undecided.values()) return place
    return null
  }
}

export function unseen(name: string): DecodeError {
  return new DecodeError(
    `The XA transaction ${name} is committed here and was prepared before the place where reading began: its rows are not known.`,
    {
      remedy:
        "To lose nothing, set the offset with 'PATCH /connectors/{name}/offsets' to the file and pos of a transaction before its XA PREPARE, with this place as read_file and read_pos: of what is between them only that transaction is given out. Or set event.processing.failure.handling.mode=warn to go on, and read the tables that it changed again by an incremental snapshot.",
    },
  )
}

export function otherThan(name: string, { file, pos }: LogPlace): DecodeError {
  return new DecodeError(
    `The XA transaction ${name} is not at ${file}:${pos}, where it was prepared: this is another server's log.`,
    { remedy: 'Restart the task: it begins before the transaction was prepared.' },
  )
}
