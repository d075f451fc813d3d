/**
 * Whether a recorded change came at or before the position from which a connector goes on: by GTIDs where the position
 * has some, otherwise by file and position. A log of another name is another server's: what was recorded there counts as
 * before, its positions tell nothing here. `server_id` says who wrote an event first, not whose log it is read from:
 * Debezium compares nothing where it differs, and would take for done what comes right behind a snapshot, which has none.
 */
import { GtidSet } from '../decode/gtid-set.ts'
import { MariadbGtidPosition } from '../decode/mariadb-gtid.ts'
import type { Dialect } from '../ddl/index.ts'
import { type HistoryPosition, notHistory } from './history-record.ts'

export type GtidFilter = (source: string) => boolean

export interface PositionOrder {
  isAtOrBefore(recorded: HistoryPosition): boolean
}

/** `keepSource`: gtid.source.includes and gtid.source.excludes, of MySQL. */
export function positionOrder(
  server: Dialect['server'],
  position: HistoryPosition,
  keepSource: GtidFilter | null = null,
): PositionOrder {
  const wanted = asRead(position)
  const gtids = textOf(wanted, 'gtids')
  if (gtids === null)
    return {
      isAtOrBefore: (recorded) =>
        textOf(asRead(recorded), 'gtids') === null && isBeforeInFiles(asRead(recorded), wanted),
    }
  const compare = server === 'mysql' ? mysqlComparison(gtids, keepSource) : mariadbComparison(gtids)
  return {
    isAtOrBefore: (told) => {
      const recorded = asRead(told)
      const text = textOf(recorded, 'gtids')
      if (text === null) return true
      const order = compare(text)
      return order === 'same' ? isBeforeInTransaction(recorded, wanted) : order === 'within'
    },
  }
}

/**
 * For a place in the logs themselves, from which they are replayed: by file and position alone, whatever GTIDs and server
 * the records name. A record's position is where its statement ended.
 */
export function logOrder(file: string, pos: number): PositionOrder {
  return {
    isAtOrBefore: (told) => {
      const recorded = asRead(told)
      const order = compareFiles(textOf(recorded, 'file') ?? '', file)
      return order < 0 || (order === 0 && numberOf(recorded, 'pos', 0) <= pos)
    },
  }
}

/**
 * Where the log was read to: an offset may begin before that, with an XA transaction that is not decided, or count within
 * a compressed transaction.
 */
function asRead(position: HistoryPosition): HistoryPosition {
  if (!('read_file' in position || 'read_event' in position || 'read_row' in position)) return position
  const { file, pos, gtids, event: _event, row: _row, ...others } = position
  const { read_file = file, read_pos = pos, read_event = 0, read_row = 0 } = position
  const executed = 'read_file' in position ? position['read_gtids'] : gtids
  return {
    ...others,
    ...(read_file === undefined ? {} : { file: read_file }),
    ...(read_pos === undefined ? {} : { pos: read_pos }),
    ...(executed === undefined ? {} : { gtids: executed }),
    ...(read_event === 0 ? {} : { event: read_event }),
    ...(read_row === 0 ? {} : { row: read_row }),
  }
}

type Comparison = (recorded: string) => 'same' | 'within' | 'beyond'

function mysqlComparison(wantedText: string, keepSource: GtidFilter | null): Comparison {
  const filtered = (set: GtidSet) => (keepSource === null ? set : set.filter(keepSource))
  const all = GtidSet.parse(wantedText)
  const wanted = filtered(all)
  const found = new Remembered((text) => {
    const recorded = GtidSet.parse(text)
    if (recorded.equals(all)) return 'same'
    return wanted.contains(filtered(recorded)) ? 'within' : 'beyond'
  })
  return (recorded) => found.of(recorded)
}

function mariadbComparison(wantedText: string): Comparison {
  const wanted = MariadbGtidPosition.parse(wantedText)
  const found = new Remembered((text) => {
    const recorded = MariadbGtidPosition.parse(text)
    if (recorded.toString() === wanted.toString()) return 'same'
    return wanted.contains(recorded) ? 'within' : 'beyond'
  })
  return (recorded) => found.of(recorded)
}

/** All records of a snapshot have one position. */
class Remembered {
  readonly #decide: Comparison
  #text = ''
  #order: ReturnType<Comparison> | null = null

  constructor(decide: Comparison) {
    this.#decide = decide
  }

  of(text: string): ReturnType<Comparison> {
    if (text !== this.#text || this.#order === null) {
      this.#order = this.#decide(text)
      this.#text = text
    }
    return this.#order
  }
}

/**
 * What the same transactions precede: a snapshot at that place, then the events of the next transaction. A statement of
 * that one is not before a place between the two: the log has it again from there on. (Debezium takes it for done, and
 * does it twice.)
 */
function isBeforeInTransaction(recorded: HistoryPosition, wanted: HistoryPosition): boolean {
  if ('snapshot' in recorded) return true
  const event = numberOf(wanted, 'event', 0)
  return event > 0 && !('snapshot' in wanted) && numberOf(recorded, 'event', 0) <= event
}

function isBeforeInFiles(recorded: HistoryPosition, wanted: HistoryPosition): boolean {
  if (isElsewhere(recorded, wanted)) return true
  const file = compareFiles(textOf(recorded, 'file') ?? '', textOf(wanted, 'file') ?? '')
  if (file !== 0) return file < 0
  for (const [field, absent] of [
    ['pos', 0],
    ['event', 0],
  ] as const) {
    const difference = numberOf(recorded, field, absent) - numberOf(wanted, field, absent)
    if (difference !== 0) return difference < 0
  }
  return numberOf(recorded, 'row', -1) <= numberOf(wanted, 'row', -1)
}

/** Of a log with another name, which another server has, or an unknown one. */
function isElsewhere(recorded: HistoryPosition, wanted: HistoryPosition): boolean {
  const server = numberOf(recorded, 'server_id', 0)
  if (server !== 0 && server === numberOf(wanted, 'server_id', 0)) return false
  const baseOf = (position: HistoryPosition) => splitFile(textOf(position, 'file') ?? '')[0]
  return baseOf(recorded) !== baseOf(wanted)
}

/** By the number behind the last dot: after 999999 comes 1000000. */
function compareFiles(recorded: string, wanted: string): number {
  const [base, number] = splitFile(recorded)
  const [wantedBase, wantedNumber] = splitFile(wanted)
  if (base !== wantedBase)
    throw notHistory(
      `It is of the log ${recorded}, which cannot be compared with ${wanted}: their names differ.`,
    )
  return number - wantedNumber
}

function splitFile(file: string): readonly [base: string, number: number] {
  const dot = file.lastIndexOf('.')
  const number = Number(file.slice(dot + 1))
  if (dot < 0 || !Number.isInteger(number)) throw notHistory(`'${file}' is not the name of a binary log.`)
  return [file.slice(0, dot), number]
}

function textOf(position: HistoryPosition, field: string): string | null {
  const value = position[field]
  return typeof value === 'string' ? value : null
}

function numberOf(position: HistoryPosition, field: string, absent: number): number {
  const value = position[field]
  return typeof value === 'number' ? value : absent
}
