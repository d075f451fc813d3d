/**
 * Whether a recorded change came at or before the position from which a connector goes on, as Debezium decides it: by
 * GTIDs where the position has some, otherwise by file and position of one server. What another server recorded without
 * GTIDs counts as before: its positions tell nothing here.
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
  wanted: HistoryPosition,
  keepSource: GtidFilter | null = null,
): PositionOrder {
  const gtids = textOf(wanted, 'gtids')
  if (gtids === null)
    return {
      isAtOrBefore: (recorded) => textOf(recorded, 'gtids') === null && isBeforeInFiles(recorded, wanted),
    }
  const compare = server === 'mysql' ? mysqlComparison(gtids, keepSource) : mariadbComparison(gtids)
  return {
    isAtOrBefore: (recorded) => {
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
    isAtOrBefore: (recorded) => {
      const order = compareFiles(textOf(recorded, 'file') ?? '', file)
      return order < 0 || (order === 0 && numberOf(recorded, 'pos', 0) <= pos)
    },
  }
}

type Comparison = (recorded: string) => 'same' | 'within' | 'beyond'

function mysqlComparison(wantedText: string, keepSource: GtidFilter | null): Comparison {
  const filtered = (set: GtidSet) => (keepSource === null ? set : set.filter(keepSource))
  const wanted = filtered(GtidSet.parse(wantedText))
  const found = new Remembered((text) => {
    const recorded = filtered(GtidSet.parse(text))
    if (recorded.equals(wanted)) return 'same'
    return wanted.contains(recorded) ? 'within' : 'beyond'
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

/** What the same transactions precede: a snapshot, then the events of the next transaction. */
function isBeforeInTransaction(recorded: HistoryPosition, wanted: HistoryPosition): boolean {
  if (!('snapshot' in recorded) && 'snapshot' in wanted) return false
  return numberOf(recorded, 'event', 0) <= numberOf(wanted, 'event', 0)
}

function isBeforeInFiles(recorded: HistoryPosition, wanted: HistoryPosition): boolean {
  if (numberOf(recorded, 'server_id', 0) !== numberOf(wanted, 'server_id', 0))
    return numberOf(recorded, 'ts_ms', 0) <= numberOf(wanted, 'ts_ms', 0)
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
