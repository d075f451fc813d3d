import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createResolver, parseProperties } from '#plugin'

let dir: string
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'rowtap-providers-'))
  mkdirSync(join(dir, 'open'))
  mkdirSync(join(dir, 'closed'))
  writeFileSync(join(dir, 'open', 'db.properties'), 'user = cdc\npassword: p\\u0041ss\\=word\n')
  writeFileSync(join(dir, 'open', 'token'), 'abc\n')
  writeFileSync(join(dir, 'closed', 'db.properties'), 'user=root\n')
  symlinkSync(join(dir, 'closed', 'db.properties'), join(dir, 'open', 'link.properties'))
})
afterAll(() => rmSync(dir, { recursive: true }))

function resolver() {
  return createResolver({
    'config.providers': 'file, dir,env',
    'config.providers.file.class': 'org.apache.kafka.common.config.provider.FileConfigProvider',
    'config.providers.file.param.allowed.paths': join(dir, 'open'),
    'config.providers.dir.class': 'DirectoryConfigProvider',
    'config.providers.dir.param.allowed.paths': join(dir, 'open'),
    'config.providers.env.class': 'EnvVar',
    'config.providers.env.param.allowlist.pattern': 'ROWTAP_TEST_.*',
  })
}
const resolved = (text: string) => resolver().resolve({ key: text })['key']

test('references are replaced wherever they stand', () => {
  expect(resolved(`\${file:${dir}/open/db.properties:user}`)).toBe('cdc')
  expect(resolved(`a\${file:${dir}/open/db.properties:password}b`)).toBe('apAss=wordb')
  expect(resolved(`\${dir:${dir}/open:token}`)).toBe('abc\n')
})

test('environment variables that the pattern allows', () => {
  process.env['ROWTAP_TEST_PROVIDER'] = 'x'
  process.env['OTHER_TEST_PROVIDER'] = 'y'
  expect(resolved(`\${env:ROWTAP_TEST_PROVIDER}/\${env:OTHER_TEST_PROVIDER}`)).toBe(
    `x/\${env:OTHER_TEST_PROVIDER}`,
  )
  delete process.env['ROWTAP_TEST_PROVIDER']
  delete process.env['OTHER_TEST_PROVIDER']
})

test('what is not known or not allowed stays as it is', () => {
  for (const text of [
    `\${nope:a:b}`,
    `\${file:${dir}/open/db.properties:none}`,
    `\${file:${dir}/closed/db.properties:user}`,
    `\${file:${dir}/open/../closed/db.properties:user}`,
    `\${file:${dir}/open/link.properties:user}`,
    `\${dir:${dir}/open:../closed/db.properties}`,
    `\${topic}-\${timestamp}`,
  ])
    expect(resolved(text)).toBe(text)
})

test('an unreadable file is an error that names it', () => {
  expect(() => resolved(`\${file:${dir}/open/none.properties:a}`)).toThrow(
    `Could not read properties from file ${dir}/open/none.properties`,
  )
})

test('a provider that reads files has to be confined', () => {
  expect(() =>
    createResolver({ 'config.providers': 'f', 'config.providers.f.class': 'FileConfigProvider' }),
  ).toThrow('config.providers.f.param.allowed.paths does not say where')
  expect(() => createResolver({ 'config.providers': 'f' })).toThrow('config.providers.f.class')
  expect(() =>
    createResolver({ 'config.providers': 'f', 'config.providers.f.class': 'VaultProvider' }),
  ).toThrow('Class VaultProvider could not be found.')
})

test('no providers: nothing changes, not even the object', () => {
  const raw = { a: `\${file:/etc/passwd:root}` }
  expect(createResolver({}).resolve(raw)).toBe(raw)
})

test('properties files', () => {
  const text = [
    '# comment',
    '! another',
    '',
    'a=1',
    'b : 2',
    'c 3',
    'd',
    'long=one,\\',
    '   two',
    'tab\\ key=\\t\\u00e9\\q',
    'path=C:\\\\x\\\\',
    '  e  =  f  ',
  ].join('\n')
  expect(parseProperties(text)).toEqual({
    a: '1',
    b: '2',
    c: '3',
    d: '',
    long: 'one,two',
    'tab key': '\té' + 'q',
    path: 'C:\\x\\',
    e: 'f  ',
  })
})
