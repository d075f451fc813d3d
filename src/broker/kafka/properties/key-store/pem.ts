/**
 * PEM as Kafka's clients take it, in a file or in the property itself: blocks of certificates and one private key, in
 * any order, with text between them, their base64 in one line or many.
 */
import { createPrivateKey, type KeyObject, type X509Certificate } from 'node:crypto'
import { certificateOf, chainOf, type StoredKey, StoreUnreadable } from './store.ts'

const blocks = /-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\s]+)-----END \1-----/g

interface Block {
  readonly label: string
  readonly base64: string
}

export function pemCertificates(text: string): readonly X509Certificate[] {
  const found = blocksOf(text).filter(({ label }) => label === 'CERTIFICATE')
  if (found.length === 0) throw new StoreUnreadable('it holds no certificate in PEM')
  return found.map(({ base64 }) => certificateOf(Buffer.from(base64, 'base64')))
}

export function pemKey(keyText: string, chainText: string, password: string | null): StoredKey {
  const key = privateKey(keyText, password)
  return { key, chain: chainOf(key, pemCertificates(chainText)) }
}

function privateKey(text: string, password: string | null): KeyObject {
  const block = blocksOf(text).find(({ label }) => label.endsWith('PRIVATE KEY'))
  if (block === undefined) throw new StoreUnreadable('it holds no private key in PEM')
  const encrypted = block.label.startsWith('ENCRYPTED')
  if (encrypted && password === null)
    throw new StoreUnreadable('its private key is encrypted', 'Set ssl.key.password.')
  const lines = (block.base64.match(/.{1,64}/g) ?? []).join('\n')
  try {
    return createPrivateKey({
      key: `-----BEGIN ${block.label}-----\n${lines}\n-----END ${block.label}-----\n`,
      format: 'pem',
      ...(encrypted ? { passphrase: password ?? '' } : {}),
    })
  } catch {
    throw new StoreUnreadable(
      encrypted ? 'the password of its private key is another' : 'its private key is damaged',
    )
  }
}

function blocksOf(text: string): Block[] {
  return [...text.matchAll(blocks)].map(([, label = '', base64 = '']) => ({
    label,
    base64: base64.replace(/\s/g, ''),
  }))
}
