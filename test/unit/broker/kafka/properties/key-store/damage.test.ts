/** Stores with broken bytes: an error of ours, and never anything else. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { readJks } from '../../../../../../src/broker/kafka/properties/key-store/jks.ts'
import { readPkcs12 } from '../../../../../../src/broker/kafka/properties/key-store/pkcs12.ts'
import { StoreUnreadable } from '../../../../../../src/broker/kafka/properties/key-store/store.ts'

const stores = 'test/golden/kafka/stores'
const readers = {
  'client-keytool.p12': (bytes: Buffer) => readPkcs12(bytes, 'store-secret'),
  'client-openssl.p12': (bytes: Buffer) => readPkcs12(bytes, 'store-secret'),
  'client.jks': (bytes: Buffer) => readJks(bytes, null, 'key-secret'),
  'trust.jks': (bytes: Buffer) => readJks(bytes, null, null),
}

test.each(Object.entries(readers))('%s, cut off anywhere', (name, read) => {
  const bytes = readFileSync(`${stores}/${name}`)
  for (let length = 0; length < bytes.length; length += 7)
    expect(() => read(bytes.subarray(0, length))).toThrow(StoreUnreadable)
})

test.each(Object.entries(readers))('%s, with bytes of its frame turned round', (name, read) => {
  const bytes = readFileSync(`${stores}/${name}`)
  let refused = 0
  // Beyond it stands what is encrypted, or certificates.
  for (let at = 0; at < 200; at += 3) {
    const damaged = Buffer.from(bytes)
    damaged[at] = (damaged[at] ?? 0) ^ 0xff
    try {
      read(damaged)
    } catch (error) {
      expect(error).toBeInstanceOf(StoreUnreadable)
      refused++
    }
  }
  expect(refused).toBeGreaterThan(10)
})
