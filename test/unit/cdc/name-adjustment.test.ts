import { expect, test } from 'vitest'
import { distinctFields, nameAdjuster } from '#cdc'

test('names fit Avro: underscores, or the units of Unicode', () => {
  const avro = nameAdjuster('avro', 'avro')
  expect(['a b', '日本', '1st', 'a.b', '_x'].map(avro.field)).toEqual(['a_b', '__', '_1st', 'a_b', '_x'])
  expect(avro.schema('my-app.public.t')).toBe('my_app.public.t')
  const unicode = nameAdjuster('avro_unicode', 'avro_unicode')
  expect(['a_b', 'a-b', '1st'].map(unicode.field)).toEqual(['a_u005fb', 'a_u002db', '_u0031st'])
  expect(nameAdjuster('none', 'none').field('a b')).toBe('a b')
})

test('two columns that become one field are refused', () => {
  const { field } = nameAdjuster('avro', 'avro')
  expect(() => distinctFields('s.t', ['a b', 'a-b'], field)).toThrow(
    /"a b" and "a-b" of s\.t both become the field a_b/,
  )
  expect(() => distinctFields('s.t', ['a b', 'ab'], field)).not.toThrow()
})
