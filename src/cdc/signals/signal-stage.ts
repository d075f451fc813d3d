/**
 * The stage between the stream and the task's records: it notices signals, carries them out at their place in the order
 * of records, lets incremental snapshots into the stream, and adds what is told of all that. Every offset that it lets
 * through carries the state of what is unfinished, so that a restart neither forgets a signal nor follows it twice.
 *
 *   const records = stage.process(await stream.poll(…), () => position)     also of none
 *   const offset = stage.offset(reader.idlePosition())                 for offsets without records
 */
import type { OffsetMap, SourceOffset, SourceRecord } from '#data'
import { messageOf } from '#errors'
import { ChangeEvent, processingTime, type ProcessingTime } from '../change-event.ts'
import {
  IncrementalOffset,
  isAtRest,
  type SnapshotProgressState,
  type SnapshotTable,
} from '../incremental/incremental-offset.ts'
import { type IncrementalOptions, IncrementalSnapshots } from '../incremental/incremental-snapshots.ts'
import type { TableVersion } from '../table.ts'
import {
  expression,
  parseSignal,
  type Signal,
  SignalProblem,
  type SnapshotRequest,
  snapshotRequest,
  stopRequest,
} from './signal.ts'
import type { ReceivedSignal, SignalChannel } from './signal-channel.ts'
import { isWindowRow, rowSignal, type SignalRow, signalRow } from './signal-table.ts'

/** What a connector does on signals of its own; a SignalProblem is logged, anything else ends the task. */
export type SignalAction = (signal: Signal, at: SourceOffset) => void

/** A snapshot that the stream has to stop for. */
export interface BlockingSnapshot {
  readonly id: string
  readonly tables: readonly string[]
  /** Whole SELECTs by the table's name. */
  readonly statements: ReadonlyMap<string, string>
}

export interface SignalStageOptions extends Omit<IncrementalOptions, 'changed'> {
  /** Tables of signal.data.collection, as `nameOf` names them; none: the channel `source` is off. */
  readonly signalTables: ReadonlySet<string>
  readonly channels: readonly SignalChannel[]
  /** signal.poll.interval.ms */
  readonly pollMs: number
  /** All captured tables, as signals name them. */
  readonly tables: () => readonly string[]
  /** By the type of signal. */
  readonly actions: Readonly<Record<string, SignalAction>>
}

export class SignalStage implements AsyncDisposable {
  readonly #options: SignalStageOptions
  readonly #snapshots: IncrementalSnapshots
  readonly #versions = new WeakMap<TableVersion, boolean>()
  #state: SnapshotProgressState
  #blocking: readonly BlockingSnapshot[] = []
  #received: ReceivedSignal[] = []
  #polling = false
  #pollAt = 0
  #failure: unknown = null
  /** Offsets behind the signals of a file that were followed last; null: nothing waits for them. */
  #behindFile: WeakSet<SourceOffset> | null = null

  /** `stored`: what the stored offset says (`readProgress`), or `atRest`. */
  constructor(options: SignalStageOptions, stored: SnapshotProgressState) {
    this.#options = options
    this.#state = stored
    const changed: IncrementalOptions['changed'] = (progress) => {
      this.#state = { ...this.#state, ...progress }
    }
    this.#snapshots = new IncrementalSnapshots({ ...options, changed }, stored)
    this.#blocking = stored.blocking.map((request) => this.#blockingSnapshot(request))
    if (this.#snapshots.running)
      options.log.info(
        { tables: stored.tables.map(({ name }) => name) },
        'an incremental snapshot goes on where it was',
      )
    this.#snapshots.start()
  }

  /** A snapshot that was asked for is not over. */
  get busy(): boolean {
    return this.#snapshots.running || this.#blocking.length > 0
  }

  /** The blocking snapshot to take next, before anything more is read from the stream; null: none was asked for. */
  get blocking(): BlockingSnapshot | null {
    return this.#blocking[0] ?? null
  }

  /** The blocking snapshot has given out its last row. */
  blockingDone(): void {
    this.#blocking = this.#blocking.slice(1)
    this.#state = { ...this.#state, blocking: this.#state.blocking.slice(1) }
  }

  /** Tables whose shape or rows a statement has changed as a whole, at the barrier where the log tells it. */
  invalidate(names: readonly string[]): void {
    this.#snapshots.invalidate(names)
  }

  /** What an offset has to say beside the position of the log. */
  offset<O extends SourceOffset>(from: O): O | IncrementalOffset {
    const offset = isAtRest(this.#state) ? from : new IncrementalOffset(from, this.#state)
    this.#behindFile?.add(offset)
    return offset
  }

  /** These offsets are durable: once one behind the signals of a file is among them, the file is emptied. */
  async committed(offsets: readonly SourceOffset[]): Promise<void> {
    const behind = this.#behindFile
    if (behind === null || this.#polling || this.#received.length > 0) return
    if (!offsets.some((each) => behind.has(each))) return
    this.#behindFile = null
    this.#polling = true
    try {
      for (const channel of this.#options.channels) await channel.followed?.()
    } finally {
      this.#polling = false
    }
  }

  /**
   * Takes the records of the stream, and gives out what comes of them. `at`: how far the stream is, asked only where
   * there is something to say and no record to say it behind; null: it does not know yet.
   */
  process(records: readonly SourceRecord[], at: () => SourceOffset | null): readonly SourceRecord[] {
    const behind = this.#behindFile
    const out = this.#processed(records, at)
    if (behind !== null) for (const { from } of out) behind.add(from)
    return out
  }

  #processed(records: readonly SourceRecord[], at: () => SourceOffset | null): readonly SourceRecord[] {
    const failure = this.#failure ?? this.#snapshots.failure
    if (failure !== null) throw failure
    this.#poll()
    const out = this.#passes() ? [...records] : this.#look(records)
    const { notifier } = this.#options
    const passed = this.#snapshots.hasPassed()
    if (!passed && this.#received.length === 0 && !notifier.waiting) return out
    const place = records.at(-1)?.from ?? at()
    if (place === null) return out
    if (passed) this.#snapshots.pass(null, place, this.#state, now(), out)
    for (const received of this.#received.splice(0)) this.#followReceived(received, place)
    out.push(...notifier.drain(this.offset(place)))
    return out
  }

  /** Nothing has to be looked at record by record. */
  #passes(): boolean {
    return this.#options.signalTables.size === 0 && isAtRest(this.#state)
  }

  #look(records: readonly SourceRecord[]): SourceRecord[] {
    const out: SourceRecord[] = []
    const time = now()
    for (const record of records) {
      const { value } = record
      if (!(value instanceof ChangeEvent)) out.push(this.#carried(record))
      else if (this.#isSignalTable(value.table)) this.#signalChange(value, record, time, out)
      else {
        this.#snapshots.see(value, record)
        out.push(this.#carried(record))
      }
    }
    return out
  }

  #carried(record: SourceRecord): SourceRecord {
    return isAtRest(this.#state) ? record : { ...record, from: this.offset(record.from) }
  }

  #signalChange(event: ChangeEvent, record: SourceRecord, time: ProcessingTime, out: SourceRecord[]): void {
    if (this.#snapshots.isMark(event)) {
      out.push(this.#carried(record))
      return this.#snapshots.pass(event, record.from, this.#state, time, out)
    }
    // The offset of the row itself says already what it has brought about.
    if (event.operation === 'c') this.#followRow(signalRow(event), record.from)
    this.#snapshots.see(event, record)
    out.push(this.#carried(record))
  }

  #followRow(row: SignalRow, at: SourceOffset): void {
    if (isWindowRow(row)) return
    this.#guarded(row.id ?? '', row.type ?? '', () => this.#follow(rowSignal(row), at))
  }

  #followReceived({ text, channel, offset }: ReceivedSignal, at: SourceOffset): void {
    if (offset !== null) this.#state = { ...this.#state, signalOffset: offset }
    if (channel === 'file') this.#behindFile = new WeakSet()
    this.#guarded('', channel, () => this.#follow(parseSignal(text, channel, crypto.randomUUID()), at))
  }

  #guarded(id: string, type: string, run: () => void): void {
    try {
      run()
    } catch (error) {
      if (!(error instanceof SignalProblem)) throw error
      this.#options.log.warn({ signal: id, type, error: error.message }, 'a signal is not followed')
    }
  }

  #follow(signal: Signal, at: SourceOffset): void {
    const { log, actions } = this.#options
    const { id, type, channel } = signal
    log.info({ signal: id, type, channel }, 'a signal was received')
    switch (type) {
      case 'execute-snapshot':
        return this.#execute(snapshotRequest(signal))
      case 'stop-snapshot':
        return this.#snapshots.stop(stopRequest(signal).tables)
      case 'pause-snapshot':
        return this.#snapshots.pause()
      case 'resume-snapshot':
        return this.#snapshots.resume()
      case 'log':
        return this.#message(signal, at)
    }
    if (!Object.hasOwn(actions, type)) throw new SignalProblem('nothing is known of its type')
    actions[type]?.(signal, at)
  }

  #message({ id, data }: Signal, at: SourceOffset): void {
    const { message } = data
    if (typeof message !== 'string') throw new SignalProblem('it has no message')
    this.#options.log.info(
      { signal: id },
      message.replace('{}', () => offsetText(at.offset())),
    )
  }

  #execute(request: SnapshotRequest): void {
    if (request.kind === 'incremental') return this.#snapshots.add(this.#tablesOf(request))
    this.#state = { ...this.#state, blocking: [...this.#state.blocking, request] }
    this.#blocking = [...this.#blocking, this.#blockingSnapshot(request)]
  }

  /** A name that no captured table has is kept: it is told that there is none. */
  #tablesOf(request: SnapshotRequest): readonly SnapshotTable[] {
    const known = this.#options.tables()
    const named = request.tables.flatMap((text) => {
      const pattern = expression(text)
      const matching = known.filter((name) => pattern.test(name))
      return matching.length === 0 ? [text] : matching
    })
    return [...new Set(named)].map((name) => ({
      name,
      condition: filterOf(request, name),
      surrogateKey: request.surrogateKey,
      signal: request.id,
    }))
  }

  #blockingSnapshot(request: SnapshotRequest): BlockingSnapshot {
    const tables = this.#tablesOf(request).map(({ name }) => name)
    const statements = tables.flatMap((name) => {
      const statement = filterOf(request, name)
      return statement === null ? [] : [[name, statement] as const]
    })
    return { id: request.id, tables, statements: new Map(statements) }
  }

  #poll(): void {
    const { channels, pollMs } = this.#options
    if (channels.length === 0 || this.#polling || performance.now() < this.#pollAt) return
    this.#polling = true
    this.#pollAt = performance.now() + pollMs
    Promise.all(channels.map((channel) => channel.read()))
      .then((received) => {
        this.#received.push(...received.flat())
      })
      .catch((error: unknown) => {
        this.#failure = error
      })
      .finally(() => {
        this.#polling = false
      })
  }

  #isSignalTable(version: TableVersion): boolean {
    let known = this.#versions.get(version)
    if (known === undefined) {
      known = this.#options.signalTables.has(this.#options.nameOf(version))
      this.#versions.set(version, known)
    }
    return known
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const channel of this.#options.channels)
      try {
        await channel[Symbol.asyncDispose]()
      } catch (error) {
        this.#options.log.warn({ error: messageOf(error) }, 'a channel of signals was not closed cleanly')
      }
  }
}

function filterOf({ conditions }: SnapshotRequest, table: string): string | null {
  return conditions.find((each) => each.table.test(table))?.filter ?? null
}

function offsetText(offset: OffsetMap | null): string {
  return JSON.stringify(offset, (_, value: unknown) => (typeof value === 'bigint' ? Number(value) : value))
}

function now(): ProcessingTime {
  return processingTime(Math.round((performance.timeOrigin + performance.now()) * 1000))
}
