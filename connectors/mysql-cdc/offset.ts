/**
 * Positions as Debezium stores them, their keys in the order of its hash map:
 *
 *   streamed  file, pos, gtids, event, row, server_id, ts_sec
 *   snapshot  file, pos, gtids, ts_sec, snapshot                     without `snapshot` once it is complete
 *
 * `file` and `pos` are where the transaction begins, `gtids` what was executed before it, `event` and `row` how many of
 * its events, and of the rows of the next one, were given out. Between transactions there is neither.
 *
 * Two places have no form of Debezium's, so that a Debezium reads the transaction again as a whole. Within a compressed
 * transaction `read_event` and `read_row` stand for `event` and `row`: the reference counts no events there. And where
 * the server cannot be asked for one transaction alone, an offset behind an XA transaction that is prepared and not
 * decided begins with that one; what was given out ends at `read_file`, `read_pos`, `read_gtids`. (With GTIDs of MySQL
 * the set simply lacks it.)
 */
import { type CountedTransaction, countedTransaction } from '#cdc'
import type { OffsetMap, OffsetValue, SourceOffset } from '#data'
import { ConnectError } from '#errors'
import { hashMapOrder } from '#plugin'

/** GTIDs as the log is read: printed only when an offset is. */
export interface Gtids {
  toString(): string
}

/** A place between two transactions. */
export interface LogPlace {
  readonly file: string
  readonly pos: number
  /** What was executed before it; null: the server has no GTIDs. */
  readonly gtids: Gtids | null
}

/** A transaction, or the place behind one, as far as its offsets need it; shared by all of them. */
export interface TransactionPlace extends LogPlace {
  /** The server that wrote it first; 0: not known. */
  readonly serverId: number
  /** Its events are those of one compressed event. */
  readonly compressed: boolean
  /** Where the first XA transaction begins that is prepared and not decided; null: none. */
  readonly undecided: LogPlace | null
}

/** What others keep in offsets: counts of the transaction, the progress of an incremental snapshot. */
export interface OffsetExtras {
  entries(): Iterable<readonly [key: string, value: OffsetValue]>
}

export class BinlogOffset implements SourceOffset {
  readonly partition: OffsetMap
  readonly place: TransactionPlace
  /** Events of the transaction that were given out, and rows of the event behind them. */
  readonly event: number
  readonly row: number
  /** Microseconds since 1970 of the last change; null: none yet. */
  readonly time: number | null
  readonly extras: OffsetExtras | null
  /** How far the transaction is counted: set when its last event has been. */
  mark: OffsetExtras | null = null

  constructor(
    partition: OffsetMap,
    place: TransactionPlace,
    event: number,
    row: number,
    time: number | null,
    extras: OffsetExtras | null = null,
  ) {
    this.partition = partition
    this.place = place
    this.event = event
    this.row = row
    this.time = time
    this.extras = extras
  }

  offset(): OffsetMap {
    const { place, event, row, time, mark, extras } = this
    const { compressed, undecided, serverId } = place
    const isOurs = undecided !== null || compressed
    const begin = undecided ?? place
    const map = new Map<string, OffsetValue>()
    if (serverId !== 0) map.set('server_id', BigInt(serverId))
    putPlace(map, '', begin)
    if (undecided !== null) putPlace(map, 'read_', place)
    if (row !== 0) map.set(isOurs ? 'read_row' : 'row', BigInt(row))
    if (event !== 0) map.set(isOurs ? 'read_event' : 'event', BigInt(event))
    if (time !== null) map.set('ts_sec', seconds(time))
    for (const [key, value] of mark?.entries() ?? []) map.set(key, value)
    for (const [key, value] of extras?.entries() ?? []) map.set(key, value)
    return inOrder(map)
  }
}

/** All rows of a snapshot stand at its one position; the last one says that it is complete. */
export class SnapshotPosition implements SourceOffset {
  readonly partition: OffsetMap
  readonly place: LogPlace
  /** Microseconds since 1970. */
  readonly time: number
  readonly extras: OffsetExtras | null
  /** Set when the record is released: only then is it known. */
  last = false

  constructor(partition: OffsetMap, place: LogPlace, time: number, extras: OffsetExtras | null = null) {
    this.partition = partition
    this.place = place
    this.time = time
    this.extras = extras
  }

  offset(): OffsetMap {
    const map = new Map<string, OffsetValue>()
    putPlace(map, '', this.place)
    map.set('ts_sec', seconds(this.time))
    if (!this.last) {
      map.set('snapshot', 'INITIAL')
      for (const [key, value] of this.extras?.entries() ?? []) map.set(key, value)
    }
    return inOrder(map)
  }
}

function putPlace(map: Map<string, OffsetValue>, prefix: '' | 'read_', { file, pos, gtids }: LogPlace): void {
  const text = gtids?.toString() ?? ''
  if (text !== '') map.set(`${prefix}gtids`, text)
  map.set(`${prefix}file`, file)
  map.set(`${prefix}pos`, BigInt(pos))
}

function seconds(micros: number): bigint {
  return BigInt(Math.floor(micros / 1_000_000))
}

function inOrder(map: ReadonlyMap<string, OffsetValue>): OffsetMap {
  return Object.fromEntries(hashMapOrder([...map.keys()]).map((key) => [key, map.get(key) ?? null]))
}

/** Where reading goes on. */
export interface ResumePoint {
  /** Empty, with `pos` 0: the GTIDs alone say where. */
  readonly file: string
  readonly pos: number
  readonly gtids: string | null
  /** Given out of the first transaction: events, and rows of the event behind them. */
  readonly event: number
  readonly row: number
  /** All before it was given out, except of XA transactions that are decided behind it; null: reading begins there. */
  readonly read: StoredPlace | null
  /** The first transaction is a compressed event. */
  readonly compressed: boolean
  /** Events of the first transaction that were counted; null: none, or they are not counted. */
  readonly counted: CountedTransaction | null
}

export interface StoredPlace {
  readonly file: string
  readonly pos: number
  readonly gtids: string | null
}

/** Of a place between transactions. */
export function resumeAt({ file, pos, gtids }: LogPlace): ResumePoint {
  return {
    file,
    pos,
    gtids: gtids?.toString() ?? null,
    event: 0,
    row: 0,
    read: null,
    compressed: false,
    counted: null,
  }
}

export interface StoredOffset {
  /** The snapshot that it belongs to did not finish. */
  readonly unfinishedSnapshot: boolean
  readonly resume: ResumePoint
}

/** Reads a stored offset, of ours or of Debezium's. What makes no sense is refused, never read as a beginning. */
export function readOffset(stored: OffsetMap): StoredOffset {
  const begin = readPlace(stored, '')
  if (begin === null)
    throw new ConnectError(
      `The offset ${JSON.stringify(Object.keys(stored))} has neither file and pos nor gtids.`,
      { remedy },
    )
  const snapshot = stored['snapshot'] ?? null
  const isSnapshot = snapshot !== null && snapshot !== false && snapshot !== 'false'
  const event = integer(stored, 'read_event') ?? integer(stored, 'event') ?? 0
  const row = integer(stored, 'read_row') ?? (event === 0 ? 0 : integer(stored, 'row')) ?? 0
  const read = readPlace(stored, 'read_')
  return {
    unfinishedSnapshot: isSnapshot && stored['snapshot_completed'] !== true,
    resume: {
      ...begin,
      event,
      row,
      read,
      compressed: read === null && 'read_event' in stored,
      counted: countedTransaction(stored),
    },
  }
}

const remedy =
  'Set it with \'PATCH /connectors/{name}/offsets\' to {"file": …, "pos": …} or {"gtids": …}, or delete it to begin with a snapshot.'

/** The offset as of what was given out, in the terms of the schema history: behind XA transactions that are undecided. */
export function givenOut(stored: OffsetMap): OffsetMap {
  if (!('read_file' in stored)) return stored
  const { read_file: file, read_pos: pos, read_gtids: gtids, read_event: event, ...rest } = stored
  const given = { file, pos, gtids, event }
  const present = Object.entries(given).filter((each): each is [string, OffsetValue] => each[1] !== undefined)
  return { ...rest, ...Object.fromEntries(present) }
}

function readPlace(stored: OffsetMap, prefix: '' | 'read_'): StoredPlace | null {
  const [file, gtids] = [text(stored, `${prefix}file`), text(stored, `${prefix}gtids`)]
  const pos = integer(stored, `${prefix}pos`)
  if (file === null && gtids === null) return null
  if (file !== null && pos === null)
    throw new ConnectError(`The offset has ${prefix}file without ${prefix}pos.`, { remedy })
  return {
    file: file ?? '',
    pos: file === null ? 0 : (pos ?? 0),
    gtids: gtids?.replaceAll(/\s/g, '') ?? null,
  }
}

function text(stored: OffsetMap, key: string): string | null {
  const value = stored[key] ?? null
  if (value === null || value === '') return null
  if (typeof value === 'string') return value
  throw new ConnectError(`The offset's ${key} is not text.`, { remedy })
}

/** Digits in a text will do, as for Debezium. */
function integer(stored: OffsetMap, key: string): number | null {
  const value = stored[key] ?? null
  if (value === null) return null
  const isDigits = typeof value === 'string' && /^\d+$/.test(value)
  const number = typeof value === 'bigint' || isDigits ? Number(value) : value
  if (typeof number === 'number' && Number.isSafeInteger(number) && number >= 0) return number
  throw new ConnectError(`The offset's ${key} is not a whole number of at least 0.`, { remedy })
}
