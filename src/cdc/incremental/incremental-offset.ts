/**
 * How far an incremental snapshot is, beside the position of the log in every offset while it runs:
 *
 *   incremental_snapshot_primary_key      the last key given out (see java-object.ts), or null
 *   incremental_snapshot_maximum_key      where the table ends, or null
 *   incremental_snapshot_collections      the tables that are left, the one being read first: a JSON list
 *   incremental_snapshot_correlation_id   the signal's id
 *   incremental_snapshot_signal_offset    of the topic of signals: the last one that was followed
 *   blocking_snapshot_signals             blocking snapshots that have not given out their last row; ours alone
 */
import type { OffsetMap, OffsetValue, SourceOffset } from '#data'
import { ConnectError, messageOf } from '#errors'
import type { Logger } from '#observe'
import { hashMapOrder } from '#plugin'
import { type SignalData, type SnapshotRequest, snapshotRequest } from '../signals/signal.ts'
import { type Key, parseKey, serializeKey } from './java-object.ts'

/** A table that is to be read. */
export interface SnapshotTable {
  readonly name: string
  /** A predicate in the database's own SQL. */
  readonly condition: string | null
  /** Read in the order of this column in place of the key. */
  readonly surrogateKey: string | null
  /** The id of the signal that asked for it. */
  readonly signal: string
}

export interface SnapshotProgressState {
  readonly tables: readonly SnapshotTable[]
  /** Of the first table; null: from its beginning. */
  readonly lastKey: Key | null
  readonly maximumKey: Key | null
  /** Of the topic of signals; null: none was read. */
  readonly signalOffset: bigint | null
  /** Asked for, and not taken as a whole yet. */
  readonly blocking: readonly SnapshotRequest[]
}

export const atRest: SnapshotProgressState = {
  tables: [],
  lastKey: null,
  maximumKey: null,
  signalOffset: null,
  blocking: [],
}

const name = 'incremental_snapshot'
const collection = `${name}_collections`
const blockingEntry = 'blocking_snapshot_signals'

/** A position of the log with the state of the snapshot beside it. */
export class IncrementalOffset implements SourceOffset {
  readonly partition: OffsetMap
  readonly log: SourceOffset
  readonly #state: SnapshotProgressState

  constructor(log: SourceOffset, state: SnapshotProgressState) {
    this.partition = log.partition
    this.log = log
    this.#state = state
  }

  offset(): OffsetMap | null {
    const position = this.log.offset()
    if (position === null) return null
    // Debezium keeps all of an offset in one hash map.
    const all: OffsetMap = { ...position, ...stateEntries(this.#state) }
    return Object.fromEntries(hashMapOrder(Object.keys(all)).map((key) => [key, all[key] ?? null]))
  }
}

/** The position of the log that an offset stands for. */
export function logOffset(offset: SourceOffset): SourceOffset {
  return offset instanceof IncrementalOffset ? offset.log : offset
}

export function isAtRest(state: SnapshotProgressState): boolean {
  return state.tables.length === 0 && state.signalOffset === null && state.blocking.length === 0
}

function stateEntries(state: SnapshotProgressState): OffsetMap {
  const { tables, lastKey, maximumKey, signalOffset, blocking } = state
  const entries: Record<string, OffsetValue> = {}
  const [first] = tables
  if (first !== undefined) {
    entries[`${name}_primary_key`] = lastKey === null ? null : serializeKey(lastKey)
    entries[`${name}_maximum_key`] = maximumKey === null ? null : serializeKey(maximumKey)
    entries[collection] = JSON.stringify(tables.map(tableEntry))
    entries[`${name}_correlation_id`] = first.signal
  }
  if (signalOffset !== null) entries[`${name}_signal_offset`] = signalOffset
  if (blocking.length > 0)
    entries[blockingEntry] = JSON.stringify(blocking.map(({ id, data }) => ({ id, data })))
  return entries
}

function tableEntry(table: SnapshotTable): Record<string, string | null> {
  return {
    [`${collection}_id`]: table.name,
    [`${collection}_additional_condition`]: table.condition,
    [`${collection}_surrogate_key`]: table.surrogateKey,
    [`${collection}_correlation_id`]: table.signal,
  }
}

/** The state in a stored offset, of ours or of Debezium's. */
export function readProgress(stored: OffsetMap, log: Logger): SnapshotProgressState {
  const signalOffset = stored[`${name}_signal_offset`]
  const rest = {
    ...atRest,
    signalOffset: typeof signalOffset === 'bigint' ? signalOffset : null,
    blocking: readBlocking(stored[blockingEntry] ?? null),
  }
  const text = stored[collection]
  if (typeof text !== 'string') return rest
  const signal = stored[`${name}_correlation_id`]
  const tables = readTables(text, typeof signal === 'string' ? signal : '')
  try {
    return {
      ...rest,
      tables,
      lastKey: keyIn(stored, `${name}_primary_key`),
      maximumKey: keyIn(stored, `${name}_maximum_key`),
    }
  } catch (error) {
    // Nothing is lost by it: rows that were given out come a second time.
    log.warn(
      { table: tables[0]?.name, error: messageOf(error) },
      'the stored key of the incremental snapshot cannot be read: its table is read from the beginning',
    )
    return { ...rest, tables }
  }
}

function readBlocking(text: OffsetValue): readonly SnapshotRequest[] {
  if (typeof text !== 'string') return []
  try {
    const list = JSON.parse(text) as readonly { readonly id: string; readonly data: SignalData }[]
    return list.map(({ id, data }) =>
      snapshotRequest({ id, type: 'execute-snapshot', data, channel: 'source' }),
    )
  } catch (error) {
    throw new ConnectError(`The stored offset's ${blockingEntry} cannot be read: ${messageOf(error)}.`, {
      cause: error,
      remedy:
        "Set the offset without it by 'PATCH /connectors/{name}/offsets', and signal the snapshot anew.",
    })
  }
}

function keyIn(stored: OffsetMap, entry: string): Key | null {
  const value = stored[entry] ?? null
  return typeof value === 'string' ? parseKey(value) : null
}

function readTables(text: string, signal: string): readonly SnapshotTable[] {
  const failure = () =>
    new ConnectError(`The stored offset's ${collection} is no list of tables.`, {
      remedy:
        "Set the offset without it by 'PATCH /connectors/{name}/offsets', and signal the snapshot anew.",
    })
  let list: unknown
  try {
    list = JSON.parse(text)
  } catch {
    throw failure()
  }
  if (!Array.isArray(list)) throw failure()
  return list.map((each: unknown) => {
    const entry = each as Readonly<Record<string, unknown>> | null
    const field = (of: string) => {
      const value = entry?.[`${collection}_${of}`]
      return typeof value === 'string' && value !== '' ? value : null
    }
    const id = field('id')
    if (id === null) throw failure()
    return {
      name: id,
      condition: field('additional_condition'),
      surrogateKey: field('surrogate_key'),
      signal: field('correlation_id') ?? signal,
    }
  })
}
