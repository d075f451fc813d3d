import { expect, test } from 'vitest'
import { parseJaas } from '../../../../../src/broker/kafka/properties/jaas.ts'

test.each([
  ['a.B required username="u" password="p";', { username: 'u', password: 'p' }],
  ["a.B required username='u' password='it''s';", null],
  ['a.B required username=u password=p ;', { username: 'u', password: 'p' }],
  [
    'a.B required\n  username = "u"\n  password="a=b; c \\"d\\" \\\\";\n',
    { username: 'u', password: 'a=b; c "d" \\' },
  ],
  ["a.B REQUIRED password='\"';", { password: '"' }],
  ['a.B required;', {}],
  ['a.B optional debug=true;', { debug: 'true' }],
  ['', null],
  ['a.B;', null],
  ['a.B mandatory x=1;', null],
  ['a.B required username="u"', null],
  ['a.B required username="u;', null],
  ['a.B required username;', null],
  ['a.B required; c.D required;', null],
  ['a.B required = ;', null],
])('%s', (text, options) => {
  if (options === null) expect(() => parseJaas(text)).toThrow(/\[hidden\].*sasl\.jaas\.config/)
  else {
    const line = parseJaas(text)
    expect(line.module).toBe('a.B')
    expect(Object.fromEntries(line.options)).toEqual(options)
  }
})
