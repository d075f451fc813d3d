/**
 * The transactions that were executed before a place in the log. A transaction adds itself in constant time; the text is
 * made when an offset is stored, which most are not.
 */
import type { Dialect } from '../ddl/index.ts'
import type { Gtid, MariadbGtid } from '../decode/gtid-events.ts'
import { GtidSet } from '../decode/gtid-set.ts'
import { MariadbGtidPosition } from '../decode/mariadb-gtid.ts'
import { type SourceGtid, sourceGtid } from '../source-block.ts'

export type LogGtid = Gtid | MariadbGtid

export interface ExecutedGtids {
  /** After one more transaction. */
  with(gtid: LogGtid): ExecutedGtids
  has(gtid: LogGtid): boolean
  /** Whether all transactions of the other text are in it. */
  contains(other: string): boolean
  toString(): string
}

export function executedGtids(server: Dialect['server'], text: string): ExecutedGtids {
  return server === 'mysql' ? mysqlGtids(GtidSet.parse(text)) : mariadbGtids(MariadbGtidPosition.parse(text))
}

export function mysqlGtids(set: GtidSet): ExecutedGtids {
  return new MysqlGtids(set, '', '', 0n, 0n)
}

export function mariadbGtids(position: MariadbGtidPosition): ExecutedGtids {
  return new MariadbGtids(position)
}

/** As events and offsets name it; null: an anonymous transaction. */
export function nameOf(gtid: LogGtid): SourceGtid | null {
  if ('domain' in gtid) return sourceGtid(`${gtid.domain}-${gtid.server}-`, gtid.sequence)
  const { uuid, tag, number } = gtid
  if (uuid === null) return null
  if (uuid !== lastSource.uuid || tag !== lastSource.tag)
    lastSource = { uuid, tag, prefix: tag === '' ? `${uuid}:` : `${uuid}:${tag}:` }
  return sourceGtid(lastSource.prefix, number)
}

/** A log has mostly one: whoever compares prefixes finds the very same text. */
let lastSource = { uuid: '', tag: '', prefix: '' }

/** What gtid.source.includes and gtid.source.excludes are held against. */
export function gtidSource(gtid: LogGtid): string | null {
  return 'domain' in gtid ? String(gtid.domain) : gtid.uuid
}

/** A set, and the run of transactions of one source behind it. */
class MysqlGtids implements ExecutedGtids {
  readonly #base: GtidSet
  readonly #uuid: string
  readonly #tag: string
  readonly #first: bigint
  readonly #last: bigint

  constructor(base: GtidSet, uuid: string, tag: string, first: bigint, last: bigint) {
    this.#base = base
    this.#uuid = uuid
    this.#tag = tag
    this.#first = first
    this.#last = last
  }

  with(gtid: LogGtid): ExecutedGtids {
    if ('domain' in gtid || gtid.uuid === null) return this
    const { uuid, tag, number } = gtid
    if (number === this.#last + 1n && uuid === this.#uuid && tag === this.#tag)
      return new MysqlGtids(this.#base, uuid, tag, this.#first, number)
    return new MysqlGtids(this.#set(), uuid, tag, number, number)
  }

  has(gtid: LogGtid): boolean {
    return !('domain' in gtid) && gtid.uuid !== null && this.#set().has(gtid.uuid, gtid.tag, gtid.number)
  }

  contains(other: string): boolean {
    return this.#set().contains(GtidSet.parse(other))
  }

  toString(): string {
    return this.#set().toString()
  }

  #set(): GtidSet {
    if (this.#uuid === '') return this.#base
    const tag = this.#tag === '' ? '' : `${this.#tag}:`
    return this.#base.union(GtidSet.parse(`${this.#uuid}:${tag}${this.#first}-${this.#last}`))
  }
}

class MariadbGtids implements ExecutedGtids {
  readonly #position: MariadbGtidPosition

  constructor(position: MariadbGtidPosition) {
    this.#position = position
  }

  with(gtid: LogGtid): ExecutedGtids {
    return 'domain' in gtid ? new MariadbGtids(this.#position.with(gtid)) : this
  }

  has(gtid: LogGtid): boolean {
    return 'domain' in gtid && this.#position.has(gtid)
  }

  contains(other: string): boolean {
    return this.#position.contains(MariadbGtidPosition.parse(other))
  }

  toString(): string {
    return this.#position.toString()
  }
}
