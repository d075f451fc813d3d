/**
 * XA transactions between PREPARE and the decision. Their rows are in the log before it is known whether they will be
 * committed: they are held, as cells in the chunks that they came in, and given out where XA COMMIT stands, or never.
 * Offsets stay before the first undecided one, so that a restart reads it again; see offset.ts.
 */
import type { LogPlace } from '../offset.ts'
import type { LogGtid } from './executed-gtids.ts'
import type { RowsInHand } from './row-output.ts'

export interface HeldRow {
  readonly rows: RowsInHand
  readonly before: number
  readonly after: number
  /** Its number in its event. */
  readonly row: number
}

export interface XaTransaction {
  readonly place: LogPlace
  readonly gtid: LogGtid | null
  readonly rows: readonly HeldRow[]
}

export class XaTransactions {
  readonly #undecided = new Map<string, XaTransaction>()

  prepare(name: string, transaction: XaTransaction): void {
    this.#undecided.set(name, transaction)
  }

  /** Takes the transaction that is decided; null: it was not seen. */
  decide(name: string): XaTransaction | null {
    const found = this.#undecided.get(name) ?? null
    this.#undecided.delete(name)
    return found
  }

  /** Where the first one begins. */
  get first(): LogPlace | null {
    for (const { place } of this.#undecided.values()) return place
    return null
  }

  clear(): void {
    this.#undecided.clear()
  }
}
