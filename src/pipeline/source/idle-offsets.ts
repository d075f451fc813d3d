/**
 * Offsets of a task that has nothing to give: where a database's log moves on without a record for us, the task names
 * the position (`idle`), which is stored alone. So the log may be recycled (invariant 1), and a restart begins there.
 */
import type { SourceTask } from '#plugin'
import type { Clock } from '../clock.ts'
import type { Committer } from './committer.ts'
import type { NewestOffsets } from './newest-offsets.ts'

export interface IdleOffsetsParts {
  readonly task: SourceTask
  readonly newest: NewestOffsets
  readonly committer: Committer
  /** Between two that are stored. */
  readonly intervalMs: number
  readonly clock: Clock
}

export class IdleOffsets {
  readonly #parts: IdleOffsetsParts
  #lastStored = Number.NEGATIVE_INFINITY

  constructor(parts: IdleOffsetsParts) {
    this.#parts = parts
  }

  /** A poll came back empty. */
  tick(): void {
    const { task, newest, committer, intervalMs, clock } = this.#parts
    // An offset with records before it that are not durable yet would skip them.
    if (task.idle === undefined || committer.inFlight > 0 || !newest.empty) return
    const now = clock.now()
    if (now - this.#lastStored < intervalMs) return
    const offset = task.idle()
    if (offset === null) return
    this.#lastStored = now
    newest.note(offset)
    committer.commitNow()
  }
}
