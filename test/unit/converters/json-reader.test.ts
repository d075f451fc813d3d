import { describe, expect, test } from 'vitest'
import { Decimal, type Struct } from '#data'
import { DataError } from '#errors'
import type { RawConfig } from '#plugin'
import { jsonConverter } from '../../../src/converters/json.ts'

function reader(config: RawConfig = {}) {
  const converter = jsonConverter.create(config, 'value')
  return (text: string, topic = 't') => converter.read(topic, Buffer.from(text))
}
const read = reader()
const plain = reader({ 'schemas.enable': 'false' })
const typed = (type: string, payload: string) => read(`{"schema":${type},"payload":${payload}}`).value()
const scalarOf = (type: string, more = '') => `{"type":"${type}","optional":false${more}}`
const logical = (type: string, name: string, more = '') =>
  scalarOf(type, `,"name":"org.apache.kafka.connect.data.${name}","version":1${more}`)
const amount = logical('bytes', 'Decimal', ',"parameters":{"scale":"2"}')

describe('values', () => {
  test.each([
    ['int8', '-128', -128],
    ['int32', '0012', 12],
    ['int64', '9223372036854775807', 9223372036854775807n],
    ['int64', '-9007199254740993', -9007199254740993n],
    ['int32', '1.0', 1],
    ['int64', '1e3', 1000n],
    ['float', '0.1', Math.fround(0.1)],
    ['double', '1', 1],
    ['double', '"NaN"', Number.NaN],
    ['double', '"-Infinity"', Number.NEGATIVE_INFINITY],
    ['boolean', ' false ', false],
    ['string', '"\\u00e9\\n\\ud83d\\ude00\\/"', 'é\n😀/'],
    ['bytes', '"AP8="', Buffer.from([0, 255])],
  ])('%s %s', (type, payload, value) => {
    expect(typed(scalarOf(type), payload)).toEqual(value)
  })

  test.each([
    ['"MDk="', new Decimal(12345n, 2)],
    ['"/w=="', new Decimal(-1n, 2)],
    [
      `"${Buffer.from('123456789abcdef01234', 'hex').toString('base64')}"`,
      new Decimal(0x123456789abcdef01234n, 2),
    ],
    ['123.4', new Decimal(1234n, 1)],
    ['100', new Decimal(100n, 0)],
  ])('decimal %s', (payload, value) => {
    expect(typed(amount, payload)).toEqual(value)
  })

  test('without a schema: integers are bigint, fractions number', () => {
    expect(plain('{"a":1,"b":[1.5,true,null,"x",{}],"c":12345678901234567890}').value()).toEqual(
      new Map<string, unknown>([
        ['a', 1n],
        ['b', [1.5, true, null, 'x', new Map()]],
        ['c', 12345678901234567890n],
      ]),
    )
    expect(plain('').value()).toBeNull()
    expect(read('{"schema":null,"payload":[1]}').value()).toEqual([1n])
  })

  test.each([
    ['int8', '128', 'A number is out of range for an INT8 field'],
    ['int64', '9223372036854775808', 'A number is out of range for an INT64 field'],
    ['int32', '1.5', 'A number with a fraction is no value of an INT32 field'],
    ['int32', '"1"', 'Invalid STRING value for INT32 field'],
    ['string', '1', 'Invalid NUMBER value for STRING field'],
    ['boolean', '0', 'Invalid NUMBER value for BOOLEAN field'],
    ['bytes', '"*"', 'Invalid bytes field: the text is not base64'],
    ['int32', 'null', 'Invalid null value for required INT32 field'],
  ])('%s %s is refused', (type, payload, message) => {
    expect(() => typed(scalarOf(type), payload)).toThrow(message)
  })

  test.each([
    [
      `{"type":"array","items":${scalarOf('int32')}}`,
      '{}',
      'Arrays should be encoded as JSON arrays, but found OBJECT',
    ],
    [
      `{"type":"map","keys":${scalarOf('string')},"values":${scalarOf('int32')}}`,
      '[]',
      'Maps with string fields should be encoded as JSON objects, but found ARRAY',
    ],
    [
      `{"type":"map","keys":${scalarOf('int32')},"values":${scalarOf('int32')}}`,
      '{}',
      'Maps with non-string fields should be encoded as JSON array of tuples, but found OBJECT',
    ],
    ['{"type":"struct","fields":[]}', '1', 'Structs should be encoded as JSON objects, but found NUMBER'],
  ])('%s %s is refused', (type, payload, message) => {
    expect(() => typed(type, payload)).toThrow(message)
  })
})

const person =
  '{"type":"struct","optional":false,"fields":[{"type":"int32","optional":false,"field":"id"},' +
  '{"type":"string","optional":true,"field":"name"},{"type":"int64","optional":true,"default":9007199254740993,"field":"n"}]}'

describe('structs', () => {
  const values = (payload: string, config: RawConfig = {}) => {
    const value = reader(config)(`{"schema":${person},"payload":${payload}}`).value()
    return (value as Struct).values
  }

  test('fields in any order, with others between, or not there', () => {
    expect(values('{"id":1,"name":"a","n":2}')).toEqual([1, 'a', 2n])
    expect(values('{ "n" : 2 , "x" : {"y":[1,"}"]}, "na\\u006de" : "a" , "id" : 1 }')).toEqual([1, 'a', 2n])
    expect(values('{"id":1}')).toEqual([1, null, 9007199254740993n])
    expect(() => values('{}')).toThrow('Invalid null value for required INT32 field')
  })

  test('null becomes the default, or stays null', () => {
    expect(values('{"id":1,"name":null,"n":null}')).toEqual([1, null, 9007199254740993n])
    const off = { 'replace.null.with.default': 'false' }
    expect(values('{"id":1,"name":null,"n":null}', off)).toEqual([1, null, null])
  })
})

describe('schemas', () => {
  test('all attributes', () => {
    const text =
      '{"type":"int64","optional":true,"name":"io.debezium.time.MicroTimestamp","version":1,"doc":"d",' +
      '"parameters":{"a":"b"},"default":9007199254740993}'
    const schema = read(`{"schema":${text},"payload":null}`).schema
    expect(schema).toMatchObject({
      type: 'int64',
      optional: true,
      name: 'io.debezium.time.MicroTimestamp',
      version: 1,
      doc: 'd',
      parameters: { a: 'b' },
      default: 9007199254740993n,
    })
  })

  test('a repeated schema is the same object, also on another topic', () => {
    const converter = reader()
    const first = converter(`{"schema":${person},"payload":{"id":1}}`)
    expect(converter(`{"schema":${person},"payload":{"id":2}}`).schema).toBe(first.schema)
    expect(converter(`{"schema":${person},"payload":{"id":2}}`, 'u').schema).toBe(first.schema)
    expect(converter(`{"payload":{"id":2},"schema":${person}}`).schema).toBe(first.schema)
  })

  test('schemas that take turns on one topic', () => {
    const converter = reader()
    for (const id of [1, 2, 3]) {
      expect((converter(`{"schema":${person},"payload":{"id":${id}}}`).value() as Struct).values[0]).toBe(id)
      expect(converter(`{"schema":${scalarOf('int32')},"payload":${id}}`).value()).toBe(id)
    }
  })

  test('the cache holds no more than it may', () => {
    const converter = reader({ 'schemas.cache.size': '1' })
    const first = converter(`{"schema":${person},"payload":{"id":1}}`, 'a').schema
    converter(`{"schema":${scalarOf('int32')},"payload":1}`, 'b')
    expect(converter(`{"schema":${person},"payload":{"id":1}}`, 'a').schema).not.toBe(first)
  })

  test.each([
    ['{}', "Schema must contain 'type' field"],
    ['{"type":"int"}', 'Unknown schema type: int'],
    ['{"type":"array"}', 'Array schema did not specify the element type'],
    ['{"type":"map"}', 'Map schema did not specify the key type'],
    [`{"type":"map","keys":${scalarOf('string')}}`, 'Map schema did not specify the value type'],
    ['{"type":"struct"}', 'Struct schema\'s "fields" argument is not an array.'],
    ['{"type":"struct","fields":[{"type":"int32"}]}', "Struct schema's field name not specified properly"],
    ['{"type":"int32","parameters":{"a":1}}', 'Schema parameters must have string values.'],
  ])('%s is refused', (schema, message) => {
    expect(() => typed(schema, 'null')).toThrow(message)
  })

  test('one schema for all, from the configuration', () => {
    const fixed = reader({ 'schema.content': person })
    expect((fixed('{"id":5}').value() as Struct).get('id')).toBe(5)
    expect(() => reader({ 'schema.content': '{"type":' })).toThrow('schema.content')
  })
})

describe('envelopes', () => {
  const problem = 'JsonConverter with schemas.enable requires "schema" and "payload" fields'

  test.each([
    '{}',
    '1',
    '{"a":1}',
    '{"schema":null}',
    '{"payload":1}',
    '{"schema":null,"payload":1,"x":2}',
    '[]',
  ])('%s is none', (text) => {
    expect(() => read(text)).toThrow(problem)
  })

  test('neither is one that begins like the last', () => {
    const converter = reader()
    converter(`{"schema":${scalarOf('int32')},"payload":1}`)
    expect(() => converter(`{"schema":${scalarOf('int32')},"payload":1,"x":2}`)).toThrow(problem)
    expect(converter(`{"schema":${scalarOf('int32')},"payload":1 } `).value()).toBe(1)
  })

  test.each(['', '{', '{"a":1,}', 'nul', '"', '"\\x"', '-', '1.', '1e', '[1', '{"a"}', '1 2', '"\n"'])(
    '%j is no JSON',
    (text) => {
      const wrong = text === '' ? () => read(text) : () => plain(text)
      expect(wrong).toThrow(DataError)
    },
  )
})

test('nesting has a limit, and the stack is not it', () => {
  const deep = (open: string, close: string) => open.repeat(100_000) + close.repeat(100_000)
  for (const text of [
    deep('[', ']'),
    deep('{"a":', '}'),
    `{"schema":${deep('{"items":', '}')},"payload":1}`,
  ]) {
    expect(() => plain(text)).toThrow('levels of nesting')
    expect(() => read(`{"schema":null,"payload":${text}}`)).toThrow('levels of nesting')
  }
})

test('numbers that would take all memory are refused', () => {
  expect(() => typed(scalarOf('int64'), '1e999999999')).toThrow('exponent')
  expect(() => typed(amount, '1e999999999')).toThrow('exponent')
  expect(() => plain('9'.repeat(100_000))).toThrow('no more than 1000 digits')
})
