import { expect, expectTypeOf, test } from 'vitest'
import {
  atLeast,
  boolean,
  type ConfigFields,
  distinct,
  double,
  enumeration,
  int,
  list,
  long,
  nameLike,
  nonEmpty,
  oneOf,
  oneOfIgnoringCase,
  parseConfig,
  password,
  regex,
  short,
  string,
  uniqueAliases,
  unknownKeys,
  validateConfig,
} from '#plugin'

const doc = 'what it does'

/** Errors of one field for one given text; no text: the key is absent. */
function errors(fields: ConfigFields, text?: string | null): readonly string[] {
  const [name = ''] = Object.keys(fields)
  return validateConfig(fields, text === undefined ? {} : { [name]: text })[0]?.errors ?? []
}

const tasksMax = { 'tasks.max': int({ default: 1, doc, validate: atLeast(1) }) }

test('a parsed configuration has the types that its fields say', () => {
  const fields = {
    topic: string({ doc }),
    file: string({ default: null, doc }),
    count: int({ default: 5, doc }),
    size: long({ default: null, doc }),
    ratio: double({ default: 1, doc }),
    names: list({ default: [], doc }),
    secret: password({ doc }),
    on: boolean({ default: true, doc }),
    format: enumeration({ values: ['BASE64', 'NUMERIC'], default: 'BASE64', ignoreCase: true, doc }),
  }
  const config = parseConfig(fields, {
    topic: ' t ',
    secret: ' s3cret ',
    names: 'a , b,c',
    on: 'FALSE',
    format: 'numeric',
  })
  expect(config).toEqual({
    topic: 't',
    file: null,
    count: 5,
    size: null,
    ratio: 1,
    names: ['a', 'b', 'c'],
    secret: 's3cret',
    on: false,
    format: 'NUMERIC',
  })
  expectTypeOf(config.topic).toEqualTypeOf<string>()
  expectTypeOf(config.file).toEqualTypeOf<string | null>()
  expectTypeOf(config.count).toEqualTypeOf<number>()
  expectTypeOf(config.size).toEqualTypeOf<number | null>()
  expectTypeOf(config.names).toEqualTypeOf<readonly string[]>()
  expectTypeOf(config.format).toEqualTypeOf<'BASE64' | 'NUMERIC'>()
})

test('the first problem is thrown', () => {
  expect(() => parseConfig({ topic: string({ doc }) }, {})).toThrow(
    'Missing required configuration "topic" which has no default value.',
  )
})

test.each(['abc', '1.5', '', '2147483648', '0x10', '1e1'])('tasks.max=%j has two errors', (text) => {
  expect(errors(tasksMax, text)).toEqual([
    `Invalid value ${text} for configuration tasks.max: Not a number of type INT`,
    'Invalid value null for configuration tasks.max: Value must be non-null',
  ])
})

test('numbers out of bounds, and those that are well', () => {
  expect(errors(tasksMax, '0')).toEqual([
    'Invalid value 0 for configuration tasks.max: Value must be at least 1',
  ])
  expect(errors(tasksMax, ' +2 ')).toEqual([])
  expect(errors(tasksMax, null)).toEqual([
    'Invalid value null for configuration tasks.max: Value must be non-null',
  ])
  expect(errors({ f: short({ doc }) }, '32768')).toEqual([
    'Invalid value 32768 for configuration f: Not a number of type SHORT',
  ])
  expect(errors({ f: long({ doc }) }, '9223372036854775808')).toHaveLength(1)
  expect(errors({ f: long({ doc }) }, '-9223372036854775808')).toEqual([])
  expect(errors({ f: double({ doc }) }, '1e3')).toEqual([])
  expect(errors({ f: double({ doc }) }, 'one')).toHaveLength(1)
})

test('texts of the other kinds of problems', () => {
  expect(errors({ e: boolean({ doc }) }, 'maybe')).toEqual([
    'Invalid value maybe for configuration e: Expected value to be either true or false',
  ])
  expect(errors({ e: string({ doc, validate: oneOf('none', 'all') }) }, 'ALL')).toEqual([
    'Invalid value ALL for configuration e: String must be one of: none, all',
  ])
  expect(errors({ e: string({ doc, validate: oneOfIgnoringCase('NUMERIC', 'BASE64') }) }, 'HEX')).toEqual([
    'Invalid value HEX for configuration e: String must be one of (case insensitive): NUMERIC, BASE64',
  ])
  expect(errors({ topic: string({ doc, validate: nonEmpty }) }, '')).toEqual([
    'Invalid value  for configuration topic: String must be non-empty',
  ])
  expect(errors({ name: string({ doc, validate: nameLike }) }, '  ')).toEqual([
    'Invalid value  for configuration name: String may not be empty',
  ])
  expect(errors({ name: string({ doc, validate: nameLike }) }, 'a\tb')).toEqual([
    'Invalid value a\tb for configuration name: String may not contain control sequences but had the following ASCII chars: 9',
  ])
  expect(errors({ transforms: list({ doc, validate: uniqueAliases }) }, 'a,a')).toEqual([
    'Invalid value [a, a] for configuration transforms: Duplicate alias provided.',
  ])
})

test('a validator speaks even where a required value is missing', () => {
  expect(errors({ regex: string({ doc, validate: regex }) })).toEqual([
    'Missing required configuration "regex" which has no default value.',
    'Invalid value null for configuration regex: Invalid regex: null',
  ])
  expect(errors({ regex: string({ doc, validate: regex }) }, '(')).toEqual([
    'Invalid value ( for configuration regex: Invalid regex: Unclosed group near index 1\n(',
  ])
})

test('lists of distinct names', () => {
  const topics = { topics: list({ default: [], doc, validate: distinct }) }
  expect(errors(topics, 'a,a')).toEqual(["Configuration 'topics' values must not be duplicated."])
  expect(errors(topics, 'a,,b')).toEqual(["Configuration 'topics' values must not be empty."])
  expect(errors(topics, null)).toEqual(["Configuration 'topics' values must not be null."])
  expect(errors(topics, '')).toEqual([])
})

test('values are shown as text, and secrets never', () => {
  const fields = {
    p: password({ doc }),
    l: list({ doc }),
    d: double({ doc }),
    n: string({ default: null, doc }),
  }
  const values = validateConfig(fields, { p: 'hunter2', l: ' a , b', d: '3' })
  expect(values.map((value) => value.value)).toEqual(['[hidden]', 'a,b', '3.0', null])
  const refused = password({ doc, validate: () => 'too short' })
  expect(errors({ p: refused }, 'hunter2')).toEqual(['Invalid value [hidden] for configuration p: too short'])
})

test('keys that nothing covers are found', () => {
  const raw = { topic: 't', 'transforms.a.type': 'x', tpoic: 'u' }
  expect(unknownKeys(raw, [{ topic: string({ doc }) }], ['transforms.'])).toEqual(['tpoic'])
})
