/**
 * The hot path without I/O, on one core: real pgoutput messages of a ten-column table (test/golden/pgoutput) → decode →
 * Debezium record (key, value with full envelope) in one of three forms. One form per process, as a task writes one:
 *   npm run bench -- codecs json|schema|struct
 * And the same of the binlog of MySQL, in transactions of 500 rows or of single ones, as JSON without schemas:
 *   npm run bench -- codecs binlog [bulk|single] [ROWS]
 */
import { readFileSync } from 'node:fs'
import { ByteBuffer } from '#bytes'
import { ChangeEvent, NO_ROW, processingTime, RowKey, type TableVersion, tableVersion } from '#cdc'
import { materialize } from '#data'
import type { PgType } from '../../connectors/postgres-cdc/column-types/catalog.ts'
import { TypeCatalog } from '../../connectors/postgres-cdc/column-types/catalog.ts'
import { columnType } from '../../connectors/postgres-cdc/column-types/column-type.ts'
import { defaultTypeOptions } from '../../connectors/postgres-cdc/column-types/options.ts'
import { CellSlab } from '#cdc'
import {
  decodeMessage,
  type PgoutputHandler,
  type Relation,
} from '../../connectors/postgres-cdc/decode/pgoutput.ts'
import {
  PostgresSource,
  sourceIdentity,
  sourceNames,
  sourceSchema,
} from '../../connectors/postgres-cdc/source-block.ts'
import { jsonFormat } from '../../src/converters/json-format.ts'
import { JsonWriter } from '../../src/converters/json-writer.ts'
import type { Transactions } from '../support/bench/binlog.ts'
import { runBinlogCodec } from '../support/bench/binlog-codec.ts'

export type CodecForm = 'json' | 'schema' | 'struct'

export interface CodecResult {
  /** Per second of one core: of CPU time, all threads of the process counted. */
  readonly rowsPerSecond: number
  readonly bytesPerRow: number
}

type Message = readonly [from: number, to: number]

const bytes = readFileSync(new URL('../golden/pgoutput/orders.bin', import.meta.url))
const quiet: PgoutputHandler = {
  begin: () => {},
  commit: () => {},
  origin: () => {},
  relation: () => {},
  type: () => {},
  insert: () => {},
  update: () => {},
  delete: () => {},
  truncate: () => {},
  message: () => {},
}

function messages(): Message[] {
  const found: Message[] = []
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at)
    found.push([at + 4, at + 4 + length])
    at += 4 + length
  }
  return found
}

/** The catalogue rows of the types that the table uses. */
const typeNames: Readonly<Record<number, string>> = {
  16: 'bool',
  20: 'int8',
  23: 'int4',
  114: 'json',
  1043: 'varchar',
  1114: 'timestamp',
  1184: 'timestamptz',
  1700: 'numeric',
}
const catalog = new TypeCatalog(
  Object.entries(typeNames).map(([oid, name]): PgType => {
    const rest = { kind: 'b', element: 0, base: 0, baseModifier: -1, notNull: false, labels: [] } as const
    return { oid: Number(oid), name, schema: 'pg_catalog', ...rest }
  }),
)

function tableOf({ schema, name, columns }: Relation): TableVersion {
  const captured = columns.map((column, cell) => {
    const notNull = column.name === 'id' || column.name === 'customer'
    const facts = { defaultExpression: null, identity: false, generated: false }
    const type = columnType({ ...column, notNull, ...facts }, catalog, defaultTypeOptions)
    if (type === null) throw new Error(`${column.name} has no type`)
    return { name: column.name, type, cell }
  })
  return tableVersion({
    topic: `bench.${schema}.${name}`,
    database: 'postgres',
    schemaName: schema,
    table: name,
    columns: captured,
    key: captured.slice(0, 1),
    source: sourceSchema,
    names: sourceNames(schema, name),
  })
}

/** Decodes all inserts of the golden stream as one chunk. */
function decodeInserts(inserts: readonly Message[]): { slab: CellSlab; rows: number[] } {
  const slab = new CellSlab(bytes, inserts.length * 10)
  const rows: number[] = []
  const handler = { ...quiet, insert: (_relation: number, after: number) => void rows.push(after) }
  for (const [from, to] of inserts) decodeMessage(slab, from, to, handler)
  return { slab, rows }
}

export function benchCodecs(form: CodecForm, rows: number): CodecResult {
  const all = messages()
  const found: Relation[] = []
  const relations = { ...quiet, relation: (each: Relation) => void found.push(each) }
  for (const [from, to] of all)
    if (bytes[from] === 0x52) decodeMessage(new CellSlab(bytes), from, to, relations)
  const table = tableOf(found[0] as Relation)
  const inserts = all.filter(([from]) => bytes[from] === 0x49)
  const identity = sourceIdentity('0.1.0', 'bench', 'postgres')
  const writer = new JsonWriter(jsonFormat(false, true))
  const out = new ByteBuffer(4 << 20)
  const write =
    form === 'struct'
      ? (datum: RowKey | ChangeEvent) => void materialize(datum)
      : (datum: RowKey | ChangeEvent) =>
          form === 'json' ? writer.payload(datum, out) : writer.enveloped(datum, out)
  let written = 0
  let done = 0
  const began = process.cpuUsage()
  while (done < rows) {
    // A chunk as one transaction: decoded anew, with its own source block and time.
    const { slab, rows: starts } = decodeInserts(inserts)
    const source = new PostgresSource(identity, Date.now() * 1000, 4711, 23_456_784)
    const time = processingTime(Date.now() * 1000)
    for (const at of starts) {
      write(new RowKey(table.key as NonNullable<typeof table.key>, slab, at))
      write(new ChangeEvent(table, 'c', slab, NO_ROW, at, source, 23_456_848 + at, time))
      if (out.length > 3_000_000) {
        written += out.length
        out.clear()
      }
    }
    done += starts.length
  }
  const { user, system } = process.cpuUsage(began)
  const seconds = (user + system) / 1e6
  return { rowsPerSecond: Math.round(done / seconds), bytesPerRow: Math.round((written + out.length) / done) }
}

/** Three rounds, the first of which warms up; the best of the others. */
export function runCodecs(form: CodecForm, rows = 1_000_000): CodecResult {
  benchCodecs(form, rows / 4)
  const rounds = [benchCodecs(form, rows), benchCodecs(form, rows)]
  return rounds.sort((a, b) => b.rowsPerSecond - a.rowsPerSecond)[0] as CodecResult
}

async function main([form = 'json', ...more]: readonly string[]): Promise<void> {
  const print = (result: object): void => void process.stdout.write(`${JSON.stringify(result)}\n`)
  if (form !== 'binlog') return print(runCodecs(form as CodecForm))
  const [only, rows = '200000'] = more
  const kinds = only === undefined ? (['bulk', 'single'] as const) : [only as Transactions]
  for (const transactions of kinds)
    print({ transactions, ...(await runBinlogCodec(transactions, Number(rows))) })
}

if (process.argv[1] === new URL(import.meta.url).pathname) await main(process.argv.slice(2))
