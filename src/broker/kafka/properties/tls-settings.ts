/** `ssl.*`: stores are read here and now, so that what is wrong with one is known by its property's name. */
import { readFileSync } from 'node:fs'
import type { X509Certificate } from 'node:crypto'
import { ConfigError, messageOf } from '#errors'
import type { TlsOptions } from '../connection-options.ts'
import { opensslCipher } from './cipher-names.ts'
import { jksMagic, readJks } from './key-store/jks.ts'
import { pemCertificates, pemKey } from './key-store/pem.ts'
import { readPkcs12 } from './key-store/pkcs12.ts'
import { type StoreContents, type StoredKey, StoreUnreadable } from './key-store/store.ts'
import { invalid, type PropertyReader } from './property-reader.ts'

export function tlsSettings(reader: PropertyReader): TlsOptions {
  const trusted = trustedCertificates(reader)
  const own = ownKey(reader)
  const algorithm = reader.text('ssl.endpoint.identification.algorithm') ?? 'https'
  if (!['', 'https'].includes(algorithm.toLowerCase()))
    throw invalid('ssl.endpoint.identification.algorithm', algorithm, 'it is https or empty')
  return {
    checkHostname: algorithm !== '',
    ...(trusted === null ? {} : { ca: pem(trusted) }),
    ...(own === null
      ? {}
      : { cert: pem(own.chain), key: String(own.key.export({ type: 'pkcs8', format: 'pem' })) }),
    ...protocolRange(reader),
    ...cipherList(reader),
  }
}

function pem(certificates: readonly X509Certificate[]): string {
  return certificates.map(String).join('')
}

function protocolRange(reader: PropertyReader): Pick<TlsOptions, 'minVersion' | 'maxVersion'> {
  const name = 'ssl.enabled.protocols'
  const asked = reader.list(name)
  const versions = (['TLSv1.2', 'TLSv1.3'] as const).filter(
    (each) => asked.length === 0 || asked.includes(each),
  )
  const other = asked.find((each) => !versions.some((version) => version === each))
  if (other !== undefined) throw invalid(name, other, 'only TLSv1.2 and TLSv1.3 are spoken')
  const [minVersion = 'TLSv1.2', maxVersion = minVersion] = versions
  return { minVersion, maxVersion }
}

function cipherList(reader: PropertyReader): Pick<TlsOptions, 'ciphers'> {
  const name = 'ssl.cipher.suites'
  const asked = reader.list(name)
  if (asked.length === 0) return {}
  const suites = asked.map((suite) => {
    const openssl = opensslCipher(suite)
    if (openssl === null) throw invalid(name, suite, 'OpenSSL has no such cipher suite')
    return openssl
  })
  return { ciphers: suites.join(':') }
}

/** null: those that Node.js trusts. */
function trustedCertificates(reader: PropertyReader): readonly X509Certificate[] | null {
  const type = storeType(reader, 'ssl.truststore.type')
  const location = reader.text('ssl.truststore.location')
  const inline = reader.secret('ssl.truststore.certificates')
  const password = reader.secret('ssl.truststore.password')
  mustBeOne(location, inline, 'ssl.truststore.location', 'ssl.truststore.certificates')
  mustBePem(inline, type, 'ssl.truststore.certificates', 'ssl.truststore.type')
  if (inline !== null) return reading('ssl.truststore.certificates', null, () => pemCertificates(inline))
  if (location === null) return null
  return reading('ssl.truststore.location', location, (bytes) => {
    if (type === 'PEM') return pemCertificates(bytes.toString('utf8'))
    const { trusted } = binaryStore(bytes, password, null, 'ssl.truststore.type', 'ssl.truststore.password')
    if (trusted.length === 0) throw new StoreUnreadable('it trusts no certificate')
    return trusted
  })
}

/** null: the client shows no certificate. */
function ownKey(reader: PropertyReader): StoredKey | null {
  const type = storeType(reader, 'ssl.keystore.type')
  const location = reader.text('ssl.keystore.location')
  const [key, chain] = [reader.secret('ssl.keystore.key'), reader.secret('ssl.keystore.certificate.chain')]
  const [password, keyPassword] = [reader.secret('ssl.keystore.password'), reader.secret('ssl.key.password')]
  mustBeOne(location, key, 'ssl.keystore.location', 'ssl.keystore.key')
  mustBePem(key, type, 'ssl.keystore.key', 'ssl.keystore.type')
  if ((key === null) !== (chain === null))
    throw new ConfigError(
      'ssl.keystore.key and ssl.keystore.certificate.chain are given together or not at all.',
    )
  if (key !== null && chain !== null)
    return reading('ssl.keystore.key', null, () => pemKey(key, chain, keyPassword))
  if (location === null) return null
  return reading('ssl.keystore.location', location, (bytes) => {
    const text = bytes.toString('latin1')
    if (type === 'PEM') return pemKey(text, text, keyPassword)
    const { keys } = binaryStore(
      ...([bytes, password, keyPassword ?? password] as const),
      ...(['ssl.keystore.type', 'ssl.keystore.password'] as const),
    )
    const [first] = keys
    if (first === undefined) throw new StoreUnreadable('it holds no private key')
    return first
  })
}

const storeTypes = ['JKS', 'PKCS12', 'PEM'] as const

function storeType(reader: PropertyReader, name: string): (typeof storeTypes)[number] {
  const type = reader.text(name)?.toUpperCase() ?? 'JKS'
  const known = storeTypes.find((each) => each === type)
  if (known === undefined)
    throw invalid(
      ...([name, type, `only ${storeTypes.join(', ')} can be read`] as const),
      `Convert it: keytool -importkeystore -srckeystore OLD -srcstoretype ${type} -destkeystore NEW -deststoretype PKCS12.`,
    )
  return known
}

/** JKS and PKCS12 are told apart by how they begin, as Java does it: the type may say either. */
function binaryStore(
  bytes: Buffer,
  password: string | null,
  keyPassword: string | null,
  typeName: string,
  passwordName: string,
): StoreContents {
  if (bytes.length >= 12 && bytes.readUInt32BE(0) === jksMagic) return readJks(bytes, password, keyPassword)
  if (bytes[0] !== 0x30)
    throw new StoreUnreadable('it is neither JKS nor PKCS12', `A file in PEM needs ${typeName}=PEM.`)
  if (password === null) throw new StoreUnreadable('it needs a password', `Set ${passwordName}.`)
  return readPkcs12(bytes, password)
}

function mustBeOne(location: string | null, inline: string | null, one: string, other: string): void {
  if (location !== null && inline !== null)
    throw new ConfigError(`Both ${one} and ${other} are given: one is one too many.`)
}

function mustBePem(inline: string | null, type: string, name: string, typeName: string): void {
  if (inline !== null && type !== 'PEM')
    throw new ConfigError(`${name} is text in PEM, but ${typeName} is ${type}.`, {
      remedy: `Set ${typeName}=PEM.`,
    })
}

/** Passwords and contents never become a part of the error. */
function reading<T>(name: string, location: string | null, read: (bytes: Buffer) => T): T {
  const shown = location ?? '[hidden]'
  let bytes = Buffer.alloc(0)
  try {
    if (location !== null) bytes = readFileSync(location)
  } catch (error) {
    throw invalid(name, shown, messageOf(error))
  }
  try {
    return read(bytes)
  } catch (error) {
    if (!(error instanceof StoreUnreadable)) throw error
    throw invalid(name, shown, error.message, error.remedy)
  }
}
