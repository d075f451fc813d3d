/**
 * Ranges of a table's primary key: what was read of a table, what is left, and how a SELECT is bound to it. Only keys
 * whose values compare in a statement exactly as the index orders them are used; other tables are read as a whole.
 *
 * Values are text: numbers, times and UUIDs as the server prints them, texts (in UTF-8) and bytes in hexadecimal.
 */
import { ConnectError } from '#errors'
import type { CellChunk } from '#cdc'
import type { Client } from '../server/index.ts'
import { quotedName } from '../tables/select-expression.ts'
import type { TableId } from '../ddl/index.ts'

type Kind = 'number' | 'quoted' | 'text' | 'bytes'

export interface KeyColumn {
  readonly name: string
  readonly kind: Kind
}

export type KeyValues = readonly string[]

/** Behind `after` and up to `to`; null: without bound. */
export interface KeyRange {
  readonly after: KeyValues | null
  readonly to: KeyValues | null
}

export const wholeRange: KeyRange = { after: null, to: null }

const kinds: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  ...['tinyint', 'smallint', 'mediumint', 'int', 'bigint', 'decimal', 'year'].map(
    (type) => [type, 'number'] as const,
  ),
  ...['date', 'datetime', 'timestamp', 'time', 'uuid', 'inet4', 'inet6'].map(
    (type) => [type, 'quoted'] as const,
  ),
  ...['char', 'varchar'].map((type) => [type, 'text'] as const),
  ...['binary', 'varbinary'].map((type) => [type, 'bytes'] as const),
])

/** Every character of these has its own place in UTF-8. */
const plainCharsets = new Set(['utf8mb4', 'utf8mb3', 'utf8', 'ascii', 'latin1'])

/** The primary key in its order; null: there is none, or not one that can be divided. */
export async function dividingKey(client: Client, id: TableId): Promise<readonly KeyColumn[] | null> {
  const rows = await client.query(
    `SELECT s.COLUMN_NAME AS name, s.SUB_PART AS part, s.COLLATION AS direction, c.DATA_TYPE AS type,
            c.CHARACTER_SET_NAME AS charset
       FROM information_schema.STATISTICS s
       LEFT JOIN information_schema.COLUMNS c
         ON c.TABLE_SCHEMA = s.TABLE_SCHEMA AND c.TABLE_NAME = s.TABLE_NAME AND c.COLUMN_NAME = s.COLUMN_NAME
      WHERE s.TABLE_SCHEMA = ? AND s.TABLE_NAME = ? AND s.INDEX_NAME = 'PRIMARY'
      ORDER BY s.SEQ_IN_INDEX`,
    [id.database, id.table],
  )
  const columns = rows.map(({ name, part, direction, type, charset }): KeyColumn | null => {
    const kind = kinds.get(type?.toLowerCase() ?? '')
    if (kind === undefined || name === null || name === undefined) return null
    if ((part ?? null) !== null || direction !== 'A') return null
    return kind === 'text' && !plainCharsets.has(charset ?? '') ? null : { name, kind }
  })
  const known = columns.filter((column) => column !== null)
  return known.length === 0 || known.length < columns.length ? null : known
}

/** Of a row that was read; `cells` say where in the row the key's columns stand. */
export function keyValues(
  key: readonly KeyColumn[],
  cells: readonly number[],
  chunk: CellChunk,
  at: number,
): KeyValues {
  return key.map(({ kind }, i) => {
    const cell = at + 2 * (cells[i] as number)
    const [from, to] = [chunk.cells[cell], chunk.cells[cell + 1]]
    return chunk.bytes.toString(kind === 'text' || kind === 'bytes' ? 'hex' : 'latin1', from, to)
  })
}

/** What a query for the key's values selects. */
export function keySelection(key: readonly KeyColumn[]): string {
  return key
    .map(({ name, kind }, i) => {
      const column = quotedName(name)
      const value =
        kind === 'text'
          ? `HEX(CONVERT(${column} USING utf8mb4))`
          : kind === 'bytes'
            ? `HEX(${column})`
            : column
      return `${value} AS k${i}`
    })
    .join(', ')
}

export function keyOrder(key: readonly KeyColumn[]): string {
  return key.map(({ name }) => quotedName(name)).join(', ')
}

/** With its WHERE; empty for all of the table. */
export function rangeCondition(key: readonly KeyColumn[], { after, to }: KeyRange): string {
  const bounds = [
    ...(after === null ? [] : [beyond(key, after, '>', '>')]),
    ...(to === null ? [] : [beyond(key, to, '<', '<=')]),
  ]
  return bounds.length === 0 ? '' : ` WHERE ${bounds.join(' AND ')}`
}

function beyond(key: readonly KeyColumn[], values: KeyValues, side: '<' | '>', last: string): string {
  const [column, ...more] = key
  if (column === undefined) return 'TRUE'
  const [name, value] = [quotedName(column.name), literal(column, values[0])]
  if (more.length === 0) return `${name} ${last} ${value}`
  return `(${name} ${side} ${value} OR (${name} = ${value} AND ${beyond(more, values.slice(1), side, last)}))`
}

const forms: Readonly<Record<Kind, { form: RegExp; print: (value: string) => string }>> = {
  number: { form: /^-?\d+(\.\d+)?$/, print: (value) => value },
  quoted: { form: /^[\w:. -]+$/, print: (value) => `'${value}'` },
  text: { form: /^([0-9a-f]{2})*$/i, print: (value) => `_utf8mb4 X'${value}'` },
  bytes: { form: /^([0-9a-f]{2})*$/i, print: (value) => `X'${value}'` },
}

/** The value may come out of a stored offset: it is never more than a literal. */
function literal({ name, kind }: KeyColumn, value: string | undefined): string {
  const { form, print } = forms[kind]
  if (value !== undefined && form.test(value)) return print(value)
  throw new ConnectError(`The progress of the snapshot has no value of the key column ${name}.`, {
    remedy: 'Delete the offsets of the connector: the snapshot begins anew.',
  })
}
