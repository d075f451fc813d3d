/**
 * A snapshot of a task, from its view to its last row, also after it was cut off.
 *
 *   attempt := view (log up to the view's position)? schema? rows
 *
 * The offset of each batch says what is left of each table (progress.ts). An attempt that was cut off, by a lost
 * connection or by kill -9, is followed by one that opens a new view, at a later position. It first reads the log from
 * where the last one stood up to that position, for all tables: so what was read before is brought up to the new
 * moment. Then it reads what is left, as of that moment. Each key has its old row, what happened to it, and its new row,
 * in log order (invariant 3); nothing is left out between the attempts, nor between the last one and the stream
 * (invariant 2); and rows that were given out are not read again. Until the last row the stored offset says that the
 * snapshot is unfinished, so that a restart takes the same way; a Debezium that finds it takes the snapshot anew.
 */
import { pause, within } from '#cdc'
import type { SourceRecord } from '#data'
import { ConnectError, messageOf } from '#errors'
import type { SchemaChange } from '../history/index.ts'
import { resumeAt, type ResumePoint, SnapshotPosition } from '../offset.ts'
import { isConnectionLoss } from '../server/index.ts'
import type { CatchUp, SnapshotParts, SnapshotTask } from './options.ts'
import { planTables } from './plan.ts'
import { progressExtras, type StoredProgress, unfinishedExtras } from './progress.ts'
import { schemaRecord } from './schema-record.ts'
import { Snapshot } from './snapshot.ts'
import { schemaStatements, tableStatements } from './structure.ts'
import { openView, type SnapshotView } from './view.ts'

interface Attempt {
  readonly view: SnapshotView
  readonly records: AsyncGenerator<SourceRecord[]>
}

/** A schema change that waits: only when rows follow is it known not to be the last record. */
interface Held {
  readonly change: SchemaChange
  readonly timeMs: number
}

export class SnapshotPhase implements AsyncDisposable {
  /** Where the log goes on; null: the snapshot is not complete. */
  done: ResumePoint | null = null
  readonly #parts: SnapshotParts
  readonly #task: SnapshotTask
  /** Where the log is read from before the rows; null: the topics are empty. */
  #reached: ResumePoint | null
  #progress: StoredProgress | null
  #attempt: Attempt | null = null
  #snapshot: Snapshot | null = null
  #catchingUp: CatchUp | null = null
  #pending: Promise<IteratorResult<SourceRecord[]>> | null = null
  #isFirst = true
  #failures = 0
  #disposed = false

  constructor(parts: SnapshotParts, task: SnapshotTask) {
    const { progress } = task
    this.#parts = parts
    // A blocking snapshot that was cut off says itself what it was asked for.
    this.#task = progress?.kind === 'blocking' ? { ...task, ...progress, data: true, progress } : task
    this.#progress = progress
    // Of an initial one without progress there is at most a part of its schema, which is told anew.
    this.#reached = task.kind === 'initial' && task.data && progress === null ? null : task.from
  }

  /** The next records; none when the snapshot is over, or when the deadline (of performance.now) came first. */
  async poll(deadline: number, signal: AbortSignal): Promise<readonly SourceRecord[]> {
    try {
      const attempt = this.#attempt ?? (await this.#begin(signal))
      if (attempt === null) return []
      const records =
        this.#catchingUp === null
          ? await this.#next(attempt, deadline, signal)
          : await this.#catchUp(this.#catchingUp, attempt, deadline, signal)
      if (records.length > 0) this.#failures = 0
      return records
    } catch (error) {
      await this.#end()
      if (!isConnectionLoss(error)) throw error
      await this.#retry(error, signal)
      return []
    }
  }

  async #retry(error: unknown, signal: AbortSignal): Promise<void> {
    const { settings, log } = this.#parts
    const { retries, retryWaitMs } = settings
    this.#failures++
    if (retries >= 0 && this.#failures > retries)
      throw new ConnectError(
        `The snapshot failed ${this.#failures} times (errors.max.retries=${retries}): ${messageOf(error)}`,
        { cause: error, remedy: 'Mend the cause and restart the task: the snapshot goes on where it was.' },
      )
    log.warn({ error: messageOf(error) }, 'the snapshot was cut off: it goes on under a new view')
    await pause(retryWaitMs, signal)
  }

  async #begin(signal: AbortSignal): Promise<Attempt | null> {
    const { settings, log } = this.#parts
    await pause(settings.delayMs, signal)
    if (signal.aborted) return null
    if (this.#isFirst) this.#parts.listener?.started()
    this.#isFirst = false
    const view = await openView(this.#parts, this.#task.data ? settings.threads : 1)
    if (this.#disposed) {
      view.close()
      return null
    }
    const attempt = { view, records: this.#records(view) }
    this.#attempt = attempt
    if (this.#task.data && this.#reached !== null) {
      log.info('reading what happened before the snapshot')
      this.#catchingUp = this.#parts.catchUp(this.#reached, placeOf(view), unfinishedExtras(this.#extras()))
    }
    return attempt
  }

  async #catchUp(
    log: CatchUp,
    { view }: Attempt,
    deadline: number,
    signal: AbortSignal,
  ): Promise<readonly SourceRecord[]> {
    const records = await log.poll(deadline, signal)
    if (log.arrived) {
      this.#catchingUp = null
      this.#reached = resumeAt(placeOf(view))
      await log[Symbol.asyncDispose]()
    }
    return records
  }

  async #next(attempt: Attempt, deadline: number, signal: AbortSignal): Promise<readonly SourceRecord[]> {
    this.#pending ??= attempt.records.next()
    const next = await within(this.#pending, deadline, signal)
    if (next === null) return []
    this.#pending = null
    if (next.done !== true) return next.value
    await attempt.view.finish()
    const isRecovery = !this.#task.data && this.#task.from !== null
    this.#parts.listener?.completed()
    this.done = isRecovery ? this.#task.from : resumeAt(placeOf(attempt.view))
    await this.#end()
    return []
  }

  /** What comes after the log. */
  async *#records(view: SnapshotView): AsyncGenerator<SourceRecord[]> {
    const { data, schema } = this.#task
    const last = schema && this.#progress === null ? yield* this.#schema(view) : null
    let held = last
    if (data) {
      const tables = await planTables(this.#parts, view, { ...this.#task, progress: this.#progress })
      const done = this.#progress?.done ?? []
      this.#snapshot = new Snapshot(this.#parts, view, this.#task, tables, done)
      for await (const rows of this.#snapshot.records()) {
        if (held !== null) rows.unshift(...this.#announced(view, held, 'true'))
        held = null
        yield rows
      }
    }
    if (held !== null) yield this.#announced(view, held, 'last')
  }

  /** Into the history, and out as records but for the last one. */
  async *#schema(view: SnapshotView): AsyncGenerator<SourceRecord[], Held | null> {
    const { parts, statements, at } = this.#schemaOf(view)
    const timeMs = Date.now()
    const { file, pos, gtids } = at
    const position = {
      ...{ ts_sec: Math.floor(timeMs / 1000), file, pos: Number(pos) },
      ...(gtids === null || gtids === '' ? {} : { gtids: String(gtids) }),
      ...(this.#task.kind === 'initial' ? { snapshot: 'INITIAL' } : {}),
    }
    const { changes, shaped } = await parts.schema.snapshot(statements, position, timeMs)
    parts.versions.forget(shaped)
    if (parts.schemaTopic === null) return null
    const [last, ...before] = changes.toReversed().map((change) => ({ change, timeMs }))
    const records = before.toReversed().flatMap((each) => this.#announced(view, each, 'true'))
    const { recordsPerPoll } = parts.settings
    for (let i = 0; i < records.length; i += recordsPerPoll) yield records.slice(i, i + recordsPerPoll)
    return last ?? null
  }

  #schemaOf(view: SnapshotView) {
    const { kind, tables, data, from } = this.#task
    const { capture, facts } = this.#parts
    const asked = new Set(tables)
    const statements =
      kind === 'initial'
        ? schemaStatements(view.structure, facts)
        : tableStatements(
            view.structure,
            view.structure.definitions
              .map(({ id }) => id)
              .filter((id) => capture.table(id) && asked.has(`${id.database}.${id.table}`)),
          )
    // A schema that is read anew for a stream that goes on counts from there.
    return { parts: this.#parts, statements, at: !data && from !== null ? from : placeOf(view) }
  }

  #announced(view: SnapshotView, { change, timeMs }: Held, snapshot: 'true' | 'last'): SourceRecord[] {
    const { data, from, offset } = this.#task
    const place = !data && from !== null ? from : placeOf(view)
    // Until rows were given out, an initial snapshot that is cut off begins anew.
    const extras = this.#task.kind === 'blocking' ? this.#extras() : null
    const position = new SnapshotPosition(this.#parts.partition, place, timeMs * 1000, extras)
    position.last = snapshot === 'last'
    return [schemaRecord(this.#parts, change, { place, timeMs, snapshot, from: offset ?? position })]
  }

  /** Before the first row of this attempt. */
  #extras() {
    const progress = this.#progress
    return progressExtras(this.#task, progress?.done ?? [], () => progress?.open ?? [])
  }

  async #end(): Promise<void> {
    const [attempt, snapshot, pending, log] = [this.#attempt, this.#snapshot, this.#pending, this.#catchingUp]
    this.#attempt = null
    this.#snapshot = null
    this.#pending = null
    this.#catchingUp = null
    // Its failure is the one that is being handled, or that of the sessions which end here.
    pending?.catch(() => {})
    if (log !== null) {
      this.#reached = log.resumePoint
      await log[Symbol.asyncDispose]()
    }
    snapshot?.end()
    if (snapshot?.hasBegun === true && attempt !== null) {
      this.#progress = snapshot.progress
      this.#reached = resumeAt(placeOf(attempt.view))
    }
    attempt?.view.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true
    return this.#end()
  }
}

function placeOf({ position }: SnapshotView) {
  return position
}
