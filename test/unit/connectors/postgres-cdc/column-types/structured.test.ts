import { describe, expect, test } from 'vitest'
import { DataError } from '#errors'
import { hashOrder, textHash } from '../../../../../connectors/postgres-cdc/column-types/hash-order.ts'
import { placeholderBytes } from '#cdc'
import { schemaText } from '../../../../../src/converters/json-writer.ts'
import { cellJson, format, type Given, knownType, typeOf } from './read-cell.ts'

const arrayOf = (name: string, given: Given = {}) =>
  knownType(`_${name}`, { ...given, type: { items: { name } } })

describe('arrays', () => {
  test.each([
    ['int4', '[5:6]={1,2}', '[1,2]'],
    ['int4', '{}', '[]'],
    [
      'text',
      '{"",NULL,"NULL","a,b","{","q\\"x","b\\\\s",é}',
      '["",null,"NULL","a,b","{","q\\"x","b\\\\s","é"]',
    ],
    ['bytea', '{"\\\\x0102","\\\\x",NULL}', '["AQI=","",null]'],
    ['timestamp', '{"2020-01-01 00:00:00.123456",infinity}', '[1577836800123456,9223372036825200000]'],
    ['timetz', '{01:02:03.456789+01}', '["00:02:03.456789Z"]'],
  ])('%s[] %s', (name, text, json) => {
    expect(cellJson(arrayOf(name), text)).toBe(json)
  })

  test('of several dimensions: texts keep the inner arrays as text, all else is null per outer item', () => {
    expect(cellJson(arrayOf('int4'), '{{1,2},{3,NULL}}')).toBe('[null,null]')
    expect(cellJson(arrayOf('text'), '{{a,"b}c"},{NULL,d}}')).toBe('["{a,\\"b}c\\"}","{NULL,d}"]')
    const strict = arrayOf('int4', { options: { unrepresentable: 'fail' } })
    expect(() => cellJson(strict, '{{1}}')).toThrow('"c" holds an array of several dimensions')
  })

  test('a NULL among items that may not be null makes the whole null, or is an error under NOT NULL', () => {
    const items = { name: 'mood', schema: 'public', kind: 'e', labels: ['a'] } as const
    expect(cellJson(knownType('_mood', { type: { items } }), '{a,NULL}')).toBe('null')
    expect(cellJson(knownType('_mood', { type: { items } }), '{a,"NULL"}')).toBe('["a","NULL"]')
    const strict = knownType('_mood', { type: { items }, column: { notNull: true } })
    expect(() => cellJson(strict, '{a,NULL}')).toThrow('NULL among items that may not be null')
  })

  test('an array cut short or with more behind it is a DataError', () => {
    const type = arrayOf('text')
    const whole = '[1:3]={"a\\"b",{c},d}'
    for (let end = 0; end < whole.length; end++) {
      expect(() => cellJson(type, whole.slice(0, end)), whole.slice(0, end)).toThrow(DataError)
      expect(() => cellJson(type, `${whole}${whole.slice(0, end + 1)}`)).toThrow(DataError)
    }
    expect(() => cellJson(type, '{a,,b}')).toThrow(DataError)
    expect(() => cellJson(type, '{a}}')).toThrow(DataError)
  })

  test('those without a mapping are left out, and bytes where unknown types are asked for', () => {
    expect(typeOf('_pg_lsn', { type: { items: { name: 'pg_lsn' } } })).toBeNull()
    const options = { includeUnknown: true }
    expect(cellJson(arrayOf('pg_lsn', { options }), '{0/16}')).toBe('["MC8xNg=="]')
    expect(cellJson(arrayOf('box', { options }), '{(1,1),(0,0);(2,2),(0,0)}')).toBe(
      `[${['(1.0,1.0),(0.0,0.0)', '(2.0,2.0),(0.0,0.0)'].map((box) => `"${Buffer.from(box).toString('base64')}"`)}]`,
    )
    expect(typeOf('_money', { type: { items: { name: 'money' } }, options })).toBeNull()
  })

  test('bit(n)[] is announced as bit(n), which can hold no array', () => {
    const type = arrayOf('bit', { column: { typeModifier: 4 } })
    expect(type.schema.name).toBe('io.debezium.data.Bits')
    expect(cellJson(type, '{1010}')).toBe('null')
  })
})

describe('hstore', () => {
  const asJson = (text: string) => cellJson(knownType('hstore', { type: { schema: 'public' } }), text)

  test.each([
    ['', '{}'],
    ['"a"=>"1", "b"=>NULL, "c"=>"NULL"', '{"a":"1","b":null,"c":"NULL"}'],
    ['"q\\"x"=>"y\\\\z"', '{"q\\"x":"y\\\\z"}'],
    ['"\u001f"=>"\u2028\\\\u00ab"', '{"\\u001F":"\u2028\\\\u00ab"}'],
  ])('%j', (text, json) => {
    expect(JSON.parse(asJson(text))).toBe(json)
  })

  test.each(['a', '"a"', '"a"=>', '"a"=>b', '"a"=>"b" "c"=>"d"', '"a"=>"b', 'x"a"=>"b"'])(
    '%j is none',
    (text) => {
      expect(() => asJson(text)).toThrow(DataError)
    },
  )

  test("keys come in the order of Java's HashMap, whose table grows", () => {
    const order = (keys: string) => hashOrder([...keys], textHash, 16).join('')
    // The hash of one character is its code: buckets 10 1 1 0 0 of 16.
    expect(order('ZA10P')).toBe('0PA1Z')
    // 13 keys need 32 buckets: 16 to 25 for 0 to 9, 0 for @, 16 for P, 26 for Z.
    expect(order('Z9876543210P@')).toBe('@0P123456789Z')
    expect(['Aa', 'BB', 'polygenelubricants'].map(textHash)).toEqual([2112, 2112, -2147483648])
  })
})

describe('spatial types, as recorded', () => {
  const geometry = (name: string) =>
    knownType(name, { type: { schema: 'public' }, column: { notNull: true } })

  test.each([
    ['0101000020E6100000000000000000F83F0000000000000440', 'AQEAACDmEAAAAAAAAAAA+D8AAAAAAAAEQA==', '4326'],
    ['010100000000000000000000000000000000000000', 'AQEAAAAAAAAAAAAAAAAAAAAAAAAA', 'null'],
    ['0020000001000010E63FF80000000000004004000000000000', 'ACAAAAEAABDmP/gAAAAAAABABAAAAAAAAA==', '4326'],
  ])('%s', (text, wkb, srid) => {
    expect(cellJson(geometry('geometry'), text)).toBe(`{"wkb":"${wkb}","srid":${srid}}`)
  })

  test('optional even under NOT NULL, with an empty collection in its place', () => {
    const { schema, fallback } = geometry('geography')
    expect(schemaText(schema, format)).toBe(
      '{"type":"struct","fields":[{"type":"bytes","optional":false,"field":"wkb"},' +
        '{"type":"int32","optional":true,"field":"srid"}],"optional":true,' +
        '"name":"io.debezium.data.geometry.Geography","version":1,"doc":"Geography"}',
    )
    expect(fallback).toMatchObject({ values: [Buffer.from('AQcAAAAAAAAA', 'base64'), null] })
  })
})

describe('vectors', () => {
  const vector = (name: string, text: string, column = {}) =>
    cellJson(knownType(name, { type: { schema: 'public' }, column }), text)

  test.each([
    ['vector', '[1,2.5,-3e-05]', '[1.0,2.5,-3.0E-5]'],
    ['halfvec', '[0.1]', '[0.1]'],
    ['sparsevec', '{}/5', '{"dimensions":5,"vector":[]}'],
    ['sparsevec', '{1:1.5,3:-2}/5', '{"dimensions":5,"vector":[[1,1.5],[3,-2.0]]}'],
  ])('%s %s', (name, text, json) => {
    expect(vector(name, text)).toBe(json)
  })

  test('more dimensions than 16 bits count', () => {
    expect(vector('sparsevec', '{1:1}/40000')).toBe('null')
    expect(() => vector('sparsevec', '{1:1}/40000', { notNull: true })).toThrow('more than 32767 dimensions')
  })

  test.each(['vector', 'sparsevec'])('%s of another form', (name) => {
    expect(() => vector(name, '(1,2)')).toThrow(DataError)
  })
})

describe('binary', () => {
  const bytea = (binary: 'bytes' | 'base64' | 'base64-url-safe' | 'hex', text: string | false) =>
    cellJson(knownType('bytea', { options: { binary } }), text)

  test('modes', () => {
    expect(bytea('bytes', '\\xfbff00')).toBe('"+/8A"')
    expect(bytea('base64', '\\xFBFF')).toBe('"+/8="')
    expect(bytea('base64-url-safe', '\\xfbff')).toBe('"-_8="')
    expect(bytea('hex', '\\xfbff00')).toBe('"fbff00"')
    expect(bytea('bytes', `\\x${'ab'.repeat(5000)}`)).toBe(`"${Buffer.alloc(5000, 0xab).toString('base64')}"`)
  })

  test('placeholders', () => {
    expect(bytea('base64', false)).toBe('"X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ=="')
    expect(bytea('hex', false)).toBe('"__debezium_unavailable_value"')
    const options = { placeholder: placeholderBytes('hex:00 ff') }
    expect(cellJson(knownType('bytea', { options }), false)).toBe('"AP8="')
    expect(cellJson(arrayOf('int4', { options }), false)).toBe('[0,-1]')
    expect(() => placeholderBytes('hex:0g')).toThrow('unavailable.value.placeholder')
  })
})

describe('bits', () => {
  test('more of them than the first buffer holds', () => {
    const text = `1${'0'.repeat(2000)}`
    expect(cellJson(knownType('varbit'), text)).toBe(
      `"${Buffer.concat([Buffer.alloc(250), Buffer.of(1)]).toString('base64')}"`,
    )
    // No byte of the longer value before is left in the next.
    expect(cellJson(knownType('varbit'), '0'.repeat(2000))).toBe('""')
  })
})
