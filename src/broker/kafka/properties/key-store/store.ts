/** What a key store or a trust store holds, whichever format it has. */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'

export interface StoreContents {
  readonly keys: readonly StoredKey[]
  /** Certificates that the store says to trust. */
  readonly trusted: readonly X509Certificate[]
}

export interface StoredKey {
  readonly key: KeyObject
  /** The key's own certificate first, then those that signed it. */
  readonly chain: readonly X509Certificate[]
}

/** A store that cannot be read: `why` goes into the error that names the property. */
export class StoreUnreadable extends Error {
  readonly remedy: string | undefined

  constructor(why: string, remedy?: string) {
    super(why)
    this.remedy = remedy
  }
}

/** A private key in PKCS#8; the cause, which may cite it, stays behind. */
export function privateKeyOf(der: Buffer, passphrase: string | null): KeyObject {
  try {
    return createPrivateKey({
      key: der,
      format: 'der',
      type: 'pkcs8',
      ...(passphrase === null ? {} : { passphrase }),
    })
  } catch {
    throw new StoreUnreadable('its private key cannot be read with that password')
  }
}

export function certificateOf(bytes: Buffer | string): X509Certificate {
  try {
    return new X509Certificate(bytes)
  } catch {
    throw new StoreUnreadable('it holds a certificate that is damaged, or no X.509 certificate')
  }
}

/** The certificate of that key, then the one that signed it, and so on, as far as they are among these. */
export function chainOf(
  key: KeyObject,
  certificates: readonly X509Certificate[],
): readonly X509Certificate[] {
  const chain: X509Certificate[] = []
  let next = certificates.find((each) => each.checkPrivateKey(key))
  while (next !== undefined && !chain.includes(next)) {
    const last = next
    chain.push(last)
    next = certificates.find((each) => each !== last && last.checkIssued(each))
  }
  if (chain.length === 0) throw new StoreUnreadable('it holds no certificate for its private key')
  return chain
}
