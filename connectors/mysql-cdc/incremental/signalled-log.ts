/**
 * The log with its signals: what a task gives out. A blocking snapshot stops the stream between two records, brings the
 * topics up to the snapshot's place, gives out the tables, and the stream goes on behind that place: no row is older
 * than what was given out of it before.
 */
import type { BlockingSnapshot } from '#cdc'
import type { SourceOffset, SourceRecord } from '#data'
import type { Log } from '../log.ts'
import type { ResumePoint } from '../offset.ts'
import type { SnapshotPhase } from '../snapshot/index.ts'
import type { Signals } from './index.ts'

export interface SignalledLogOptions {
  readonly signals: Signals
  readonly openLog: (from: ResumePoint) => Log
  /** Takes it over from there. */
  readonly openSnapshot: (asked: BlockingSnapshot, from: ResumePoint) => SnapshotPhase
  /** false: a snapshot is all (snapshot.mode=initial_only). */
  readonly stream: boolean
}

export class SignalledLog implements AsyncDisposable {
  readonly #options: SignalledLogOptions
  #log: Log | null = null
  #phase: SnapshotPhase | null = null
  #isBlocking = false

  /** `begin`: a snapshot that is to be taken first, or where the log is read from; null: neither. */
  constructor(options: SignalledLogOptions, begin: SnapshotPhase | ResumePoint | null) {
    this.#options = options
    if (begin !== null && 'poll' in begin) {
      this.#phase = begin
      // One that was cut off goes on by its own offset.
      this.#isBlocking = options.signals.stage.blocking !== null
    } else if (begin !== null && options.stream) this.#log = options.openLog(begin)
  }

  /** null: while a snapshot is taken, and where there is no stream. */
  get log(): Log | null {
    return this.#phase === null ? this.#log : null
  }

  /** The snapshot that is being taken. */
  get snapshot(): SnapshotPhase | null {
    return this.#phase
  }

  async poll(deadline: number, signal: AbortSignal): Promise<readonly SourceRecord[]> {
    const { signals, openSnapshot } = this.#options
    const { blocking } = signals.stage
    if (this.#phase === null && blocking !== null && this.#log !== null) {
      const from = this.#log.resumePoint
      await this.#log[Symbol.asyncDispose]()
      this.#isBlocking = true
      this.#phase = openSnapshot(blocking, from)
    }
    if (this.#phase !== null) return this.#pollSnapshot(this.#phase, deadline, signal)
    const records = (await this.#log?.poll(deadline, signal)) ?? []
    return signals.stage.process(records, () => this.#log?.reader.heartbeatPosition() ?? null)
  }

  async #pollSnapshot(
    phase: SnapshotPhase,
    deadline: number,
    signal: AbortSignal,
  ): Promise<readonly SourceRecord[]> {
    const { signals, openLog, stream } = this.#options
    const records = await phase.poll(deadline, signal)
    if (phase.done !== null) {
      this.#phase = null
      // Its last record alone says that it is complete, those before it that it is not.
      if (this.#isBlocking) signals.stage.blockingDone()
      this.#isBlocking = false
      if (stream) this.#log = openLog(phase.done)
    }
    return signals.stage.process(records, () => null)
  }

  /** Leaves the log for another place of it. */
  async restart(from: ResumePoint): Promise<Log> {
    await this.#log?.[Symbol.asyncDispose]()
    this.#log = this.#options.openLog(from)
    return this.#log
  }

  /** These offsets are durable. */
  committed(offsets: readonly SourceOffset[]): Promise<void> {
    return this.#options.signals.stage.committed(offsets)
  }

  /** The offset of a heartbeat; null: while there is no log. */
  heartbeatPosition(): SourceOffset | null {
    const log = this.log
    return log === null ? null : this.#options.signals.stage.offset(log.reader.heartbeatPosition())
  }

  idlePosition(): SourceOffset | null {
    const position = this.log?.reader.idlePosition() ?? null
    return position === null ? null : this.#options.signals.stage.offset(position)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#phase?.[Symbol.asyncDispose]()
    await this.#log?.[Symbol.asyncDispose]()
    await this.#options.signals[Symbol.asyncDispose]()
  }
}
