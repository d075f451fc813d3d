import { expect, test } from 'vitest'
import { ColumnRules, columnRuleProblems, type ColumnType } from '#cdc'
import { scalar, type Schema, StructWriter } from '#data'
import { javaSerializedText } from '../../../src/cdc/java-serialized-text.ts'

const text = (options = {}): ColumnType => ({
  schema: scalar('string', { optional: true, ...options }),
  read: (bytes, from, to, writer) => writer.text(bytes, from, to),
  fallback: '',
  unavailable: '__debezium_unavailable_value',
})
const binary: ColumnType = {
  schema: scalar('bytes', { optional: true }),
  read: (bytes, from, to, writer) => writer.bytes(bytes, from, to),
  fallback: Buffer.alloc(0),
  unavailable: null,
}
const number = (schema: Schema): ColumnType => ({
  schema,
  read: (bytes, from, to, writer) => writer.integerText(bytes, from, to),
  fallback: 0,
  unavailable: null,
})

function read(type: ColumnType, value: string): unknown {
  const writer = new StructWriter(type.schema)
  const bytes = Buffer.from(value)
  type.read(bytes, 0, bytes.length, writer)
  return writer.result
}

const rule = (property: string, type: ColumnType, length: number | null = null) =>
  new ColumnRules({ [property]: 's\\.t\\.c' }).apply('s.t.c', length, type)

test('a mask has its own length, also for NULL and for what the log does not carry', () => {
  const type = rule('column.mask.with.5.chars', text())
  expect(read(type, 'secret')).toBe('*****')
  expect([type.ofNull, type.unavailable, type.fallback]).toEqual(['*****', '*****', '*****'])
  expect(type.schema.parameters).toEqual({ masked: 'true' })
  expect(read(rule('column.mask.with.0.chars', text()), 'secret')).toBe('')
})

test('hashes are those that Debezium 3.6 recorded', () => {
  const v1 = rule('column.mask.hash.SHA-256.with.salt.CzQMA0cB5K', text())
  expect(read(v1, 'secret')).toBe('122e56d6f15256f7a553c665138b101b52d5201a2cd0fd8f61b54c0c28a14efa')
  expect(read(v1, '')).toBe('7b061bc77caec9afdc6b986ab6c4de894d58006b32ac0f7ea728404a5cf3a9e5')
  const v2 = rule('column.mask.hash.v2.SHA-512.with.salt.pepper', text())
  expect(read(v2, 'secret')).toMatch(/^0ced1527c7c249d779fb3b6e3d054f3241951b077cfb42988b674c11ca4b038fa0a0/)
  const md5 = rule('column.mask.hash.MD5.with.salt.s', text())
  expect(read(md5, 'é')).toBe('727f1e3808ac7271d49af786760d5dc2')
  const sha1 = rule('column.mask.hash.SHA-1.with.salt.s1', text())
  expect(read(sha1, 'legacy')).toBe('2e51276741b4d306c3a29bcab5ded48ca8345c28')
})

test('a hash fits the column', () => {
  const type = rule('column.mask.hash.SHA-256.with.salt.CzQMA0cB5K', text(), 12)
  expect(read(type, 'secret')).toBe('122e56d6f152')
})

test('an empty salt hides the value as well', () => {
  expect(read(rule('column.mask.hash.MD5.with.salt.', text()), 'nosalt')).toMatch(/^[0-9a-f]{32}$/)
})

test('text is truncated by UTF-16 units and never within a character, bytes by bytes', () => {
  const four = rule('column.truncate.to.4.chars', text())
  expect(read(four, 'secret')).toBe('secr')
  expect(read(four, 'abc')).toBe('abc')
  expect(read(four, '😀😀😀')).toBe('😀😀')
  expect(read(rule('column.truncate.to.3.chars', text()), '😀😀😀')).toBe('😀')
  expect(read(rule('column.truncate.to.0.chars', text()), 'abc')).toBe('')
  expect(read(rule('column.truncate.to.4.chars', binary), 'abcdef')).toEqual(Buffer.from('abcd'))
  expect(four.schema.parameters).toEqual({ truncateLength: '4' })
})

test('a number is not cut, and never shows under a mask', () => {
  const nullable = scalar('int32', { optional: true })
  expect(read(rule('column.truncate.to.1.chars', number(nullable)), '12345')).toBe(12345)
  for (const property of ['column.mask.with.5.chars', 'column.mask.hash.v2.MD5.with.salt.s']) {
    expect(read(rule(property, number(nullable)), '12345')).toBeNull()
    expect(read(rule(property, number(scalar('int32'))), '12345')).toBe(0)
  }
})

test('text with a form of its own is hidden, not broken', () => {
  const json = text({ name: 'io.debezium.data.Json', optional: true })
  expect(read(rule('column.mask.with.5.chars', json), '{"a":1}')).toBeNull()
})

test('masks go before hashes and truncation; the rule stands in place of the source type', () => {
  const rules = new ColumnRules({
    'column.truncate.to.4.chars': '.*',
    'column.mask.hash.MD5.with.salt.s': 's\\.t\\..*',
    'column.mask.with.3.chars': 'S\\.T\\.PIN',
  })
  const told = text({ parameters: { '__debezium.source.column.type': 'TEXT', other: 'x' } })
  expect(read(rules.apply('s.t.pin', null, told), 'secret')).toBe('***')
  expect(read(rules.apply('s.t.b', null, told), 'secret')).toBe('bb3cf017bea3f2be0e0d045051fccc93')
  expect(rules.apply('s.t.b', null, told).schema.parameters).toEqual({ other: 'x', masked: 'true' })
  expect(read(rules.apply('s.u.b', null, told), 'secret')).toBe('secr')
  const untouched = new ColumnRules({ 'column.mask.with.3.chars': 's\\.t\\.x' })
  expect(untouched.apply('s.t.xy', null, told)).toBe(told)
})

test('what is wrong with a rule is told under its own name', () => {
  const problems = columnRuleProblems({
    'column.mask.with.many.chars': 'a',
    'column.mask.with.2.chars': '(',
    'column.mask.hash.ROT13.with.salt.x': 'a',
    'column.mask.hash.MD5': 'a',
    'column.truncate.to.-1.chars': 'a',
    'column.mask.with.3.chars': 'fine',
  })
  expect(problems.map(({ field }) => field)).toEqual([
    'column.mask.with.many.chars',
    'column.mask.with.2.chars',
    'column.mask.hash.ROT13.with.salt.x',
    'column.mask.hash.MD5',
    'column.truncate.to.-1.chars',
  ])
  expect(problems[0]?.message).toContain('column.mask.with.<number>.chars')
  expect(problems[2]?.message).toContain('ROT13')
})

test('texts as Java serializes them', () => {
  expect(javaSerializedText('a').toString('hex')).toBe('aced000574000161')
  expect(javaSerializedText('\0é😀').toString('hex')).toBe('aced000574000ac080c3a9eda0bdedb880')
  const long = javaSerializedText('x'.repeat(0x10000))
  expect(long.subarray(0, 13).toString('hex')).toBe('aced00057c0000000000010000')
  expect(long).toHaveLength(13 + 0x10000)
})
