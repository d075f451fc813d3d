/**
 * Parts of tables for incremental snapshots, in the order of the primary key, of message.key.columns or of a surrogate
 * key. Where nothing says that a key is unique, a part ends behind the last row of its last key, so that no row falls
 * between two parts.
 */
import type { ChunkRow, ChunkSource, Key, SnapshotTable } from '#cdc'
import { ConnectError } from '#errors'
import type { Catalog, Table, TableId } from '../ddl/index.ts'
import { type Client, isConnectionLoss } from '../server/index.ts'
import type { Capture } from '../tables/capture.ts'
import { quotedName } from '../tables/select-expression.ts'
import type { TableVersions } from '../tables/table-versions.ts'
import { behind, inOrder, type KeyColumn, keyColumn, keyPart, upTo } from './key-columns.ts'
import type { Session } from './session.ts'

export interface ChunkOptions {
  readonly session: Session
  /** As of where the stream is. */
  readonly schema: { readonly catalog: Catalog }
  readonly capture: Capture
  readonly versions: Pick<TableVersions, 'ofSnapshot'>
  /** Waits until the server shows everything that the stream has given out. */
  readonly caughtUp: (client: Client) => Promise<void>
}

interface Order {
  readonly columns: readonly KeyColumn[]
  /** No two rows have the same key. */
  readonly unique: boolean
}

export class MysqlChunks implements ChunkSource {
  readonly #options: ChunkOptions

  constructor(options: ChunkOptions) {
    this.#options = options
  }

  keyColumns(table: SnapshotTable): readonly string[] | null {
    const found = this.#find(table)
    return found === null ? null : this.#order(table, found).columns.map(({ name }) => name)
  }

  maximumKey(table: SnapshotTable): Promise<Key | null> {
    const { columns } = this.#order(table, this.#known(table))
    const statement = `SELECT ${selection(columns)} FROM ${quotedTable(table)}${where(table)} ORDER BY ${inOrder(columns, 'DESC')} LIMIT 1`
    return this.#options.session.use(async (client) => {
      await this.#options.caughtUp(client)
      return firstKey(client, statement, columns)
    })
  }

  chunk(table: SnapshotTable, after: Key | null, maximum: Key, limit: number): Promise<readonly ChunkRow[]> {
    return this.#options.session.use(async (client) => {
      await this.#options.caughtUp(client)
      const known = this.#known(table)
      const { columns, unique } = this.#order(table, known)
      const from = after === null ? [] : [behind(columns, after)]
      if (unique) return this.#read(client, table, known, columns, [...from, upTo(columns, maximum)], limit)
      const last = `SELECT ${selection(columns)} FROM ${quotedTable(table)}${where(table, ...from, upTo(columns, maximum))} ORDER BY ${inOrder(columns, 'ASC')} LIMIT 1 OFFSET ${limit - 1}`
      const end = (await firstKey(client, last, columns)) ?? maximum
      return this.#read(client, table, known, columns, [...from, upTo(columns, end)], null)
    })
  }

  isPassing(error: unknown): boolean {
    return isConnectionLoss(error)
  }

  async #read(
    client: Client,
    table: SnapshotTable,
    { id }: Table,
    key: readonly KeyColumn[],
    bounds: readonly string[],
    limit: number | null,
  ): Promise<readonly ChunkRow[]> {
    const { version, columns } = this.#options.versions.ofSnapshot(id)
    const selected = [...columns, ...key.map(({ expression }) => expression)].join(', ')
    const most = limit === null ? '' : ` LIMIT ${limit}`
    const statement = `SELECT ${selected} FROM ${quotedTable(table)}${where(table, ...bounds)} ORDER BY ${inOrder(key, 'ASC')}${most}`
    const out: ChunkRow[] = []
    for await (const { chunk, first, rows, stride } of client.rows(statement))
      for (let row = 0; row < rows; row++) {
        const at = first + row * stride
        const values = key.map((column, i) => keyPart(column, cellOf(chunk, at + 2 * (columns.length + i))))
        out.push({ version, chunk, at, key: values })
      }
    return out
  }

  #find({ name }: SnapshotTable): Table | null {
    const id = tableId(name)
    return this.#options.capture.table(id) ? this.#options.schema.catalog.get(id) : null
  }

  #known(table: SnapshotTable): Table {
    const found = this.#find(table)
    if (found === null) throw new ConnectError(`The table ${table.name} is not known any more.`)
    return found
  }

  #order({ name, surrogateKey }: SnapshotTable, table: Table): Order {
    const { capture, versions } = this.#options
    const column = (wanted: string) => table.columns.filter(({ recordedName }) => recordedName === wanted)
    const own = table.key.flatMap((each) => table.columns.filter((one) => one.name === each))
    if (surrogateKey !== null) {
      const found = column(surrogateKey)
      if (found.length === 0)
        throw new ConnectError(`The table ${name} has no column ${surrogateKey} (surrogate-key).`)
      // Without a key in its records, only this column can tell which row has changed.
      const tells =
        versions.ofSnapshot(table.id).version.key !== null || capture.column(table.id, surrogateKey)
      const unique = own.length === 1 && own[0] === found[0]
      return { columns: tells ? found.map(keyColumn) : [], unique }
    }
    const ruled = capture.ruledKey(
      table.id,
      table.columns.map(({ recordedName }) => recordedName),
    )
    if (ruled !== null) return { columns: ruled.flatMap(column).map(keyColumn), unique: false }
    return { columns: own.map(keyColumn), unique: true }
  }
}

/** As signals name it: `database.table`. */
export function tableId(name: string): TableId {
  const dot = name.indexOf('.')
  return { database: name.slice(0, Math.max(dot, 0)), table: name.slice(dot + 1) }
}

export function quotedTable({ name }: Pick<SnapshotTable, 'name'>): string {
  const { database, table } = tableId(name)
  return `${quotedName(database)}.${quotedName(table)}`
}

function selection(columns: readonly KeyColumn[]): string {
  return columns.map(({ expression }) => expression).join(', ')
}

function where({ condition }: SnapshotTable, ...bounds: readonly string[]): string {
  const all = [...bounds, ...(condition === null ? [] : [`(${condition})`])]
  return all.length === 0 ? '' : ` WHERE ${all.join(' AND ')}`
}

async function firstKey(
  client: Client,
  statement: string,
  columns: readonly KeyColumn[],
): Promise<Key | null> {
  let found: Key | null = null
  for await (const { chunk, first, rows } of client.rows(statement))
    if (rows > 0) found ??= columns.map((column, i) => keyPart(column, cellOf(chunk, first + 2 * i)))
  return found
}

function cellOf(chunk: ChunkRow['chunk'], at: number): Buffer | null {
  const from = chunk.cells[at] as number
  return from < 0 ? null : chunk.bytes.subarray(from, chunk.cells[at + 1])
}
