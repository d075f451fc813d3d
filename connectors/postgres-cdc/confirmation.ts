/**
 * What may be confirmed to the server (invariant 1): the end of a transaction, or a position between transactions,
 * once every record emitted before it is durable. Positions of the server's keepalives count as such, so an idle
 * database recycles its log.
 */
export class Confirmation {
  #emitted = 0
  #durable = 0
  /** Ascending; each waits until the record of that sequence number is durable. */
  #waiting: { readonly sequence: number; lsn: number }[] = []
  #confirmable = 0

  /** The number of the next position that records get. */
  get upcoming(): number {
    return this.#emitted + 1
  }

  /** Records went out with that number. */
  emit(): number {
    return ++this.#emitted
  }

  /** The log has been read up to here, between two transactions. */
  reached(lsn: number): void {
    const last = this.#waiting.at(-1)
    if (last !== undefined && last.sequence === this.#emitted) last.lsn = Math.max(last.lsn, lsn)
    else this.#waiting.push({ sequence: this.#emitted, lsn })
    this.#settle()
  }

  /** The record of that number, and all before it, are durable. */
  durable(sequence: number): void {
    if (sequence > this.#durable) this.#durable = sequence
    this.#settle()
  }

  #settle(): void {
    let settled = 0
    for (const each of this.#waiting) {
      if (each.sequence > this.#durable) break
      this.#confirmable = Math.max(this.#confirmable, each.lsn)
      settled++
    }
    if (settled > 0) this.#waiting.splice(0, settled)
  }

  /** 0: nothing yet. */
  get confirmable(): number {
    return this.#confirmable
  }

  /** Nothing is on its way to the broker. */
  get idle(): boolean {
    return this.#durable >= this.#emitted
  }
}
