import { expect, test } from 'vitest'
import { array, Decimal, map, scalar, Struct, struct } from '#data'
import { converterEntries } from '#converters'
import type { ConverterPlugin } from '#plugin'
import { type ConverterCase, converterSuite } from './converter-suite.ts'

const plugins = new Map<string, ConverterPlugin>()
for (const entry of converterEntries) {
  const plugin = await entry.load()
  if (plugin.kind === 'converter') plugins.set(entry.aliases[0] ?? '', plugin)
  test(`the table tells the truth about ${entry.javaClass}`, () => {
    const { kind, javaClass, aliases, version } = entry
    expect({ ...plugin, load: null }).toMatchObject({ kind, javaClass, aliases, version })
  })
}
const get = (alias: string) => plugins.get(alias) as ConverterPlugin

const price = scalar('bytes', {
  name: 'org.apache.kafka.connect.data.Decimal',
  version: 1,
  parameters: { scale: '2' },
})
const all = struct(
  [
    ['i8', scalar('int8')],
    ['i16', scalar('int16')],
    ['i32', scalar('int32', { optional: true, default: 7 })],
    ['i64', scalar('int64')],
    ['f32', scalar('float32')],
    ['f64', scalar('float64')],
    ['on', scalar('boolean')],
    ['text', scalar('string', { doc: 'a "doc"' })],
    ['raw', scalar('bytes')],
    ['price', price],
    ['items', array(scalar('int32', { optional: true }))],
    ['tags', map(scalar('string'), scalar('int64'))],
    ['pairs', map(scalar('int32'), scalar('string'), { optional: true })],
    ['inner', struct([['x', scalar('string', { optional: true })]], { optional: true, name: 'in.Ner' })],
  ],
  { name: 'All', version: 3, parameters: { a: 'b' } },
)
const inner = all.fields[13]?.schema
if (inner === undefined) throw new Error('no field inner')
const row = new Struct(all, [
  -128,
  32767,
  -2147483648,
  -9223372036854775808n,
  1.5,
  1e21,
  true,
  'h\u00e9"llo\u{1f600}\u0001',
  Buffer.from([0, 255]),
  new Decimal(-12345n, 2),
  [1, null, 3],
  new Map([['k', 9007199254740993n]]),
  new Map([[1, 'one']]),
  new Struct(inner, ['deep']),
])
const sparse = new Struct(all, [
  0,
  0,
  1,
  0n,
  -0.5,
  0,
  false,
  '',
  Buffer.alloc(0),
  new Decimal(0n, 2),
  [],
  new Map(),
  null,
  null,
])

const typed: ConverterCase[] = [
  { schema: all, value: row },
  { schema: all, value: sparse },
  { schema: scalar('int64'), value: 9223372036854775807n },
  { schema: scalar('string', { optional: true }), value: null },
]
const free: ConverterCase[] = [
  { schema: null, value: new Map<string, unknown>([['a', [1n, 2.5, 'x', null, true, new Map()]]]) },
  { schema: null, value: 9223372036854775807n },
]
const brokenJson = Buffer.from('{"schema":null,"payload":"s3cret')

converterSuite('JsonConverter with schemas', {
  plugin: get('json'),
  cases: [...typed, ...free],
  broken: brokenJson,
})
converterSuite('JsonConverter with numeric decimals', {
  plugin: get('json'),
  config: { 'decimal.format': 'numeric' },
  cases: typed,
  broken: Buffer.from('"s3cret"'),
})
converterSuite('JsonConverter without schemas', {
  plugin: get('json'),
  config: { 'schemas.enable': 'false' },
  cases: free,
  broken: Buffer.from('{"s3cret"}'),
})
converterSuite('StringConverter', {
  plugin: get('string'),
  cases: [
    { schema: scalar('string'), value: 'h\u00e9\u{1f600}' },
    { schema: null, value: '' },
  ],
  broken: null,
  unwritable: null,
})
converterSuite('StringConverter in UTF-16', {
  plugin: get('string'),
  config: { 'converter.encoding': 'UTF-16BE' },
  cases: [{ schema: null, value: 'h\u00e9\u{1f600}' }],
  broken: null,
  unwritable: null,
})
converterSuite('ByteArrayConverter', {
  plugin: get('bytes'),
  cases: [{ schema: scalar('bytes'), value: Buffer.from([0, 1, 255]) }],
  broken: null,
  unwritable: { schema: null, value: 's3cret' },
})
const unwritable = { schema: scalar('string'), value: 's3cret' }
const broken = Buffer.from('s3cret')
converterSuite('ShortConverter', {
  plugin: get('short'),
  cases: [{ schema: scalar('int16'), value: -32768 }],
  broken,
  unwritable,
})
converterSuite('IntegerConverter', {
  plugin: get('integer'),
  cases: [{ schema: scalar('int32'), value: 2147483647 }],
  broken,
  unwritable,
})
converterSuite('LongConverter', {
  plugin: get('long'),
  cases: [
    { schema: scalar('int64'), value: -9223372036854775808n },
    { schema: null, value: 1n },
  ],
  broken,
  unwritable,
})
converterSuite('FloatConverter', {
  plugin: get('float'),
  cases: [{ schema: scalar('float32'), value: 1.5 }],
  broken,
  unwritable,
})
converterSuite('DoubleConverter', {
  plugin: get('double'),
  cases: [
    { schema: scalar('float64'), value: 0.1 },
    { schema: null, value: -0.1 },
  ],
  broken,
  unwritable,
})
converterSuite('BooleanConverter', {
  plugin: get('boolean'),
  cases: [
    { schema: scalar('boolean'), value: true },
    { schema: null, value: false },
  ],
  broken,
  unwritable,
})
