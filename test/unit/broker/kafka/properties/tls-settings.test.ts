import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import { expect, test } from 'vitest'
import type { TlsOptions } from '../../../../../src/broker/kafka/connection-options.ts'
import { adminSettings } from '../../../../../src/broker/kafka/properties/admin-settings.ts'

const stores = 'test/golden/kafka/stores'
const file = (name: string): string => readFileSync(`${stores}/${name}`, 'utf8')
const password = 'store-secret'
const pem = (text: string): string => text.replace(/\s/g, '')

function tls(properties: Record<string, string>): TlsOptions {
  const settings = adminSettings(
    { 'bootstrap.servers': 'b:1', 'security.protocol': 'SSL', ...properties },
    '',
  )
  if (settings.tls === null) throw new Error('no TLS')
  createSecureContext(settings.tls)
  return settings.tls
}

const trust = (type: string, name: string, secret: string | null = password) => ({
  'ssl.truststore.type': type,
  'ssl.truststore.location': `${stores}/${name}`,
  ...(secret === null ? {} : { 'ssl.truststore.password': secret }),
})
const own = (type: string, name: string, secret: string | null, key: string | null = null) => ({
  'ssl.keystore.type': type,
  'ssl.keystore.location': `${stores}/${name}`,
  ...(secret === null ? {} : { 'ssl.keystore.password': secret }),
  ...(key === null ? {} : { 'ssl.key.password': key }),
})

test.each([
  ['PEM file', trust('PEM', 'ca.crt', null)],
  ['PEM in the property', { 'ssl.truststore.type': 'PEM', 'ssl.truststore.certificates': file('ca.crt') }],
  [
    'PEM in one line',
    { 'ssl.truststore.type': 'PEM', 'ssl.truststore.certificates': file('ca.crt').replaceAll('\n', ' ') },
  ],
  ['PKCS12 of keytool', trust('PKCS12', 'trust-keytool.p12')],
  ['PKCS12 of OpenSSL', trust('pkcs12', 'trust-openssl.p12')],
  ['PKCS12 without a type', { ...trust('', 'trust-keytool.p12'), 'ssl.truststore.type': 'JKS' }],
  ['JKS', trust('JKS', 'trust.jks')],
  ['JKS without a password', trust('JKS', 'trust.jks', null)],
])('a trust store: %s', (_, properties) => {
  expect(pem(tls(properties).ca ?? '')).toBe(pem(file('ca.crt')))
})

test.each([
  ['PKCS12 of keytool', own('PKCS12', 'client-keytool.p12', password), true],
  ['PKCS12 of OpenSSL', own('PKCS12', 'client-openssl.p12', password), true],
  ['JKS', own('JKS', 'client.jks', password, 'key-secret'), true],
  [
    'PEM in properties',
    {
      'ssl.keystore.type': 'PEM',
      'ssl.keystore.key': file('client.key'),
      'ssl.keystore.certificate.chain': file('client.crt') + file('ca.crt'),
    },
    true,
  ],
  [
    'PEM with an encrypted key',
    {
      'ssl.keystore.type': 'PEM',
      'ssl.keystore.key': file('client-encrypted.key').replaceAll('\n', ' '),
      'ssl.keystore.certificate.chain': file('client.crt'),
      'ssl.key.password': password,
    },
    false,
  ],
])('a key store: %s', (_, properties, chained) => {
  const { cert, key } = tls(properties)
  expect(pem(cert ?? '')).toBe(pem(file('client.crt') + (chained ? file('ca.crt') : '')))
  expect(pem(key ?? '')).toBe(pem(file('client.key')))
})

test.each([
  [trust('PKCS12', 'trust-keytool.p12', 'wrong'), 'ssl.truststore.location: its password is another.'],
  [trust('PKCS12', 'trust-keytool.p12', null), 'it needs a password. Set ssl.truststore.password.'],
  [trust('JKS', 'trust.jks', 'wrong'), 'its password is another, or its bytes are damaged.'],
  [trust('JKS', 'nowhere.jks'), 'ENOENT'],
  [trust('JKS', 'ca.crt'), 'it is neither JKS nor PKCS12. A file in PEM needs ssl.truststore.type=PEM.'],
  [trust('PEM', 'trust.jks', null), 'it holds no certificate in PEM.'],
  [trust('BCFKS', 'trust.jks'), 'only JKS, PKCS12, PEM can be read. Convert it: keytool -importkeystore'],
  [trust('PKCS12', 'client-keytool.p12'), 'it trusts no certificate.'],
  [own('PKCS12', 'client-rc2.p12', password), 'Convert it with a current Java: keytool -importkeystore'],
  [own('PKCS12', 'trust-keytool.p12', password), 'it holds no private key.'],
  [own('JKS', 'client.jks', password, 'wrong'), 'the password of its private key is another.'],
  [own('PEM', 'client-encrypted.key', null), 'its private key is encrypted. Set ssl.key.password.'],
  [own('PEM', 'client-encrypted.key', null, 'wrong'), 'the password of its private key is another.'],
  [
    { 'ssl.keystore.key': file('client.key') },
    'ssl.keystore.key is text in PEM, but ssl.keystore.type is JKS.',
  ],
  [
    { 'ssl.keystore.type': 'PEM', 'ssl.keystore.key': file('client.key') },
    'ssl.keystore.key and ssl.keystore.certificate.chain are given together or not at all.',
  ],
  [
    { ...trust('PEM', 'ca.crt', null), 'ssl.truststore.certificates': file('ca.crt') },
    'Both ssl.truststore.location and ssl.truststore.certificates are given',
  ],
])('%# is refused by name, and no secret is told', (properties, why) => {
  let message = ''
  try {
    tls(properties)
  } catch (error) {
    message = String(error)
  }
  expect(message).toContain(why)
  expect(message).not.toMatch(/store-secret|key-secret|wrong|BEGIN/)
})

test('hosts are checked unless the algorithm is empty', () => {
  expect(tls({}).checkHostname).toBe(true)
  expect(tls({ 'ssl.endpoint.identification.algorithm': 'HTTPS' }).checkHostname).toBe(true)
  expect(tls({ 'ssl.endpoint.identification.algorithm': '' }).checkHostname).toBe(false)
  expect(() => tls({ 'ssl.endpoint.identification.algorithm': 'ldaps' })).toThrow(/https or empty/)
})

test('protocols', () => {
  expect(tls({ 'ssl.enabled.protocols': 'TLSv1.2' })).toMatchObject({
    minVersion: 'TLSv1.2',
    maxVersion: 'TLSv1.2',
  })
  expect(tls({ 'ssl.enabled.protocols': 'TLSv1.3,TLSv1.2' })).toMatchObject({
    minVersion: 'TLSv1.2',
    maxVersion: 'TLSv1.3',
  })
  expect(() => tls({ 'ssl.enabled.protocols': 'TLSv1.1,TLSv1.2' })).toThrow(
    /TLSv1\.1.*ssl\.enabled\.protocols/,
  )
})

test.each([
  ['TLS_AES_256_GCM_SHA384', 'TLS_AES_256_GCM_SHA384'],
  ['TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256', 'ECDHE-RSA-AES128-GCM-SHA256'],
  ['TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256', 'ECDHE-ECDSA-CHACHA20-POLY1305'],
  ['TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384', 'ECDHE-RSA-AES256-SHA384'],
  ['TLS_DHE_RSA_WITH_AES_256_GCM_SHA384', 'DHE-RSA-AES256-GCM-SHA384'],
  ['TLS_RSA_WITH_AES_128_CBC_SHA', 'AES128-SHA'],
])('%s is %s', (java, openssl) => {
  expect(tls({ 'ssl.cipher.suites': java }).ciphers).toBe(openssl)
})

test('a suite that OpenSSL has not is refused by name', () => {
  expect(() => tls({ 'ssl.cipher.suites': 'TLS_KRB5_WITH_RC4_128_SHA' })).toThrow(
    /TLS_KRB5_WITH_RC4_128_SHA.*ssl\.cipher\.suites/,
  )
})
