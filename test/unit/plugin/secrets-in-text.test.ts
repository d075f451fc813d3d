import { string, validateConfig } from '#plugin'
import { expect, test } from 'vitest'
import { withoutSecrets } from '../../../src/plugin/secrets-in-text.ts'

test.each([
  ['jdbc:postgresql://u:hunter2@h:5432/db', 'jdbc:postgresql://u:[hidden]@h:5432/db'],
  ['jdbc:mysql://h/db?user=u&password=hunter2&x=1', 'jdbc:mysql://h/db?user=u&password=[hidden]&x=1'],
  ['jdbc:sqlserver://h;user=u;Password=hunter2;x=1', 'jdbc:sqlserver://h;user=u;Password=[hidden];x=1'],
  [
    'jdbc:mysql://address=(host=h)(password=hunter2)/db',
    'jdbc:mysql://address=(host=h)(password=[hidden])/db',
  ],
  ['https://u:p@ss:hunter2@h/?api_token=hunter2', 'https://u:[hidden]@h/?api_token=[hidden]'],
  ['jdbc:postgresql://h/db?sslpassword=hunter2', 'jdbc:postgresql://h/db?sslpassword=[hidden]'],
  ['jdbc:postgresql://h:5432/db?user=u', 'jdbc:postgresql://h:5432/db?user=u'],
  ['a plain text: password=stays', 'a plain text: password=stays'],
])('%s', (text, shown) => {
  expect(withoutSecrets(text)).toBe(shown)
})

test('neither the value nor the error of a validation shows a password in an address', () => {
  const fields = { url: string({ doc: '', validate: () => 'no such host' }) }
  const [value] = validateConfig(fields, { url: 'jdbc:postgresql://u:hunter2@h/db' })
  expect(JSON.stringify(value)).not.toContain('hunter2')
  expect(value?.errors).toEqual([
    'Invalid value jdbc:postgresql://u:[hidden]@h/db for configuration url: no such host',
  ])
})
