/**
 * PKCS#12 (RFC 7292), as Java, OpenSSL and keytool write it today: certificates and keys under PBES2.
 *
 *   PFX      := { version | ContentInfo of [ContentInfo of [SafeBag]] | MAC }
 *   SafeBag  := { kind | [0] value | attributes }
 *
 * The MAC is not checked: the file is the user's own, and a wrong password shows by its content.
 */
import { createDecipheriv, type KeyObject, pbkdf2Sync, type X509Certificate } from 'node:crypto'
import { type DerValue, derTag, inside, integer, octets, oid, readDer } from './der.ts'
import { certificateOf, chainOf, privateKeyOf, type StoreContents, StoreUnreadable } from './store.ts'

const pkcs = '1.2.840.113549.1'
const kinds = {
  data: `${pkcs}.7.1`,
  encrypted: `${pkcs}.7.6`,
  key: `${pkcs}.12.10.1.1`,
  shroudedKey: `${pkcs}.12.10.1.2`,
  certificate: `${pkcs}.12.10.1.3`,
  x509: `${pkcs}.9.22.1`,
  pbes2: `${pkcs}.5.13`,
  pbkdf2: `${pkcs}.5.12`,
}
/** Java marks with it what a trust store trusts. */
const trustedKeyUsage = '2.16.840.1.113894.746875.1.1'

const digests: Readonly<Record<string, string>> = {
  '1.2.840.113549.2.7': 'sha1',
  '1.2.840.113549.2.9': 'sha256',
  '1.2.840.113549.2.10': 'sha384',
  '1.2.840.113549.2.11': 'sha512',
}
const ciphers: Readonly<Record<string, { readonly name: string; readonly keySize: number }>> = {
  '2.16.840.1.101.3.4.1.2': { name: 'aes-128-cbc', keySize: 16 },
  '2.16.840.1.101.3.4.1.22': { name: 'aes-192-cbc', keySize: 24 },
  '2.16.840.1.101.3.4.1.42': { name: 'aes-256-cbc', keySize: 32 },
}

/** Java takes no more either: damage must not become an hour of computing. */
const mostRounds = 5_000_000

interface Bag {
  readonly kind: string
  readonly value: DerValue
  readonly attributes: readonly string[]
}

export function readPkcs12(bytes: Buffer, password: string): StoreContents {
  const [, content] = inside(readDer(bytes)[0])
  const parts = inside(readDer(dataOf(content, password))[0])
  const bags = parts.flatMap((part) => bagsOf(dataOf(part, password)))
  const keys = bags.flatMap((bag) => keyOf(bag, password))
  const certificates = bags.filter(({ kind }) => kind === kinds.certificate)
  const all = certificates.map(certificateIn)
  const marked = all.filter((_, i) => certificates[i]?.attributes.includes(trustedKeyUsage))
  return {
    keys: keys.map((key) => ({ key, chain: chainOf(key, all) })),
    // OpenSSL marks none: what stands without any key can only be there to be trusted.
    trusted: marked.length > 0 || keys.length > 0 ? marked : all,
  }
}

/** What a ContentInfo holds, decrypted where it must be. */
function dataOf(info: DerValue | undefined, password: string): Buffer {
  const [kind, content] = inside(info)
  if (oid(kind) === kinds.data) return octets(inside(content)[0])
  if (oid(kind) !== kinds.encrypted) throw new StoreUnreadable(`it uses ${oid(kind)}, which is not known`)
  const [, encrypted] = inside(inside(content)[0])
  const [, algorithm, bytes] = inside(encrypted)
  if (bytes === undefined) throw new StoreUnreadable('it has an encrypted part without content')
  return decrypted(bytes.content, inside(algorithm), password)
}

function decrypted(bytes: Buffer, [name, parameters]: readonly DerValue[], password: string): Buffer {
  if (oid(name) !== kinds.pbes2)
    throw new StoreUnreadable(
      'it is encrypted as before 2021, with RC2 or triple DES',
      'Convert it with a current Java: keytool -importkeystore -srckeystore OLD -destkeystore NEW -deststoretype PKCS12.',
    )
  const [derivation, encryption] = inside(parameters)
  const [kdf, kdfParameters] = inside(derivation)
  const [salt, iterations, ...rest] = inside(kdfParameters)
  const prf = rest.find(({ tag }) => tag === derTag.sequence)
  const digest = prf === undefined ? 'sha1' : digests[oid(inside(prf)[0])]
  const [cipherName, iv] = inside(encryption)
  const cipher = ciphers[oid(cipherName)]
  const rounds = integer(iterations)
  if (
    oid(kdf) !== kinds.pbkdf2 ||
    digest === undefined ||
    cipher === undefined ||
    !(rounds > 0 && rounds <= mostRounds)
  )
    throw new StoreUnreadable('it is encrypted in a way that is not known')
  const key = pbkdf2Sync(password, octets(salt), rounds, cipher.keySize, digest)
  try {
    const decipher = createDecipheriv(cipher.name, key, octets(iv))
    return Buffer.concat([decipher.update(bytes), decipher.final()])
  } catch {
    throw new StoreUnreadable('its password is another')
  }
}

function bagsOf(bytes: Buffer): Bag[] {
  return inside(readDer(bytes)[0]).map((bag) => {
    const [kind, holder, attributes] = inside(bag)
    const [value] = inside(holder)
    if (value === undefined) throw new StoreUnreadable('it has an empty entry')
    const names = attributes === undefined ? [] : inside(attributes).map((each) => oid(inside(each)[0]))
    return { kind: oid(kind), value, attributes: names }
  })
}

function keyOf({ kind, value }: Bag, password: string): KeyObject[] {
  if (kind !== kinds.key && kind !== kinds.shroudedKey) return []
  return [privateKeyOf(encoded(value), kind === kinds.key ? null : password)]
}

function certificateIn({ value }: Bag): X509Certificate {
  const [kind, holder] = inside(value)
  if (oid(kind) !== kinds.x509) throw new StoreUnreadable('it holds a certificate that is not X.509')
  return certificateOf(octets(inside(holder)[0]))
}

/** The value with its tag and length again. */
function encoded({ tag, content }: DerValue): Buffer {
  const head = Buffer.alloc(6)
  head.writeUInt8(tag, 0)
  head.writeUInt8(0x84, 1)
  head.writeUInt32BE(content.length, 2)
  return Buffer.concat([head, content])
}
