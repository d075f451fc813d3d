import { expect, test } from 'vitest'
import { javaRegex, javaReplacer } from '#plugin'

const whole = (pattern: string, text: string) => javaRegex(pattern, { whole: true }).test(text)

test.each([
  // pattern, what it must match, what it must not
  ['a|b', 'b', 'ab'],
  ['inventory\\.(customers|orders)', 'inventory.orders', 'inventoryxorders'],
  ['[a-z&&[^aeiou]]+', 'xyz', 'xaz'],
  ['[a-d[m-p]]+', 'ap', 'e'],
  ['[]a]', ']', 'b'],
  ['[\\w.-]+', 'a_b.c-d', 'a b'],
  ['(?i)abc', 'ABC', 'ABD'],
  ['a(?i)b|c', 'C', 'A'],
  ['a(?i:b)c', 'aBc', 'aBC'],
  ['\\Qa.b*\\E+', 'a.b**', 'axb'],
  ['\\p{Alpha}\\p{Digit}+', 'x12', 'é12'],
  ['\\p{L}+', 'é', '1'],
  ['\\p{IsGreek}', 'α', 'a'],
  ['\\pL', 'a', '1'],
  ['\\x41\\u0042\\0103', 'ABC', 'abc'],
  ['(?<y>\\d{4})-\\k<y>', '2024-2024', '2024-2025'],
  ['(a)\\1', 'aa', 'a1'],
  ['(?x) a b # comment', 'ab', 'a b'],
  ['a\\-b\\_c', 'a-b_c', 'ab_c'],
  ['x{2,3}?', 'xx', 'x'],
  ['(?!x)y', 'y', 'x'],
  ['.', 'x', '\u0085'],
  ['(?s).', '\n', ''],
  ['a}b]', 'a}b]', 'ab'],
])('%s', (pattern, match, other) => {
  expect(whole(pattern, match)).toBe(true)
  expect(whole(pattern, other)).toBe(false)
})

test('an end of line counts as the end', () => {
  expect(javaRegex('a$').test('a\n')).toBe(true)
  expect(javaRegex('a\\z').test('a\n')).toBe(false)
  expect(javaRegex('(?m)^b$').test('a\nb\nc')).toBe(true)
})

test.each([
  ['(', 'Unclosed group near index 1\n('],
  ['a)', "Unmatched closing ')' near index 0\na)\n^"],
  ['*a', "Dangling meta character '*' near index 0\n*a\n^"],
  ['[a', 'Unclosed character class near index 1\n[a\n ^'],
  ['{', 'Illegal repetition\n{'],
  ['\\y', 'Illegal/unsupported escape sequence near index 1\n\\y\n ^'],
  ['[b-a]', 'Illegal character range near index 3\n[b-a]\n   ^'],
])('%s is refused as Java refuses it', (pattern, message) => {
  expect(() => javaRegex(pattern)).toThrow(expect.objectContaining({ message }))
})

test.each(['a++', '(?>a)', '(?U)a', '\\Ga', '\\X', '(a', '\\p{Nope}', 'a{3,2}', '(?<1a>b)'])(
  '%s is refused, not misread',
  (pattern) => {
    expect(() => javaRegex(pattern)).toThrow(SyntaxError)
  },
)

test('replaceFirst with groups', () => {
  expect(javaReplacer('(.*)-(.*)', '$2.$1')('a-b')).toBe('b.a')
  expect(javaReplacer('(?<t>.*)', `x-\${t}`)('a')).toBe('x-a')
  expect(javaReplacer('(a)', '$12')('a')).toBe('a2')
  expect(javaReplacer('a', '\\$1\\\\')('a')).toBe('$1\\')
  expect(javaReplacer('(x)?a', '[$1]')('a')).toBe('[]')
  expect(javaReplacer('b', 'c')('abb')).toBe('acb')
})

test('a replacement that names no group is refused', () => {
  expect(() => javaReplacer('a', '$1')).toThrow('No group 1')
  expect(() => javaReplacer('a', `\${x}`)).toThrow('No group with name {x}')
  expect(() => javaReplacer('a', '$')).toThrow('Illegal group reference')
  expect(() => javaReplacer('a', '\\')).toThrow('character to be escaped is missing')
})
