import { expect, test } from 'vitest'
import {
  CellSlab,
  ChangeEvent,
  type ColumnType,
  NO_ROW,
  NULL_CELL,
  type Operation,
  PostProcessing,
  postProcesses,
  postProcessorProblems,
  processingTime,
  type SourceBlock,
  tableVersion,
  UNAVAILABLE_CELL,
} from '#cdc'
import { FixedFields, noHeaders, nothing, scalar, type SourceRecord, type Struct, struct } from '#data'

const java = 'io.debezium.processors.reselect.ReselectColumnsPostProcessor'
const config = { 'post.processors': 'r', 'r.type': java }
const text: ColumnType = {
  schema: scalar('string', { optional: true }),
  read: (bytes, from, to, writer) => writer.text(bytes, from, to),
  fallback: '',
  unavailable: '__unavailable',
}
const source = struct([['s', scalar('string')]])
const names = new FixedFields(source, 0, ['x'])
const columns = ['id', 'a', 'b'].map((name, cell) => ({ name, type: text, cell }))
const shape = { topic: 'p.s.t', database: 'd', schemaName: 's', table: 't', columns, source, names }
const table = tableVersion({ ...shape, key: columns.slice(0, 1) })
const keyless = tableVersion({ ...shape, key: null })
const block: SourceBlock = {
  write: (to) => {
    to.beginStruct(source)
    to.fixed(names)
    to.endStruct()
  },
}

function recordOf(cells: readonly number[], of = table, operation: Operation = 'u'): SourceRecord {
  const slab = new CellSlab(Buffer.from('1'))
  const at = slab.reserve(3)
  slab.cells.set([0, 1, ...cells.flatMap((cell) => [cell, cell])], at)
  const value = new ChangeEvent(of, operation, slab, NO_ROW, at, block, 1, processingTime(0))
  const from = { partition: {}, offset: () => ({}) }
  return { topic: 'p.s.t', partition: null, key: nothing, value, headers: noHeaders, timestamp: null, from }
}

const log = { trace() {}, debug() {}, info() {}, warn() {}, error() {}, fatal() {} }

/** What comes of a record whose row is found with `found`, and which fields were asked for. */
async function processed(
  record: SourceRecord,
  found: readonly unknown[] | Error | null,
  more: Readonly<Record<string, string>> = {},
) {
  const asked: (readonly number[])[] = []
  const find = async (_: ChangeEvent, fields: readonly number[]) => {
    asked.push(fields)
    if (found instanceof Error) throw found
    return found
  }
  const records = [record]
  await using stage = new PostProcessing(
    { ...config, ...more },
    { find, [Symbol.asyncDispose]: async () => {} },
    log,
  )
  await stage.apply(records)
  const [processed = record] = records
  const after = (processed.value.value() as Struct).get('after') as Struct
  return { asked, values: after.values }
}

test('what a change does not carry, or is NULL in it, is read from the table', async () => {
  const { asked, values } = await processed(recordOf([UNAVAILABLE_CELL, NULL_CELL]), ['A', null])
  expect(asked).toEqual([[1, 2]])
  expect(values).toEqual(['1', 'A', null])
})

test('lists and options say what is read', async () => {
  const record = () => recordOf([UNAVAILABLE_CELL, NULL_CELL])
  const only = { 'r.reselect.columns.include.list': 's\\.t:b' }
  expect((await processed(record(), ['B'], only)).values).toEqual(['1', '__unavailable', 'B'])
  const not = { 'r.reselect.columns.exclude.list': 's\\.t:b' }
  expect((await processed(record(), ['A'], not)).values).toEqual(['1', 'A', null])
  const noNulls = { 'r.reselect.null.values': 'false' }
  expect((await processed(record(), ['A'], noNulls)).asked).toEqual([[1]])
  const onlyNulls = { 'r.reselect.unavailable.values': 'false' }
  expect((await processed(record(), ['B'], onlyNulls)).asked).toEqual([[2]])
})

test('complete rows, rows of snapshots and rows without a key are not read', async () => {
  expect((await processed(recordOf([0, 0]), [])).asked).toEqual([])
  const missing = [UNAVAILABLE_CELL, NULL_CELL]
  expect((await processed(recordOf(missing, table, 'r'), [])).asked).toEqual([])
  expect((await processed(recordOf(missing, keyless), [])).asked).toEqual([])
})

test('a row that is not found leaves its change as it is, or fails the task', async () => {
  const record = () => recordOf([UNAVAILABLE_CELL, NULL_CELL])
  const fail = { 'r.reselect.error.handling.mode': 'fail' }
  for (const found of [null, new Error('no connection')]) {
    expect((await processed(record(), found)).values).toEqual(['1', '__unavailable', null])
    await expect(processed(record(), found, fail)).rejects.toThrow(/s\.t could not be read again/)
  }
})

test('other classes and unknown options are refused by name', () => {
  expect(postProcesses({})).toBe(false)
  expect(postProcesses(config)).toBe(true)
  const problems = postProcessorProblems({
    'post.processors': 'r,x',
    'r.type': java,
    'r.typo': '1',
    'x.type': 'com.example.P',
  })
  expect(problems.map(({ field }) => field)).toEqual(['r.typo', 'x.type'])
})
