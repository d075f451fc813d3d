import { expect, test } from 'vitest'
import { locationPath, queryFlag, queryValues, readTarget } from '../../../src/rest/target.ts'

test('path and query are parted; parameters behind a semicolon and fragments go', () => {
  expect(readTarget('/a;x=1/b;y?q=1;2#f')).toEqual({ path: '/a/b', query: 'q=1;2' })
  expect(readTarget('/connectors/../status')).toEqual({ path: '/connectors/../status', query: '' })
  expect(readTarget('/a%20b%3B%C3%BC/')).toEqual({ path: '/a%20b%3B%C3%BC/', query: '' })
})

test('each doubtful path is refused with its reason', () => {
  const problem = (raw: string) => (readTarget(raw) as { problem?: string }).problem
  expect(problem('*')).toMatch(/must begin with a slash/)
  expect(problem('/a//b')).toMatch(/empty segment/)
  expect(problem('/a b')).toMatch(/U\+0020/)
  expect(problem('/ü')).toMatch(/U\+00FC/)
  expect(problem('/a%2')).toMatch(/two hexadecimal digits/)
  expect(problem('/a%u0041')).toMatch(/two hexadecimal digits/)
  for (const raw of ['/a%2fb', '/a%5Cb', '/a%2520b']) expect(problem(raw)).toMatch(/encoded slash/)
  for (const raw of ['/%00', '/%0a', '/%7F']) expect(problem(raw)).toMatch(/control character/)
  for (const raw of ['/%2e', '/a/%2E%2e/b', '/a/.%2e', '/./%2e']) expect(problem(raw)).toMatch(/encoded dot/)
  expect(problem('/a%2e%2e')).toBeUndefined()
  expect(problem('/%FF')).toMatch(/not UTF-8/)
})

test('a query may repeat a key; a flag is true only as true', () => {
  expect(queryValues('expand=a&expand&x=%zz', 'expand')).toEqual(['a', ''])
  for (const [query, value] of [
    ['f=TRUE', true],
    ['f=1', false],
    ['f=', true],
    ['', true],
    ['f=false&f=true', false],
  ] as const)
    expect(queryFlag(query, 'f', true), query).toBe(value)
})

test('a location leaves alone what a path may hold', () => {
  expect(locationPath("rt:c,@!$&()*=~+;'")).toBe("/connectors/rt:c,@!$&()*=~+;'")
  expect(locationPath('a b?#"<>|^`[]\\%{}😀')).toBe(
    '/connectors/a%20b%3F%23%22%3C%3E%7C%5E%60%5B%5D%5C%25%7B%7D%F0%9F%98%80',
  )
})
