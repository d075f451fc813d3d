/**
 * Source writers, as the store knows them. One per task: who opens a writer shuts out the one before, whose thread may
 * still be running. And a commit that failed shuts out its writer, because later ones may be on their way already:
 * with their offsets stored, the records of the failed one would be lost (invariant 3).
 */
import { CommitFailedError } from '../../errors.ts'

interface Writer {
  readonly client: object
  readonly task: string
  /** Why it may no longer write. */
  shutOut: string | null
}

export class Writers {
  readonly #writers = new Map<string, Writer>()

  open(id: string, client: object, task: string): void {
    for (const other of this.#writers.values())
      if (other.task === task) other.shutOut ??= 'a newer writer of the same task has taken over'
    this.#writers.set(id, { client, task, shutOut: null })
  }

  /** Throws where this writer may not write. */
  check(id: string): void {
    const writer = this.#writers.get(id)
    if (writer?.shutOut === null) return
    throw new CommitFailedError(
      `Nothing was stored for the task ${writer?.task ?? id}: ${writer?.shutOut ?? 'its writer is closed'}.`,
    )
  }

  failed(id: string): void {
    const writer = this.#writers.get(id)
    if (writer !== undefined) writer.shutOut ??= 'an earlier commit has failed'
  }

  close(id: string): void {
    this.#writers.delete(id)
  }

  forgetClient(client: object): void {
    for (const [id, writer] of this.#writers) if (writer.client === client) this.#writers.delete(id)
  }
}
