/**
 * The snapshot of a task, from its view to its last row, also after it was cut off.
 *
 * An attempt that was cut off has left rows in the topics, and those rows may be changed or deleted before the next
 * one. So the next attempt opens its view first, then reads the log from where the last one stood up to the view's
 * position, and only then the tables: each key has its old row, what happened to it, and its new row, in log order
 * (invariant 3); nothing is left out between the attempts, nor between the last one and the stream (invariant 2). Until
 * the last row the stored offset says that the snapshot is unfinished, so that a restart takes the same way.
 */
import { pause, within } from '#cdc'
import type { SourceRecord } from '#data'
import { ConnectError, messageOf } from '#errors'
import { isConnectionLoss } from './connection.ts'
import { type Log, openLog, type TaskParts } from './log.ts'
import { between, type ResumePoint } from './offset.ts'
import { includedInSnapshot, recordsPerPoll, selectOverrides } from './settings.ts'
import { openView, Snapshot } from './snapshot.ts'

interface Running {
  readonly reading: Snapshot
  readonly records: AsyncGenerator<SourceRecord[]>
}

export class SnapshotPhase implements AsyncDisposable {
  /** The position of the finished snapshot. */
  done: number | null = null
  readonly #parts: TaskParts
  readonly #stream: boolean
  /** How far the topics are by now; null: they are empty. */
  #reached: ResumePoint | null
  #running: Running | null = null
  #pending: Promise<IteratorResult<SourceRecord[]>> | null = null
  #catchingUp: Log | null = null
  #failures = 0
  #disposed = false

  /** `stream`: it goes on with the log. `from`: where that is read from before the tables. */
  constructor(parts: TaskParts, stream: boolean, from: ResumePoint | null) {
    this.#parts = parts
    this.#stream = stream
    this.#reached = from
  }

  async poll(deadline: number, signal: AbortSignal): Promise<readonly SourceRecord[]> {
    try {
      const running = this.#running ?? (await this.#begin(signal))
      if (running === null) return []
      const { position } = running.reading
      const behind = this.#stream && this.#reached !== null && this.#reached.lsn < position
      const records = behind
        ? await this.#catchUp(position, deadline, signal)
        : await this.#batch(running, deadline, signal)
      if (records.length > 0) this.#failures = 0
      return records
    } catch (error) {
      await this.#end()
      if (!isConnectionLoss(error)) throw error
      const { config, context } = this.#parts
      const most = config['errors.max.retries']
      if (most >= 0 && ++this.#failures > most)
        throw new ConnectError(
          `The snapshot failed ${this.#failures} times (errors.max.retries=${most}): ${messageOf(error)}.`,
          { cause: error, remedy: 'Mend the cause and restart the task: the snapshot begins anew.' },
        )
      context.log.warn({ error: messageOf(error) }, 'the snapshot was cut off: it begins anew')
      await pause(config['retriable.restart.connector.wait.ms'], signal)
      return []
    }
  }

  async #begin(signal: AbortSignal): Promise<Running | null> {
    const { raw, config, context } = this.#parts
    await pause(config['snapshot.delay.ms'], signal)
    if (signal.aborted) return null
    const view = await openView(this.#parts.route, this.#stream)
    const reading = new Snapshot(
      {
        ...this.#parts,
        included: includedInSnapshot(config),
        overrides: selectOverrides(raw),
        log: context.log,
        metrics: context.metrics,
      },
      view,
    )
    this.#reached ??= between(view.position)
    if (this.#disposed) {
      await reading[Symbol.asyncDispose]()
      return null
    }
    this.#running = { reading, records: reading.records() }
    return this.#running
  }

  /** What the log has before the view's position. */
  async #catchUp(position: number, deadline: number, signal: AbortSignal): Promise<SourceRecord[]> {
    if (this.#catchingUp === null && this.#reached !== null) {
      this.#parts.context.log.info('reading what happened before the snapshot')
      this.#catchingUp = openLog(this.#parts, this.#reached, position)
    }
    const log = this.#catchingUp
    if (log === null) return []
    const records = await log.stream.poll(deadline, signal)
    if (log.reader.arrived) {
      this.#catchingUp = null
      this.#reached = between(position)
      await log.stream[Symbol.asyncDispose]()
    }
    return records
  }

  /** The next rows; none when the snapshot is over, or when the deadline came first. */
  async #batch(running: Running, deadline: number, signal: AbortSignal): Promise<SourceRecord[]> {
    const out: SourceRecord[] = []
    const most = recordsPerPoll(this.#parts.config)
    while (out.length < most) {
      this.#pending ??= running.records.next()
      const next = await within(this.#pending, deadline, signal)
      if (next === null) return out
      this.#pending = null
      if (next.done === true) {
        await this.#end()
        this.done = running.reading.position
        return out
      }
      for (const record of next.value) out.push(record)
    }
    return out
  }

  /** The offset of that position of the log is stored. */
  stored(lsn: number): void {
    this.#catchingUp?.stream.stored(lsn)
  }

  async #end(): Promise<void> {
    const [running, pending, log] = [this.#running, this.#pending, this.#catchingUp]
    this.#running = null
    this.#pending = null
    this.#catchingUp = null
    // Its failure is the one that is being handled, or that of the connection which ends here.
    pending?.catch(() => {})
    if (log !== null) {
      log.reader.restarted()
      this.#reached = log.reader.resumePoint
      await log.stream[Symbol.asyncDispose]()
    }
    await running?.reading[Symbol.asyncDispose]()
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true
    return this.#end()
  }
}
