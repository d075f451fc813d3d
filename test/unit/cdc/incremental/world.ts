/**
 * A database in memory with a log, a stream over it, and a sink that holds what the records say; restarts forget all but
 * a stored offset.
 */
import { expect } from 'vitest'
import {
  atRest,
  type ChunkRow,
  type ChunkSource,
  ChangeEvent,
  type Key,
  LogWatermarks,
  Notifier,
  readProgress,
  type SignalRow,
  SignalStage,
  type SnapshotTable,
  TableWatermarks,
  type TableVersion,
  type WatermarkingStrategy,
} from '#cdc'
import type { ReceivedSignal, SignalChannel } from '../../../../src/cdc/signals/signal-channel.ts'
import { materialize, noHeaders, nothing, type OffsetMap, type SourceRecord, Struct } from '#data'
import type { Logger } from '#observe'
import { type Cell, block, change, numbers, placeAt, signals, slabOf } from '../signals/rows.ts'

type Rows = ReadonlyMap<number, number>
interface LogEntry {
  readonly record: (position: number) => SourceRecord
  readonly table: string | null
  /** Of that table, from here on. */
  readonly rows: Rows
  readonly shapes: boolean
}

export interface WorldOptions {
  readonly chunkSize?: number
  readonly strategy?: WatermarkingStrategy | 'read only'
  readonly keyless?: boolean
  /** How many turns of the event loop the next answer of the database takes. */
  readonly turns?: () => number
  /** What comes by a channel beside the stream. */
  readonly channel?: readonly ReceivedSignal[]
  readonly channels?: readonly SignalChannel[]
}

type Level = 'debug' | 'info' | 'warn' | 'error'
export interface Told {
  readonly level: Level
  readonly signal: unknown
  readonly message: string
}

export class World {
  readonly tables = new Map<string, Map<number, number>>()
  readonly log: LogEntry[] = []
  readonly out: SourceRecord[] = []
  /** What a consumer of the topics knows, by table. */
  readonly sink = new Map<string, Map<number, number>>()
  readonly versions = new Map<string, TableVersion>()
  readonly told: Told[] = []
  /** Fails the next reading or marking once. */
  failures: Error[] = []
  /** The server refuses to read such a table. */
  fails: (table: SnapshotTable) => boolean = () => false
  readonly #options: WorldOptions
  readonly #initial = new Map<string, Rows>()
  #read = 0
  #stage: SignalStage
  #over = new AbortController()
  #stored: readonly OffsetMap[] = []

  constructor(options: WorldOptions = {}) {
    this.#options = options
    this.#stage = this.#started(null)
  }

  table(name: string, rows: number): void {
    this.versions.set(name, numbers(name, this.#options.keyless === true ? [] : ['pk']))
    this.tables.set(name, new Map(Array.from({ length: rows }, (_, i) => [i + 1, (i + 1) * 100])))
    this.sink.set(name, new Map())
    this.#initial.set(name, new Map(this.tables.get(name)))
  }

  put(table: string, pk: number, v: number): void {
    const rows = this.#rows(table)
    const old = rows.get(pk)
    rows.set(pk, v)
    this.#change(table, old === undefined ? null : [pk, old], [pk, v])
  }

  remove(table: string, pk: number): void {
    const rows = this.#rows(table)
    const old = rows.get(pk)
    if (old === undefined) return
    rows.delete(pk)
    this.#change(table, [pk, old], null)
  }

  signal(id: string, type: string, data: unknown): void {
    const text = typeof data === 'string' || data === null ? data : JSON.stringify(data)
    this.#insertSignal({ id, type, data: text })
  }

  /** A statement that shapes the table anew; the rows stay, or go with it. */
  alter(table: string, truncate: boolean): void {
    const version = this.versions.get(table) as TableVersion
    if (truncate) this.#rows(table).clear()
    const record = (position: number) => shaped(version, truncate, position)
    this.log.push({ record, table, rows: new Map(this.#rows(table)), shapes: true })
  }

  #rows(table: string): Map<number, number> {
    const rows = this.tables.get(table)
    if (rows === undefined) throw new Error(`no table ${table}`)
    return rows
  }

  #change(table: string, before: readonly Cell[] | null, after: readonly Cell[] | null): void {
    const version = this.versions.get(table) as TableVersion
    const rows = new Map(this.#rows(table))
    this.log.push({
      record: (position) => change(version, before, after, position),
      table,
      rows,
      shapes: false,
    })
  }

  #insertSignal({ id, type, data }: SignalRow): void {
    this.#signalChange(null, [id, type, data])
  }

  #removeSignal(id: string): void {
    this.#signalChange([id, 'snapshot-window-open', ''], null)
  }

  #signalChange(before: readonly Cell[] | null, after: readonly Cell[] | null): void {
    const record = (position: number) => change(signals, before, after, position)
    this.log.push({ record, table: null, rows: new Map(), shapes: false })
  }

  get behind(): number {
    return this.log.length - this.#read
  }

  get busy(): boolean {
    return this.#stage.busy
  }

  get stage(): SignalStage {
    return this.#stage
  }

  /** Reads so many entries of the log. */
  step(entries: number): readonly SourceRecord[] {
    const records: SourceRecord[] = []
    const until = Math.min(this.log.length, this.#read + entries)
    while (this.#read < until) {
      const entry = this.log[this.#read++] as LogEntry
      if (entry.shapes) this.#stage.invalidate([`db.${entry.table}`])
      records.push(entry.record(this.#read))
    }
    const out = this.#stage.process(records, () => placeAt(this.#read))
    for (const record of out) this.#give(record)
    return out
  }

  #give(record: SourceRecord): void {
    this.out.push(record)
    const { value } = record
    const offset = record.from.offset()
    if (offset !== null) this.#stored = [...this.#stored.slice(-40), offset]
    if (!(value instanceof ChangeEvent) || value.table === signals) return
    const { table } = value.table
    const sink = this.sink.get(table)
    const [before = null, after = null] = imagesOf(value)
    if (value.operation === 't') sink?.clear()
    if (before !== null) sink?.delete(before[0])
    if (after !== null) sink?.set(after[0], after[1])
    // Never an older row than the table had where the stream stands, nor one that was deleted.
    if (value.operation === 'r' && after !== null)
      expect([table, after[0], after[1]]).toEqual([
        table,
        after[0],
        this.#rowsAt(table, offset).get(after[0]),
      ])
  }

  #rowsAt(table: string, offset: OffsetMap | null): Rows {
    const before = this.log.slice(0, Number(offset?.['pos']))
    return before.findLast((entry) => entry.table === table)?.rows ?? (this.#initial.get(table) as Rows)
  }

  /** Starts again from one of the offsets that were given out of late; 0: the newest. */
  restart(back: number): void {
    this.restartFrom(this.#stored.at(-1 - Math.min(back, this.#stored.length - 1)) ?? null)
  }

  restartFrom(stored: OffsetMap | null): void {
    this.#over.abort()
    this.#read = stored === null ? 0 : Number(stored['pos'])
    this.#stored = stored === null ? [] : [stored]
    this.#over = new AbortController()
    this.#stage = this.#started(stored)
  }

  #started(stored: OffsetMap | null): SignalStage {
    const { chunkSize = 3, strategy = 'insert_insert', channel } = this.#options
    const received = [...(channel ?? [])]
    const log = this.#log()
    const end = { end: async () => this.log.length, reached: (place: number) => this.#read >= place }
    const writer = {
      insert: (row: SignalRow) => this.#write(() => this.#insertSignal(row)),
      remove: (id: string) => this.#write(() => this.#removeSignal(id)),
    }
    return new SignalStage(
      {
        signalTables: new Set(['db.signals']),
        channels:
          channel === undefined
            ? (this.#options.channels ?? [])
            : [{ read: async () => received.splice(0), [Symbol.asyncDispose]: async () => {} }],
        pollMs: 1,
        tables: () => [...this.tables.keys()].map((name) => `db.${name}`),
        actions: {},
        source: this.#source(),
        watermarks:
          strategy === 'read only'
            ? new LogWatermarks(end)
            : new TableWatermarks(writer, strategy, () => new Date(0)),
        origin: () => ({ source: block, position: 0 }),
        nameOf: ({ database, table }) => `${database}.${table}`,
        headers: noHeaders,
        notifier: new Notifier({ server: 'p', topic: 'notes', logs: false, log }),
        log,
        signal: this.#over.signal,
        chunkSize,
        retries: 1,
        backoffMs: 0,
      },
      stored === null ? atRest : readProgress(stored, log),
    )
  }

  #log(): Logger {
    const teller =
      (level: Level) =>
      (fields: unknown, message = '') =>
        void this.told.push(
          typeof fields === 'string'
            ? { level, signal: undefined, message: fields }
            : { level, signal: (fields as { signal?: unknown }).signal, message },
        )
    const [debug, info, warn, error] = (['debug', 'info', 'warn', 'error'] as const).map(teller)
    return { debug, info, warn, error } as unknown as Logger
  }

  async #write(run: () => void): Promise<void> {
    await this.#answer()
    const failure = this.failures.shift()
    if (failure !== undefined) throw failure
    run()
    await this.#answer()
  }

  async #answer(): Promise<void> {
    for (let turns = this.#options.turns?.() ?? 0; turns >= 0; turns--)
      await new Promise((resolve) => setImmediate(resolve))
  }

  #source(): ChunkSource {
    const rowsOf = (table: SnapshotTable) => {
      const { name, condition } = table
      if (this.fails(table)) throw new Error('syntax')
      const failure = this.failures.shift()
      if (failure !== undefined) throw failure
      const least = condition === null ? 0 : Number(condition)
      return [...this.#rows(name.slice(3))].filter(([pk]) => pk >= least).sort(([a], [b]) => a - b)
    }
    return {
      keyColumns: ({ name, surrogateKey }) => {
        const version = this.versions.get(name.slice(3))
        if (version === undefined) return null
        return version.key !== null || surrogateKey !== null ? ['pk'] : []
      },
      maximumKey: async (table): Promise<Key | null> => {
        const last = rowsOf(table).at(-1)
        return last === undefined ? null : [last[0]]
      },
      chunk: async (table, after, maximum, limit): Promise<readonly ChunkRow[]> => {
        await this.#answer()
        const [low, high] = [Number(after?.[0] ?? -1), Number(maximum[0])]
        const rows = rowsOf(table)
          .filter(([pk]) => pk > low && pk <= high)
          .slice(0, limit)
        const { slab, at } = slabOf(rows)
        const version = this.versions.get(table.name.slice(3)) as TableVersion
        await this.#answer()
        return rows.map(([pk], i) => ({ version, chunk: slab, at: at[i] as number, key: [pk] }))
      },
      isPassing: (error) => error instanceof Error && error.message === 'lost',
    }
  }

  /** Lets everything come to its end. */
  async settle(): Promise<void> {
    for (let idle = 0, turns = 0; idle < 20; turns++) {
      if (turns > 20_000) throw new Error('the snapshot does not end')
      idle = this.behind === 0 && !this.busy ? idle + 1 : 0
      this.step(5)
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  /** Reads the log on until that holds. */
  async settleUntil(holds: () => boolean | Promise<boolean>): Promise<void> {
    for (let turns = 0; !(await holds()); turns++) {
      if (turns > 20_000) throw new Error('it does not come to that')
      this.step(5)
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  stop(): void {
    this.#over.abort()
  }
}

function shaped(version: TableVersion, truncate: boolean, position: number): SourceRecord {
  const time = { numbers: new Float64Array(2) }
  const value = new ChangeEvent(version, truncate ? 't' : 'u', slabOf([]).slab, -1, -1, block, position, time)
  return { ...change(version, null, [0, 0], position), key: nothing, value }
}

function imagesOf(value: ChangeEvent): readonly (readonly [number, number] | null)[] {
  const event = materialize(value) as Struct
  return ['before', 'after'].map((name) => {
    const row = event.raw(name)
    return row instanceof Struct ? (row.values as [number, number]) : null
  })
}
