/**
 * What one row of ten mixed columns costs on its way out of PostgreSQL's log: noting its cells, and reading them into a
 * writer that only counts. Prints nanoseconds of CPU per row, the best of several rounds.
 */
import type { ColumnType } from '#cdc'
import type { ValueWriter } from '#data'
import { TypeCatalog } from '../../connectors/postgres-cdc/column-types/catalog.ts'
import { columnType } from '../../connectors/postgres-cdc/column-types/column-type.ts'
import { defaultTypeOptions } from '../../connectors/postgres-cdc/column-types/options.ts'
import { CellSlab } from '#cdc'
import { CopyTextDecoder } from '../../connectors/postgres-cdc/decode/copy-text.ts'
import { decodeMessage, type PgoutputHandler } from '../../connectors/postgres-cdc/decode/pgoutput.ts'

const rows = 100_000
const rounds = 12

/** Type, modifier and text of the cell in row i. */
const columns: readonly (readonly [type: string, modifier: number, text: (i: number) => string])[] = [
  ['int8', -1, (i) => `${9_000_000_000 + i}`],
  ['int4', -1, (i) => `${i % 1000}`],
  ['text', -1, (i) => `customer ${i} of some street in some town`],
  ['varchar', 24, (i) => `sku-${i}`],
  ['numeric', ((10 << 16) | 2) + 4, (i) => `${i % 10000}.${10 + (i % 90)}`],
  ['bool', -1, (i) => (i % 3 === 0 ? 't' : 'f')],
  ['timestamptz', -1, (i) => `2024-02-29 13:14:${10 + (i % 50)}.678901+00`],
  ['timestamp', -1, (i) => `2024-02-29 13:14:${10 + (i % 50)}.678901`],
  ['date', -1, (i) => `2024-02-${10 + (i % 20)}`],
  ['float8', -1, (i) => `${i % 1000}.${i % 100}5`],
]

class CountingWriter implements ValueWriter {
  values = 0
  bytesSeen = 0
  null = () => this.#count(0)
  boolean = () => this.#count(1)
  integer = () => this.#count(8)
  int64 = () => this.#count(8)
  integerText = (_: Uint8Array, from: number, to: number) => this.#count(to - from)
  float32 = () => this.#count(4)
  float64 = () => this.#count(8)
  string = (value: string) => this.#count(value.length)
  text = (_: Uint8Array, from: number, to: number) => this.#count(to - from)
  bytes = (_: Uint8Array, from: number, to: number) => this.#count(to - from)
  decimal = () => this.#count(8)
  decimalSafe = () => this.#count(8)
  beginStruct = () => {}
  field = () => {}
  endStruct = () => {}
  beginArray = () => {}
  element = () => {}
  endArray = () => {}
  beginMap = () => {}
  entry = () => {}
  entryValue = () => {}
  endMap = () => {}
  fixed = () => {}
  pattern = () => {}

  #count(size: number): void {
    this.values++
    this.bytesSeen += size
  }
}

function insertMessage(i: number): Buffer {
  const cells = columns.map(([, , text]) => {
    const bytes = Buffer.from(text(i))
    const head = Buffer.from([0x74, 0, 0, 0, 0])
    head.writeUInt32BE(bytes.length, 1)
    return Buffer.concat([head, bytes])
  })
  return Buffer.concat([Buffer.from([0x49, 0, 0, 0, 1, 0x4e, 0, columns.length]), ...cells])
}

const names = columns.map(([name]) => name)
const plain = { kind: 'b', element: 0, base: 0, baseModifier: -1, notNull: false, labels: [] } as const
const catalog = new TypeCatalog(
  names.map((name, i) => ({ oid: i + 1, name, schema: 'pg_catalog', ...plain })),
)
const types = columns.map(([name, typeModifier], i) => {
  const about = { notNull: false, defaultExpression: null, identity: false, generated: false }
  return columnType(
    { name, typeOid: i + 1, typeModifier, ...about },
    catalog,
    defaultTypeOptions,
  ) as ColumnType
})

const messages = Array.from({ length: rows }, (_, i) => insertMessage(i))
const stream = Buffer.concat(messages)
const ends = new Int32Array(rows)
messages.reduce((end, { length }, i) => (ends[i] = end + length), 0)
const copied = Buffer.from(
  Array.from({ length: rows }, (_, i) => `${columns.map(([, , text]) => text(i)).join('\t')}\n`).join(''),
)

const ats: number[] = []
const nothing = () => {}
const handler: PgoutputHandler = {
  begin: nothing,
  commit: nothing,
  origin: nothing,
  relation: nothing,
  type: nothing,
  insert: (_, after) => ats.push(after),
  update: nothing,
  delete: nothing,
  truncate: nothing,
  message: nothing,
}

function decodeAll(): CellSlab {
  const slab = new CellSlab(stream, rows * columns.length)
  ats.length = 0
  let from = 0
  for (let i = 0; i < rows; i++) {
    const to = ends[i] as number
    decodeMessage(slab, from, to, handler)
    from = to
  }
  return slab
}

function readAll(slab: CellSlab, only: number | null): number {
  const writer = new CountingWriter()
  const { bytes, cells } = slab
  for (const at of ats) {
    for (let c = only ?? 0; c < (only === null ? types.length : only + 1); c++) {
      const type = types[c] as ColumnType
      type.read(bytes, cells[at + 2 * c] as number, cells[at + 2 * c + 1] as number, writer)
    }
  }
  return writer.values
}

/** Best of the rounds, in nanoseconds of CPU per row. */
function measure(work: () => unknown): string {
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < rounds; round++) {
    const start = process.cpuUsage()
    work()
    const { user, system } = process.cpuUsage(start)
    best = Math.min(best, (user + system) * 1000)
  }
  return `${(best / rows).toFixed(1)} ns/row`
}

const print = (what: string, figure: string) => process.stdout.write(`${what.padEnd(24)} ${figure}\n`)

print('pgoutput to cells', measure(decodeAll))
print(
  'COPY text to cells',
  measure(() => new CopyTextDecoder(columns.length).push(copied)),
)
const slab = decodeAll()
print(
  'cells to values',
  measure(() => readAll(slab, null)),
)
for (const [c, name] of names.entries())
  print(
    `  ${name}`,
    measure(() => readAll(slab, c)),
  )
