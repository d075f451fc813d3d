import { expect, test } from 'vitest'
import { parseIdentityRules } from '../../../../connectors/postgres-cdc/replica-identity.ts'

test('rules name tables and identities, in any case', () => {
  const rules = parseIdentityRules('public.(a|b):full, s.t:INDEX my idx,s.d:DEFAULT')
  expect(rules.map(({ identity, index }) => [identity, index])).toEqual([
    ['FULL', null],
    ['INDEX', 'my idx'],
    ['DEFAULT', null],
  ])
  expect(rules[0]?.table.test('public.b')).toBe(true)
  expect(parseIdentityRules(null)).toEqual([])
})

test('what is no rule is refused by name', () => {
  for (const wrong of ['public.a', 'public.a:EVERYTHING', 'public.a:INDEX'])
    expect(() => parseIdentityRules(wrong)).toThrow(/replica\.identity\.autoset\.values/)
})
