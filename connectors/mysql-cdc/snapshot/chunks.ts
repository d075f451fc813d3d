/**
 * What is to be read, handed out chunk by chunk to the sessions that read it.
 *
 * A large table is read in the order of its primary key, so that the last row given out says what is left of it; with
 * several sessions it is divided: a boundary is looked up when a session asks for more, so that nothing is planned ahead
 * and what nobody has begun is always one range. Small tables, tables without such a key, and statements of the
 * user are read in one SELECT, in the order in which the server gives the rows.
 */
import type { ProgressTable, SnapshotMarking, TableMarking } from '#cdc'
import { RetriableError } from '#errors'
import type { TableId } from '../ddl/index.ts'
import type { Client } from '../server/index.ts'
import { MysqlSource } from '../source-block.ts'
import { pathOf } from '../tables/capture.ts'
import { quotedName } from '../tables/select-expression.ts'
import type { SnapshotShape } from '../tables/table-versions.ts'
import {
  dividingKey,
  type KeyColumn,
  keyOrder,
  type KeyRange,
  keySelection,
  type KeyValues,
  rangeCondition,
  wholeRange,
} from './key-ranges.ts'
import type { SnapshotParts } from './options.ts'
import type { SnapshotRow } from './snapshot.ts'
import { definitionMark, type OpenTable } from './progress.ts'
import { chosenSelect } from './selects.ts'
import { quotedTable, showCreate, unreadable } from './structure.ts'

/** Below that a table is read as a whole, also after a restart. */
export const smallRows = 10_000
const NOT_ALLOWED: ReadonlySet<number> = new Set([1044, 1045, 1142, 1143])
/** Altered, dropped, or without a column that it had. */
const ALTERED: ReadonlySet<number> = new Set([1412, 1146, 1054, 1051, 1049])

export interface PlannedTable extends ProgressTable {
  readonly id: TableId
  /** As of the snapshot's moment. */
  readonly definition: string
  /** Of the attempt that was cut off. */
  readonly open: OpenTable | null
}

/** A row that was given out. */
export interface RowPlace {
  readonly chunk: Chunk
  readonly cells: { readonly bytes: Buffer; readonly cells: Int32Array }
  readonly at: number
}

/** A table that is being read. */
export interface ReadTable {
  readonly planned: PlannedTable
  readonly shape: SnapshotShape
  readonly source: MysqlSource
  readonly timeMicros: number
  readonly marking: TableMarking<SnapshotRow>
  /** null: it is read in one SELECT. */
  readonly key: readonly KeyColumn[] | null
  /** Where the key stands among the cells. */
  readonly keyCells: readonly number[]
  readonly select: string
  /** The statement is the user's. */
  readonly chosen: boolean
  /** What no session has begun. Replaced, never changed. */
  left: readonly KeyRange[]
  /** Begun, and not given out as a whole. */
  readonly chunks: Set<Chunk>
  /** The row that waits for its mark. */
  held: RowPlace | null
}

export interface Chunk {
  readonly table: ReadTable
  readonly range: KeyRange
  readonly sql: string
  /** The last row that was given out. */
  last: RowPlace | null
  /** All of it was read. */
  ended: boolean
}

export class ChunkPlan {
  readonly #parts: SnapshotParts
  readonly #marking: SnapshotMarking<SnapshotRow>
  readonly #position: { readonly file: string; readonly pos: number }
  readonly #selects: ReadonlyMap<string, string>
  readonly #waiting: PlannedTable[]
  #current: ReadTable | null = null
  #turn: Promise<unknown> = Promise.resolve()
  /** In the order in which they were begun. */
  readonly open = new Set<ReadTable>()

  constructor(
    parts: SnapshotParts,
    tables: readonly PlannedTable[],
    selects: ReadonlyMap<string, string>,
    marking: SnapshotMarking<SnapshotRow>,
    position: { readonly file: string; readonly pos: number },
  ) {
    this.#parts = parts
    this.#marking = marking
    this.#position = position
    this.#selects = selects
    this.#waiting = [...tables]
  }

  /** Tables of which nothing was begun. */
  get waiting(): readonly PlannedTable[] {
    return this.#waiting
  }

  /** The next chunk, for a session to read; null: there is none. One session at a time is served. */
  take(client: Client): Promise<Chunk | null> {
    const taken = this.#turn.then(() => this.#take(client))
    this.#turn = taken.catch(() => {})
    return taken
  }

  async #take(client: Client): Promise<Chunk | null> {
    if (this.#current === null || this.#current.left.length === 0) {
      const planned = this.#waiting[0]
      if (planned === undefined) return null
      this.#parts.listener?.reading(planned.path)
      // It stays among those that wait until it can be read: an attempt that ends here has not begun it.
      this.#current = await this.#begin(client, planned)
      this.#waiting.shift()
      this.open.add(this.#current)
    }
    const table = this.#current
    const range = await this.#nextRange(client, table)
    const chunk = { table, range, sql: statement(table, range), last: null, ended: false }
    table.chunks.add(chunk)
    return chunk
  }

  async #begin(client: Client, planned: PlannedTable): Promise<ReadTable> {
    const { versions, identity } = this.#parts
    const { id, path } = planned
    const shape = versions.ofSnapshot(id)
    try {
      // From here on the table cannot be altered: what the server says of it now holds for the rows.
      await client.query(`SELECT 1 FROM ${quotedTable(id)} LIMIT 0`)
      if (definitionMark(await showCreate(client, id)) !== planned.definition) throw altered(path)
    } catch (error) {
      throw readingError(id, error)
    }
    const [clock] = await client.query('SELECT UNIX_TIMESTAMP() AS seconds')
    const timeMicros = Math.floor(Number(clock?.['seconds'])) * 1_000_000
    const { file, pos } = this.#position
    const origin = { time: timeMicros, serverId: 0, gtid: null, file, thread: null }
    const override = this.#selects.get(path)
    const key = override === undefined ? await this.#key(client, planned) : null
    const names = key?.map(({ name }) => quotedName(name)) ?? []
    const more = names.filter((name) => !shape.columns.includes(name))
    const cells = [...shape.columns, ...more]
    return {
      planned,
      shape,
      source: new MysqlSource(identity, origin, pos),
      timeMicros,
      marking: this.#marking.table(),
      key,
      keyCells: names.map((name) => cells.indexOf(name)),
      select:
        override === undefined
          ? `SELECT ${cells.join(', ') || '1'} FROM ${quotedTable(id)}`
          : await chosenSelect(client, override, shape.columns),
      chosen: override !== undefined,
      left: key === null ? [wholeRange] : leftOf(planned),
      chunks: new Set(),
      held: null,
    }
  }

  /** What a large table is divided by; null: it is read as a whole. */
  async #key(
    client: Client,
    { id, open, estimatedRows }: PlannedTable,
  ): Promise<readonly KeyColumn[] | null> {
    if (open === null && estimatedRows !== null && estimatedRows < smallRows) return null
    const [row] = await client.query(
      'SELECT ENGINE AS engine FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?',
      [id.database, id.table],
    )
    // Others do not keep their rows in the order of the key.
    return row?.['engine'] === 'InnoDB' ? dividingKey(client, id) : null
  }

  async #nextRange(client: Client, table: ReadTable): Promise<KeyRange> {
    const [range = wholeRange, ...others] = table.left
    const boundary = await this.#boundary(client, table, range)
    table.left = boundary === null ? others : [{ after: boundary, to: range.to }, ...others]
    return boundary === null ? range : { after: range.after, to: boundary }
  }

  /** Where the next chunk of the range ends; null: with the range. */
  async #boundary(client: Client, { key, planned }: ReadTable, range: KeyRange): Promise<KeyValues | null> {
    const { threads, multiplier, wholeTables } = this.#parts.settings
    const chunks = threads * multiplier(planned.path)
    if (key === null || wholeTables || chunks === 1) return null
    const rows = Math.max(Math.ceil((planned.estimatedRows ?? 0) / chunks), smallRows)
    const [row] = await client.query(
      `SELECT ${keySelection(key)} FROM ${quotedTable(planned.id)} FORCE INDEX (PRIMARY)${rangeCondition(key, range)} ORDER BY ${keyOrder(key)} LIMIT 1 OFFSET ${rows - 1}`,
    )
    return row === undefined ? null : key.map((_, i) => row[`k${i}`] ?? '')
  }
}

/** Of a table that has changed its shape, all is read again. */
function leftOf({ open, definition }: PlannedTable): readonly KeyRange[] {
  return open === null || open.definition !== definition ? [wholeRange] : open.left
}

function statement({ key, select }: ReadTable, range: KeyRange): string {
  if (key === null) return select
  return `${select} FORCE INDEX (PRIMARY)${rangeCondition(key, range)} ORDER BY ${keyOrder(key)}`
}

function altered(path: string): RetriableError {
  return new RetriableError(`The table ${path} was altered while the snapshot was being read.`)
}

/** What a failed SELECT means. */
export function readingError(id: TableId, error: unknown): unknown {
  const number = typeof error === 'object' && error !== null && 'errno' in error ? Number(error.errno) : 0
  if (ALTERED.has(number)) return altered(pathOf(id))
  return NOT_ALLOWED.has(number) ? unreadable(id, error) : error
}
