/**
 * Fetches that wait for records. A session has at most one fetch open; it is answered as soon as one of its
 * partitions has something to say, so nobody polls.
 */
import type { FetchedChunk, FetchReply, FetchPosition, OutOfRange } from '../protocol.ts'
import type { Catalogue, Partition } from './catalogue.ts'
import type { BatchLog } from './log.ts'

export interface Fetch {
  readonly session: string
  readonly positions: readonly FetchPosition[]
  readonly maxBytes: number
  answer(reply: FetchReply): void
}

const nothing: FetchReply = { chunks: [], outOfRange: [], gone: [] }

export class Fetches {
  readonly #catalogue: Catalogue
  readonly #log: BatchLog
  readonly #waiting = new Map<string, Fetch>()
  /** Sessions by partition they wait for. */
  readonly #byPartition = new Map<number, Set<Fetch>>()
  #turn = 0

  constructor(catalogue: Catalogue, log: BatchLog) {
    this.#catalogue = catalogue
    this.#log = log
  }

  open(fetch: Fetch): void {
    this.end(fetch.session)
    if (!this.#tryAnswer(fetch)) this.#wait(fetch)
  }

  /** Answers a session's open fetch, if any, with nothing. */
  end(session: string): void {
    const fetch = this.#waiting.get(session)
    if (fetch === undefined) return
    this.#forget(fetch)
    fetch.answer(nothing)
  }

  /** Records have come. */
  wake(partitions: Iterable<Partition>): void {
    const woken = new Set<Fetch>()
    for (const { id } of partitions) for (const fetch of this.#byPartition.get(id) ?? []) woken.add(fetch)
    for (const fetch of woken) if (this.#tryAnswer(fetch)) this.#forget(fetch)
  }

  /** Topics have gone: whoever waits for one must hear of it. */
  wakeAll(): void {
    for (const fetch of [...this.#waiting.values()]) if (this.#tryAnswer(fetch)) this.#forget(fetch)
  }

  #wait(fetch: Fetch): void {
    this.#waiting.set(fetch.session, fetch)
    for (const { partition } of fetch.positions) {
      const waiting = this.#byPartition.get(partition)
      if (waiting === undefined) this.#byPartition.set(partition, new Set([fetch]))
      else waiting.add(fetch)
    }
  }

  #forget(fetch: Fetch): void {
    this.#waiting.delete(fetch.session)
    for (const { partition } of fetch.positions) {
      const waiting = this.#byPartition.get(partition)
      waiting?.delete(fetch)
      if (waiting?.size === 0) this.#byPartition.delete(partition)
    }
  }

  #tryAnswer(fetch: Fetch): boolean {
    const chunks: FetchedChunk[] = []
    const outOfRange: OutOfRange[] = []
    const gone: number[] = []
    const { positions } = fetch
    let left = fetch.maxBytes
    // Each answer begins with another partition, so that a busy one cannot starve the others.
    const start = this.#turn++
    for (let i = 0; i < positions.length && left > 0; i++) {
      const { partition: id, offset } = positions[(start + i) % positions.length] as FetchPosition
      const partition = this.#catalogue.partition(id)
      if (partition === null) gone.push(id)
      else if (offset < partition.first || offset > partition.next)
        outOfRange.push({ partition: id, from: offset, first: partition.first, next: partition.next })
      else if (offset < partition.next) {
        const { bytes, next } = this.#log.read(partition, offset, left)
        chunks.push({ partition: id, from: offset, bytes, next })
        left -= bytes.length
      }
    }
    if (chunks.length === 0 && outOfRange.length === 0 && gone.length === 0) return false
    fetch.answer({ chunks, outOfRange, gone })
    return true
  }
}
