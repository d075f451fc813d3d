import { expect, test } from 'vitest'
import { checkParameters, parseJdbcUrl } from '#sql'

const short = (url: string) => {
  const { engine, addresses, database, user, password, parameters } = parseJdbcUrl(url)
  const places = addresses.map(({ host, port }) => `${host}|${port}`).join(' ')
  return [engine, places, database, user, password, Object.fromEntries(parameters)]
}

test.each([
  [
    'jdbc:postgresql://db.example:5433/shop?user=u&password=p%26w',
    ['postgres', 'db.example|5433', 'shop', null, null, { user: 'u', password: 'p&w' }],
  ],
  ['jdbc:postgresql://a,b:6000/x', ['postgres', 'a|5432 b|6000', 'x', null, null, {}]],
  ['jdbc:postgresql://[::1]:5433/x%20y', ['postgres', '::1|5433', 'x y', null, null, {}]],
  ['jdbc:postgresql:shop', ['postgres', 'localhost|5432', 'shop', null, null, {}]],
  ['jdbc:postgresql:///shop', ['postgres', 'localhost|5432', 'shop', null, null, {}]],
  ['jdbc:postgresql://h/', ['postgres', 'h|5432', null, null, null, {}]],
  ['jdbc:mysql://h/db?useSSL=false', ['mysql', 'h|3306', 'db', null, null, { useSSL: 'false' }]],
  ['jdbc:mysql://me:p%40ss@h:3307,i/db', ['mysql', 'h|3307 i|3306', 'db', 'me', 'p@ss', {}]],
  ['jdbc:mariadb://h', ['mariadb', 'h|3306', null, null, null, {}]],
  ['jdbc:mysql://[fe80::1]:3307/db', ['mysql', 'fe80::1|3307', 'db', null, null, {}]],
  ['jdbc:sqlite:/tmp/a b.db', ['sqlite', '', '/tmp/a b.db', null, null, {}]],
  ['jdbc:sqlite::memory:', ['sqlite', '', ':memory:', null, null, {}]],
  ['jdbc:sqlite:file:x.db?mode=ro', ['sqlite', '', 'x.db', null, null, { mode: 'ro' }]],
])('%s', (url, expected) => {
  expect(short(url)).toEqual(expected)
})

test.each([
  ['postgresql://secret@h/db', /no JDBC URL/],
  ['jdbc:oracle:thin:secret@h', /'oracle'/],
  ['jdbc:postgresql://secret-host', /no \/ after its host/],
  ['jdbc:postgresql://h:secret/db', /host:port/],
  ['jdbc:postgresql://h:99999/db', /host:port/],
  ['jdbc:mysql:loadbalance://secret/db', /'loadbalance:' form/],
  ['jdbc:mysql://address=(host=secret)(port=1)/db', /address=/],
  ['jdbc:mysql://u:%secret@h/db', /percent-encoding/],
])('%s is refused without being repeated', (url, message) => {
  let thrown = ''
  try {
    parseJdbcUrl(url)
  } catch (error) {
    thrown = (error as Error).message
  }
  expect(thrown).toMatch(message)
  expect(thrown).not.toContain('secret')
})

test('unknown parameters are named, and those that change what is written or trusted are refused', () => {
  expect(
    checkParameters(parseJdbcUrl('jdbc:postgresql://h/d?sslmode=require&nonsense=1&stringtype=unspecified')),
  ).toEqual(['nonsense'])
  expect(checkParameters(parseJdbcUrl('jdbc:mysql://h/d?rewriteBatchedStatements=true&oops=2'))).toEqual([
    'oops',
  ])
  expect(() => checkParameters(parseJdbcUrl('jdbc:mysql://h/d?trustCertificateKeyStoreUrl=file:x'))).toThrow(
    /serverSslCert/,
  )
  expect(() => checkParameters(parseJdbcUrl('jdbc:postgresql://h/d?channelBinding=require'))).toThrow(
    /channelBinding/,
  )
})
