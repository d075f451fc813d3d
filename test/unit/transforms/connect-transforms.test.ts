import { describe, expect, test } from 'vitest'
import { array, Decimal, datum, map, type Schema, scalar, Struct, struct } from '#data'
import { ann, bo, headersOf, payload, person, predicate, record, transform, written, zed } from './person.ts'

const text = scalar('string')
const free = (entries: Record<string, unknown>) => record(null, new Map(Object.entries(entries)))

async function value(
  name: string,
  config: Record<string, string>,
  held: unknown,
  schema: Schema | null = person,
) {
  const run = await transform(name, config)
  return run(record(schema, held))?.value
}

describe('routers', () => {
  test('RegexRouter wants the whole name and replaces the first match', async () => {
    const run = await transform('RegexRouter', { regex: '(.*)\\.l(in)es', replacement: '$1.$2-routed' })
    const given = record(text, 'a', { topic: 'smt.lines' })
    expect(run(given)?.topic).toBe('smt.in-routed')
    expect(run(given)?.value).toBe(given.value)
    const other = record(text, 'a', { topic: 'smt.lines2' })
    expect(run(other)).toBe(other)
  })

  test('RegexRouter refuses what is no pattern, and groups that are not there', async () => {
    await expect(transform('RegexRouter', { regex: '(', replacement: 'x' })).rejects.toThrow(
      'Invalid value ( for configuration regex: Invalid regex: Unclosed group near index 1\n(',
    )
    await expect(transform('RegexRouter', { regex: 'a', replacement: '$1' })).rejects.toThrow('No group 1')
  })

  test('TimestampRouter', async () => {
    const at = { timestamp: 1709210096789n }
    const run = await transform('TimestampRouter')
    expect(run(record(text, 'a', at))?.topic).toBe('t-20240229')
    const fixed = { 'topic.format': `\${topic}.\${timestamp}`, 'timestamp.format': "'day'_yyyy_MM_dd_HH" }
    expect((await transform('TimestampRouter', fixed))(record(text, 'a', at))?.topic).toBe(
      't.day_2024_02_29_12',
    )
    expect(() => run(record(text, 'a'))).toThrow('Timestamp missing on record')
    await expect(transform('TimestampRouter', { 'timestamp.format': 'yyyy-ww' })).rejects.toThrow(
      "Illegal pattern character 'w'",
    )
  })
})

describe('predicates', () => {
  test('names, headers and tombstones', async () => {
    const named = await predicate('TopicNameMatches', { pattern: '.*lines' })
    expect(named(record(text, 'a', { topic: 'x.lines' }))).toBe(true)
    expect(named(record(text, 'a', { topic: 'x.lines2' }))).toBe(false)
    const marked = await predicate('HasHeaderKey', { name: 'mark' })
    expect(marked(record(text, 'a'))).toBe(false)
    expect(marked(record(text, 'a', { headers: [{ key: 'mark', value: datum(null, null) }] }))).toBe(true)
    const tombstone = await predicate('RecordIsTombstone')
    expect(tombstone(record(null, null))).toBe(true)
    expect(tombstone(record(person, null))).toBe(true)
    expect(tombstone(record(text, ''))).toBe(false)
  })

  test('RecordIsTombstone decodes nothing', async () => {
    const lazy = {
      schema: text,
      write: datum(text, 'a').write.bind(datum(text, 'a')),
      value: () => expect.fail('decoded'),
    }
    expect((await predicate('RecordIsTombstone'))({ ...record(text, 'a'), value: lazy })).toBe(false)
  })
})

describe('InsertField', () => {
  const config = {
    'topic.field': 'src',
    'partition.field': 'part?',
    'timestamp.field': 'ts!',
    'static.field': 'origin',
    'static.value': 'web',
  }

  test('with a schema', async () => {
    const run = await transform('InsertField$Value', config)
    const schema = struct([['line', text]])
    const given = { topic: 'lines', timestamp: 1795210339763n }
    const changed = written(run(record(schema, new Struct(schema, ['one']), given))?.value)
    expect(JSON.stringify(changed)).toBe(
      '{"schema":{"type":"struct","fields":[{"type":"string","optional":false,"field":"line"},' +
        '{"type":"string","optional":true,"field":"src"},{"type":"int32","optional":true,"field":"part"},' +
        '{"type":"int64","optional":false,"name":"org.apache.kafka.connect.data.Timestamp","version":1,"field":"ts"},' +
        '{"type":"string","optional":true,"field":"origin"}],"optional":false},' +
        '"payload":{"line":"one","src":"lines","part":null,"ts":1795210339763,"origin":"web"}}',
    )
  })

  test('without one, and of a sink', async () => {
    const run = await transform('InsertField$Value', { 'offset.field': 'o', 'partition.field': 'p' })
    const sunk = { ...free({ a: 1n }), partition: 3, offset: 5n }
    expect(payload(run(sunk)?.value)).toBe('{"a":1,"p":3,"o":5}')
    expect(() => run(free({ a: 1n }))).toThrow('Only SinkRecord supported for [field insertion]')
  })

  test('a null passes; nothing to insert is an error', async () => {
    const given = record(person, null)
    expect((await transform('InsertField$Value', config))(given)).toBe(given)
    await expect(transform('InsertField$Key', {})).rejects.toThrow('No field insertion configured')
    const insert = await transform('InsertField$Value', config)
    expect(() => insert(record(text, 'a'))).toThrow(
      'Only Struct objects supported for [field insertion], found: java.lang.String',
    )
  })

  test('equal schemas stay one object', async () => {
    const run = await transform('InsertField$Value', config)
    expect(run(record(person, ann))?.value.schema).toBe(run(record(person, bo))?.value.schema)
  })
})

describe('ExtractField', () => {
  test('of a struct', async () => {
    const email = await value('ExtractField$Value', { field: 'email' }, ann)
    expect(email?.value()).toBe('ann@x.org')
    expect(email?.schema).toBe(person.field('email')?.schema)
    expect((await value('ExtractField$Value', { field: 'email' }, null))?.value()).toBeNull()
    await expect(value('ExtractField$Value', { field: 'nope' }, ann)).rejects.toThrow('Unknown field: nope')
  })

  test('without a schema, and along a path', async () => {
    const nested = new Map([['out', new Map([['in.ner', new Map([['x', 1n]])]])]])
    expect((await value('ExtractField$Value', { field: 'out.x' }, nested, null))?.value()).toBeNull()
    const v2 = { field: 'out.`in.ner`.x', 'field.syntax.version': 'V2' }
    expect((await value('ExtractField$Value', v2, nested, null))?.value()).toBe(1n)
    await expect(transform('ExtractField$Value', { ...v2, field: '`a' })).rejects.toThrow(
      'Incomplete backtick pair',
    )
  })
})

test('ReplaceField excludes, includes and renames', async () => {
  const renamed = written(
    await value('ReplaceField$Value', { exclude: 'raw,price', renames: 'name:full_name,email:mail' }, zed),
  )
  expect(renamed?.payload).toEqual({
    id: 3,
    full_name: '',
    mail: 'z',
    age: -1,
    big: -5,
    score: -2.75,
    ratio: 1e10,
    ok: false,
    born: -1,
    seen: -999,
    at: 0,
  })
  expect(renamed?.schema).toMatchObject({ optional: false, name: 'public.person.Value' })
  expect(payload(await value('ReplaceField$Value', { include: 'id,ok', exclude: 'ok' }, ann))).toBe(
    '{"id":1}',
  )
  const map = new Map(Object.entries({ a: 1n, b: 2n }))
  expect(payload(await value('ReplaceField$Value', { exclude: 'b', renames: 'a:x' }, map, null))).toBe(
    '{"x":1}',
  )
  await expect(transform('ReplaceField$Value', { renames: 'a' })).rejects.toThrow('Invalid rename mapping: a')
})

test('null may count as the default, or not', async () => {
  const schema = struct([['def', scalar('int32', { optional: true, default: 11 })]])
  const unset = new Struct(schema, [null])
  const on = await value('ReplaceField$Value', {}, unset, schema)
  const off = await value('ReplaceField$Value', { 'replace.null.with.default': 'false' }, unset, schema)
  expect(on?.value()).toMatchObject({ values: [11] })
  expect(off?.value()).toMatchObject({ values: [null] })
})

test('ValueToKey', async () => {
  const run = await transform('ValueToKey', { fields: 'name,age' })
  expect(JSON.stringify(written(run(record(person, ann))?.key))).toBe(
    '{"schema":{"type":"struct","fields":[{"type":"string","optional":false,"field":"name"},' +
      '{"type":"int16","optional":true,"field":"age"}],"optional":false},"payload":{"name":"Ann","age":33}}',
  )
  expect(payload(run(free({ name: 'a' }))?.key)).toBe('{"name":"a","age":null}')
  const missing = await transform('ValueToKey', { fields: 'nope' })
  expect(() => missing(record(person, ann))).toThrow('Field does not exist: nope')
  expect(() => run(record(person, null))).toThrow(
    'Only Struct objects supported for [copying fields from value to key]',
  )
})

test('HoistField wraps anything', async () => {
  expect(payload(await value('HoistField$Value', { field: 'line' }, 'one', text))).toBe('{"line":"one"}')
  const run = await transform('HoistField$Key', { field: 'kk' })
  expect(written(run(record(text, 'a', { key: datum(null, null) }))?.key)).toEqual({
    schema: null,
    payload: { kk: null },
  })
})

test('Filter drops', async () => {
  expect((await transform('Filter'))(record(text, 'a'))).toBeNull()
})

describe('headers', () => {
  test('InsertHeader guesses types; DropHeaders removes all of a name', async () => {
    let given: ReturnType<typeof record> | null = record(text, 'a')
    for (const literal of ['42', '1.5', 'true', 'plain text', '[1,2,3]', '{"a":1}'])
      given = (await transform('InsertHeader', { header: 'h', 'value.literal': literal }))(given as never)
    expect(headersOf(given).map(([, shown]) => shown)).toEqual([
      '42',
      '1.5',
      'true',
      'plain text',
      '[1,2,3]',
      '{"a":1}',
    ])
    expect(given?.headers.map((each) => each.value.schema?.type)).toEqual([
      'int8',
      'float32',
      'boolean',
      'string',
      'array',
      'map',
    ])
    expect((await transform('DropHeaders', { headers: 'h,x' }))(given as never)?.headers).toEqual([])
  })

  test('records that share headers go on sharing them', async () => {
    const run = await transform('InsertHeader', { header: 'h', 'value.literal': '1' })
    expect(run(record(text, 'a'))?.headers).toBe(run(record(text, 'b'))?.headers)
  })

  test('HeaderFrom copies and moves', async () => {
    const fields = 'name,age,ok,price,raw'
    const config = { fields, headers: 'n,a,o,p,r', operation: 'move' }
    const run = await transform('HeaderFrom$Value', config)
    const moved = run(record(person, zed))
    expect(headersOf(moved)).toEqual([
      ['n', ''],
      ['a', '-1'],
      ['o', 'false'],
      ['p', '-0.01'],
      ['r', ''],
    ])
    expect(moved?.value.schema?.fields.map((field) => field.name).join()).toBe(
      'id,email,big,score,ratio,born,seen,at',
    )
    expect(headersOf(run(record(person, bo)))[1]).toEqual(['a', null])
    const given = record(person, ann)
    expect((await transform('HeaderFrom$Value', { ...config, operation: 'copy' }))(given)?.value).toBe(
      given.value,
    )
    await expect(transform('HeaderFrom$Value', { ...config, headers: 'n' })).rejects.toThrow(
      "'fields' config must have the same number of elements as 'headers' config.",
    )
  })
})

test('SetSchemaMetadata', async () => {
  const config = { 'schema.name': 'com.acme.Person', 'schema.version': '7' }
  expect(written(await value('SetSchemaMetadata$Value', config, ann))?.schema).toMatchObject({
    name: 'com.acme.Person',
    version: 7,
    optional: true,
  })
  await expect(value('SetSchemaMetadata$Value', config, new Map(), null)).rejects.toThrow(
    'Schema required for [updating schema metadata]',
  )
  await expect(transform('SetSchemaMetadata$Key', {})).rejects.toThrow(
    'Neither schema name nor version configured',
  )
})

describe('MaskField', () => {
  test('the empty value of each type', async () => {
    const fields = 'name,email,age,big,score,ratio,ok,price,born,seen,at'
    const masked = await value('MaskField$Value', { fields }, ann)
    expect(payload(masked)).toBe(
      '{"id":1,"name":"","email":"","age":0,"big":0,"score":0.0,"ratio":0.0,"ok":false,"price":"AA==","born":0,"seen":0,"at":0,"raw":"AP8="}',
    )
    const none = await value('MaskField$Value', { fields }, bo)
    expect(payload(none)).toContain('"name":"","email":null,"age":null')
    await expect(value('MaskField$Value', { fields: 'raw' }, ann)).rejects.toThrow(
      'Cannot mask value of type: class [B',
    )
  })

  test('a replacement', async () => {
    const hidden = await value('MaskField$Value', { fields: 'name,email', replacement: '<hidden>' }, zed)
    expect(payload(hidden)).toContain('"name":"<hidden>","email":"<hidden>"')
    const numbers = await value(
      'MaskField$Value',
      { fields: 'age,big,score,ratio,price', replacement: '42' },
      ann,
    )
    expect(payload(numbers)).toContain('"age":42,"big":42,"score":42.0,"ratio":42.0')
    expect(numbers?.value()).toMatchObject({ values: expect.arrayContaining([new Decimal(4200n, 2)]) })
    await expect(value('MaskField$Value', { fields: 'age', replacement: 'x' }, ann)).rejects.toThrow(
      'Unable to convert',
    )
    await expect(value('MaskField$Value', { fields: 'ok', replacement: '1' }, ann)).rejects.toThrow(
      'Cannot mask value of type class java.lang.Boolean with custom replacement.',
    )
  })
})

describe('Flatten', () => {
  const deep = struct([['deep', text]], { optional: true })
  const nested = struct([
    ['i', scalar('int32')],
    ['arr', array(scalar('int32'))],
    [
      'st',
      struct(
        [
          ['x', scalar('int32')],
          ['y', deep],
        ],
        { optional: true },
      ),
    ],
  ])

  test('structs', async () => {
    const st = nested.field('st')?.schema as Schema
    const held = new Struct(nested, [1, [1, 2], new Struct(st, [5, new Struct(deep, ['d'])])])
    const changed = written(await value('Flatten$Value', { delimiter: '-' }, held, nested))
    expect(changed?.payload).toEqual({ i: 1, arr: [1, 2], 'st-x': 5, 'st-y-deep': 'd' })
    expect(JSON.stringify(changed?.schema)).toContain('{"type":"int32","optional":true,"field":"st-x"}')
    expect(payload(await value('Flatten$Value', {}, new Struct(nested, [1, [], null]), nested))).toBe(
      '{"i":1,"arr":[],"st.x":null,"st.y.deep":null}',
    )
  })

  test('maps, only without a schema', async () => {
    const held = new Map<string, unknown>([
      [
        'o',
        new Map<string, unknown>([
          ['a', 1n],
          ['l', [new Map()]],
        ]),
      ],
    ])
    expect(payload(await value('Flatten$Value', {}, held, null))).toBe('{"o.a":1,"o.l":[{}]}')
    const mapped = struct([['m', map(text, text)]])
    await expect(value('Flatten$Value', {}, new Struct(mapped), mapped)).rejects.toThrow(
      'Flatten transformation does not support MAP for record with schemas (for field m).',
    )
  })
})
