/**
 * One window: the rows of a chunk on their way into the stream. A change that is given out between the reading of the
 * rows and the mark behind it is as new as the row or newer, so it takes the row's place.
 */
import { isDeepStrictEqual } from 'node:util'
import { type Datum, Decimal, type Schema, Struct } from '#data'
import { type ChangeEvent, RowKey } from '../change-event.ts'
import type { ChunkRow, WindowEdge } from './chunk-source.ts'
import type { SnapshotTable } from './incremental-offset.ts'
import { NO_ROW } from '../cells.ts'

export class Window {
  readonly id: string
  /** The mark that the stream has not come to yet; null: none is awaited. */
  awaited: WindowEdge | null = null
  /** The table was altered, emptied or called off: what was read of it is void. */
  stale = false
  rows: readonly ChunkRow[] = []
  #reached = Promise.withResolvers<void>()
  #table: SnapshotTable | null = null
  /** Keys of the rows; null: they have not been read yet. */
  #keys: ReadonlySet<string> | null = null
  readonly #changed = new Set<string>()

  constructor(id: string) {
    this.id = id
  }

  /** The stream is to come to this mark. */
  awaits(edge: WindowEdge): Promise<void> {
    this.awaited = edge
    this.#reached = Promise.withResolvers<void>()
    return this.#reached.promise
  }

  reached(): void {
    this.awaited = null
    this.#reached.resolve()
  }

  /** The rows will be of that table; null: no table is left. */
  turnTo(table: SnapshotTable | null): void {
    if (isDeepStrictEqual(table, this.#table)) return
    this.#table = table
    this.#changed.clear()
  }

  hold(rows: readonly ChunkRow[]): void {
    this.rows = rows
    this.#keys = new Set(rows.map((row) => this.#keyOf(row)))
    for (const key of this.#changed) if (!this.#keys.has(key)) this.#changed.delete(key)
  }

  discard(): void {
    this.rows = []
    this.#keys = null
    this.#changed.clear()
  }

  /** A change of the table was given out. */
  changed(event: ChangeEvent, key: Datum): void {
    for (const each of this.#keysOfChange(event, key))
      if (this.#keys === null || this.#keys.has(each)) this.#changed.add(each)
  }

  /** The rows that nothing has taken the place of. */
  unchanged(): readonly ChunkRow[] {
    return this.rows.filter((row) => !this.#changed.has(this.#keyOf(row)))
  }

  #keyOf({ version, chunk, at }: ChunkRow): string {
    return version.key === null
      ? this.#surrogate(new RowKey(version.row, chunk, at))
      : canonical(new RowKey(version.key, chunk, at))
  }

  /** Without a key both images count: the surrogate key may have changed. */
  #keysOfChange(event: ChangeEvent, key: Datum): readonly string[] {
    if (key.schema !== null) return [canonical(key)]
    const { table, chunk, before, after, full } = event
    const images = [before, after].filter((at) => at !== NO_ROW)
    return images.map((at) => this.#surrogate(new RowKey(table.row, chunk, at, full)))
  }

  #surrogate(row: Datum): string {
    const value = row.value()
    const field = row.schema?.field(this.#table?.surrogateKey ?? '')
    return field === undefined || !(value instanceof Struct)
      ? ''
      : valueText(field.schema, value.values[field.index])
  }
}

function canonical(key: Datum): string {
  return valueText(key.schema, key.value())
}

/** One text per value: logs and queries may print one time with and without trailing zeros. */
function valueText(schema: Schema | null, value: unknown): string {
  if (value instanceof Struct)
    return JSON.stringify(
      value.schema.fields.map(({ schema, index }) => valueText(schema, value.values[index])),
    )
  if (value instanceof Uint8Array) return `x${Buffer.from(value).toString('hex')}`
  if (value instanceof Decimal) return `d${plain(value)}`
  if (typeof value === 'string')
    return `s${schema?.name?.startsWith('io.debezium.time.') === true ? shortTime(value) : value}`
  if (Array.isArray(value))
    return JSON.stringify(value.map((each) => valueText(schema?.valueSchema ?? null, each)))
  return value === null || value === undefined ? 'n' : `v${value}`
}

function shortTime(text: string): string {
  return text.replace(/(\.\d*?)0*(?=Z|[+-]\d|$)/, (_, fraction: string) => (fraction === '.' ? '' : fraction))
}

function plain(value: Decimal): string {
  const text = value.toString()
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text
}

/** A wait for a mark that ends with the signal as well. */
export function abortable(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const abort = () => reject(signal.reason)
  if (signal.aborted) abort()
  signal.addEventListener('abort', abort, { once: true })
  return Promise.race([promise, aborted]).finally(() => signal.removeEventListener('abort', abort))
}
