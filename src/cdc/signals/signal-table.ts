/**
 * The channel `source`: rows that are inserted into the table of signal.data.collection, as the stream shows them. Their
 * columns count by position: id, type, data. The marks of incremental snapshots are rows of it, too.
 */
import { Struct } from '#data'
import { NO_ROW } from '../cells.ts'
import { type ChangeEvent, RowKey } from '../change-event.ts'
import type { Watermarks, WindowEdge } from '../incremental/chunk-source.ts'
import { type Signal, signalData, SignalProblem } from './signal.ts'

export interface SignalRow {
  readonly id: string | null
  readonly type: string | null
  readonly data: string | null
}

/** Of the new row, or of the old one where it was deleted. */
export function signalRow({ table, chunk, before, after }: ChangeEvent): SignalRow {
  const at = after === NO_ROW ? before : after
  if (at === NO_ROW) return { id: null, type: null, data: null }
  const row = new RowKey(table.row, chunk, at).value()
  const values = row instanceof Struct ? row.values : []
  const [id = null, type = null, data = null] = values.map((value) =>
    value === null || value === undefined ? null : String(value),
  )
  return { id, type, data }
}

/** The marks around parts of a table that stand in the signal table themselves. */
export function isWindowRow({ type }: SignalRow): boolean {
  return type === 'snapshot-window-open' || type === 'snapshot-window-close'
}

export function rowSignal({ id, type, data }: SignalRow): Signal {
  if (type === null) throw new SignalProblem('it has no type')
  return { id: id ?? '', type, data: signalData(data), channel: 'source' }
}

/** Writes to the signal table. */
export interface SignalTableWriter {
  insert(row: SignalRow): Promise<void>
  remove(id: string): Promise<void>
}

export type WatermarkingStrategy = 'insert_insert' | 'insert_delete'

/** Marks that are rows of the signal table: `<window>-open`, then `<window>-close` or the first one's end. */
export class TableWatermarks implements Watermarks {
  readonly #writer: SignalTableWriter
  readonly #strategy: WatermarkingStrategy
  readonly #now: () => Date
  #opened = ''

  constructor(writer: SignalTableWriter, strategy: WatermarkingStrategy, now: () => Date = () => new Date()) {
    this.#writer = writer
    this.#strategy = strategy
    this.#now = now
  }

  async set(window: string, edge: WindowEdge): Promise<void> {
    const time = this.#now().toISOString()
    if (edge === 'open') this.#opened = time
    const times = [['openWindowTimestamp', this.#opened]]
    if (edge === 'close') times.push(['closeWindowTimestamp', time])
    const data = `{${times.map(([name, value]) => `"${name}": "${value}"`).join(', ')}}`
    if (edge === 'close' && this.#strategy === 'insert_delete') await this.#writer.remove(`${window}-open`)
    else await this.#writer.insert({ id: `${window}-${edge}`, type: `snapshot-window-${edge}`, data })
  }

  isMark(event: ChangeEvent, window: string, edge: WindowEdge): boolean {
    const { operation } = event
    if (edge === 'close' && this.#strategy === 'insert_delete')
      return operation === 'd' && signalRow(event).id === `${window}-open`
    return operation === 'c' && signalRow(event).id === `${window}-${edge}`
  }

  passed(): boolean {
    return false
  }
}
