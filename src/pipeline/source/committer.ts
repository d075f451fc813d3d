/**
 * Commits of a source task: records and the newest offsets go to the broker together, several commits may be in flight,
 * and the task hears of its offsets only once they are durable, in their order (invariant 1). Where the broker stores
 * both in one transaction every batch is committed as soon as a place is free; else at an interval.
 */
import type { OffsetEntry, SourceWriter } from '#broker'
import type { SourceOffset } from '#data'
import type { SourceTask } from '#plugin'
import type { Clock } from '../clock.ts'
import type { SourceCounts } from '../metrics.ts'
import type { NewestOffsets } from './newest-offsets.ts'

export interface CommitterParts {
  readonly writer: SourceWriter
  readonly task: SourceTask
  readonly newest: NewestOffsets
  /** As the offsets topic holds them. */
  readonly render: (offsets: readonly SourceOffset[]) => OffsetEntry[]
  /** null: commit each batch. */
  readonly intervalMs: number | null
  readonly counts: SourceCounts
  readonly clock: Clock
}

/** More would only make the transactions smaller: what waits for a place goes into the next commit. */
const mostInFlight = 4

export class Committer {
  readonly #parts: CommitterParts
  readonly #broken = new AbortController()
  #tail: Promise<void> = Promise.resolve()
  #inFlight = 0
  #inBatch = false
  #waiting = false
  #lastCommit: number
  #wake: (() => void)[] = []

  constructor(parts: CommitterParts) {
    this.#parts = parts
    this.#lastCommit = parts.clock.now()
  }

  /** Aborts with the first failure: the writer is of no more use. */
  get broken(): AbortSignal {
    return this.#broken.signal
  }

  get inFlight(): number {
    return this.#inFlight
  }

  /** Nothing is committed between here and `batchEnds` but by `drain`. */
  batchBegins(): void {
    this.#inBatch = true
  }

  batchEnds(): void {
    this.#inBatch = false
    if (this.#parts.intervalMs === null) this.#waiting = true
    this.tick()
  }

  /** Starts a commit if one is due. */
  tick(): void {
    const { intervalMs, clock } = this.#parts
    if (intervalMs !== null && clock.now() - this.#lastCommit >= intervalMs) this.#waiting = true
    if (this.#waiting && !this.#inBatch && this.#inFlight < mostInFlight) this.#commit()
  }

  /** Does not wait for the interval. */
  commitNow(): void {
    this.#waiting = true
    this.tick()
  }

  /** Waits until the writer holds at most `budget` bytes that are not durable. */
  async drain(budget: number, stopping: AbortSignal): Promise<void> {
    const { writer, newest } = this.#parts
    while (writer.pendingBytes > budget && !stopping.aborted) {
      this.broken.throwIfAborted()
      if (this.#inFlight === 0 || (!newest.empty && this.#inFlight < mostInFlight)) this.#commit(true)
      await this.#settled(stopping)
    }
    this.broken.throwIfAborted()
  }

  /** Commits what is there; resolves once all commits are durable and the task has heard of them. */
  async finish(): Promise<void> {
    this.broken.throwIfAborted()
    this.#inBatch = false
    if (!this.#parts.newest.empty || this.#parts.writer.pendingBytes > 0) this.#commit(true)
    await this.#tail
    this.broken.throwIfAborted()
  }

  #commit(evenEmpty = false): void {
    const { writer, newest, render, counts, clock } = this.#parts
    this.#waiting = false
    const started = (this.#lastCommit = clock.now())
    if (newest.empty && !evenEmpty) return
    const offsets = newest.take()
    this.#inFlight++
    let durable: Promise<void>
    try {
      durable = writer.commit(render(offsets))
    } catch (error) {
      durable = Promise.reject(error)
    }
    this.#tail = this.#settle(this.#tail, durable, offsets).finally(() => {
      this.#inFlight--
      counts.commits.took(clock.now() - started)
      counts.pending.set(writer.pendingBytes)
      for (const wake of this.#wake.splice(0)) wake()
      if (!this.broken.aborted) this.tick()
    })
  }

  /** Never rejects: the first failure breaks the committer. */
  async #settle(
    previous: Promise<void>,
    durable: Promise<void>,
    offsets: readonly SourceOffset[],
  ): Promise<void> {
    try {
      await durable
      await previous
      // Invariant 1: only here may the task confirm its log position.
      if (!this.broken.aborted && offsets.length > 0) await this.#parts.task.committed?.(offsets)
    } catch (error) {
      this.#broken.abort(error)
    }
  }

  #settled(stopping: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        stopping.removeEventListener('abort', wake)
        resolve()
      }
      this.#wake.push(wake)
      stopping.addEventListener('abort', wake)
    })
  }
}
