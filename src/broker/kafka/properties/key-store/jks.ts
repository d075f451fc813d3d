/**
 * JKS, Java's own format of stores until version 9; big endian, texts as in Java's DataOutput.
 *
 *   store   := 0xFEEDFEED | version int32 (2) | count int32 | [entry] | SHA-1 over password and all before
 *   entry   := 1 int32 | alias | date int64 | bytes (EncryptedPrivateKeyInfo) | [certificate]   a private key
 *            | 2 int32 | alias | date int64 | certificate                                       to be trusted
 *   certificate := type | bytes
 *   protected key := salt (20) | key xor the SHA-1 chain of password and salt | SHA-1 over password and key
 */
import { createHash, type X509Certificate } from 'node:crypto'
import { inside, octets, oid, readDer } from './der.ts'
import { certificateOf, privateKeyOf, type StoreContents, type StoredKey, StoreUnreadable } from './store.ts'

export const jksMagic = 0xfeedfeed
const sha1Size = 20
const whitener = 'Mighty Aphrodite'
const keyProtector = '1.3.6.1.4.1.42.2.17.1.1'

/** Without a password, a store's own digest is not checked; its keys cannot be read. */
export function readJks(bytes: Buffer, password: string | null, keyPassword: string | null): StoreContents {
  const body = bytes.subarray(0, -sha1Size)
  if (
    password !== null &&
    !sha1(utf16(password), Buffer.from(whitener), body).equals(bytes.subarray(-sha1Size))
  )
    throw new StoreUnreadable('its password is another, or its bytes are damaged')
  const reader = new StoreReader(body.subarray(8))
  const [keys, trusted]: [StoredKey[], X509Certificate[]] = [[], []]
  for (let left = reader.int32(); left > 0; left--) {
    const kind = reader.int32()
    reader.text()
    reader.take(8)
    if (kind === 2) trusted.push(reader.certificate())
    else if (kind === 1) keys.push(storedKey(reader, keyPassword))
    else throw new StoreUnreadable(`it holds an entry of the unknown kind ${kind}`)
  }
  return { keys, trusted }
}

function storedKey(reader: StoreReader, password: string | null): StoredKey {
  const info = reader.bytes()
  const chain = Array.from({ length: reader.int32() }, () => reader.certificate())
  if (password === null) throw new StoreUnreadable('its private key needs a password')
  const [algorithm, data] = inside(readDer(info)[0])
  if (oid(inside(algorithm)[0]) !== keyProtector)
    throw new StoreUnreadable('its private key is encrypted in a way that is not known')
  return { key: privateKeyOf(recovered(octets(data), utf16(password)), null), chain }
}

function recovered(data: Buffer, password: Buffer): Buffer {
  const key = Buffer.from(data.subarray(sha1Size, -sha1Size))
  let link = data.subarray(0, sha1Size)
  for (let i = 0; i < key.length; i++) {
    if (i % sha1Size === 0) link = sha1(password, link)
    key[i] = (key[i] ?? 0) ^ (link[i % sha1Size] ?? 0)
  }
  if (!sha1(password, key).equals(data.subarray(-sha1Size)))
    throw new StoreUnreadable('the password of its private key is another')
  return key
}

function sha1(...parts: readonly Buffer[]): Buffer {
  const hash = createHash('sha1')
  for (const part of parts) hash.update(part)
  return hash.digest()
}

function utf16(text: string): Buffer {
  return Buffer.from(text, 'utf16le').swap16()
}

class StoreReader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  take(size: number): Buffer {
    const from = this.#at
    if (size < 0 || from + size > this.#bytes.length) throw new StoreUnreadable('it ends too early')
    this.#at += size
    return this.#bytes.subarray(from, this.#at)
  }

  int32(): number {
    return this.take(4).readInt32BE(0)
  }

  text(): string {
    return this.take(this.take(2).readUInt16BE(0)).toString('utf8')
  }

  bytes(): Buffer {
    return this.take(this.int32())
  }

  certificate(): X509Certificate {
    this.text()
    return certificateOf(this.bytes())
  }
}
