/**
 * How far a snapshot is, in a key of its own in the stored offset, which Debezium does not look at: it would take the
 * snapshot anew. It is text in JSON:
 *
 *   progress := { done: { database: [table …] }, open: [{ table: [database, table], definition, left: [range …] }] }
 *   range    := [after, to]                          values of the primary key, null: without bound
 *
 * of a blocking snapshot also `tables` and `selects`, what it was asked for. A table of which nothing is said is still
 * to be read. Reading a table twice does no harm, so what does not fit into an offset is left out.
 */
import { createHash } from 'node:crypto'
import type { OffsetMap, OffsetValue } from '#data'
import { ConnectError } from '#errors'
import type { TableId } from '../ddl/index.ts'
import type { OffsetExtras } from '../offset.ts'
import type { KeyRange, KeyValues } from './key-ranges.ts'

export const progressKey = 'rowtap_snapshot'
/** Of the names of tables that are done: an offset has to stay a small record. */
const LONGEST = 200_000

export interface OpenTable {
  readonly id: TableId
  /** Tells whether the table still is what it was. */
  readonly definition: string
  readonly left: readonly KeyRange[]
}

export interface StoredProgress {
  readonly kind: 'initial' | 'blocking'
  readonly done: readonly TableId[]
  readonly open: readonly OpenTable[]
  /** Of a blocking snapshot: what it was asked for. */
  readonly tables: readonly string[]
  readonly selects: ReadonlyMap<string, string>
}

export type SnapshotRequest = Pick<StoredProgress, 'kind' | 'tables' | 'selects'>

interface ProgressJson {
  readonly done?: Readonly<Record<string, readonly string[]>>
  readonly open?: readonly {
    readonly table: readonly [string, string]
    readonly definition: string
    readonly left: readonly (readonly [KeyValues | null, KeyValues | null])[]
  }[]
  readonly tables?: readonly string[]
  readonly selects?: Readonly<Record<string, string>>
}

/** Tells tables apart, whatever is in their names. */
export function keyOf({ database, table }: TableId): string {
  return `${database}\0${table}`
}

/**
 * What an offset of the snapshot says beyond the position: printed when the offset is, as of now. `done` only grows.
 */
export function progressExtras(
  request: SnapshotRequest,
  done: readonly TableId[],
  open: () => readonly OpenTable[],
): OffsetExtras {
  const count = done.length
  return {
    *entries(): Iterable<readonly [string, OffsetValue]> {
      if (request.kind === 'blocking') yield ['snapshot', 'BLOCKING']
      yield [
        progressKey,
        JSON.stringify({
          done: grouped(done, count),
          open: open().map(({ id, definition, left }) => ({
            table: [id.database, id.table],
            definition,
            left: left.map(({ after, to }) => [after, to]),
          })),
          ...(request.kind === 'blocking'
            ? { tables: request.tables, selects: Object.fromEntries(request.selects) }
            : {}),
        }),
      ]
    },
  }
}

function grouped(done: readonly TableId[], count: number): Readonly<Record<string, readonly string[]>> {
  const groups = new Map<string, string[]>()
  let length = 0
  for (let i = 0; i < count && length < LONGEST; i++) {
    const { database, table } = done[i] as TableId
    length += table.length + 3
    const group = groups.get(database)
    if (group === undefined) groups.set(database, [table])
    else group.push(table)
  }
  return Object.fromEntries(groups)
}

/** While the log is read before the tables: the offset still says that the snapshot is unfinished. */
export function unfinishedExtras(extras: OffsetExtras): OffsetExtras {
  return {
    *entries() {
      yield ['snapshot', 'INITIAL'] as const
      yield* extras.entries()
    },
  }
}

/** null: the offset is none of a snapshot of ours that has begun with its tables. */
export function readProgress(stored: OffsetMap): StoredProgress | null {
  const text = stored[progressKey] ?? null
  if (text === null) return null
  const json = typeof text === 'string' ? parse(text) : null
  if (json === null)
    throw new ConnectError(`The stored offset's ${progressKey} cannot be read.`, {
      remedy: 'Delete the offsets of the connector: the snapshot begins anew.',
    })
  return {
    kind: stored['snapshot'] === 'BLOCKING' ? 'blocking' : 'initial',
    done: Object.entries(json.done ?? {}).flatMap(([database, tables]) =>
      tables.map((table) => ({ database, table })),
    ),
    open: (json.open ?? []).map(({ table: [database, table], definition, left }) => ({
      id: { database, table },
      definition,
      left: left.map(([after, to]) => ({ after, to })),
    })),
    tables: json.tables ?? [],
    selects: new Map(Object.entries(json.selects ?? {})),
  }
}

function parse(text: string): ProgressJson | null {
  try {
    const json: unknown = JSON.parse(text)
    return typeof json === 'object' ? json : null
  } catch {
    return null
  }
}

/** Of what SHOW CREATE TABLE says, but for its counter. */
export function definitionMark(statement: string): string {
  const shape = statement.replace(/ AUTO_INCREMENT=\d+/, '')
  return createHash('sha256').update(shape).digest('hex').slice(0, 16)
}
