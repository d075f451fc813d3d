/**
 * TLS as `database.ssl.*` asks for it. MySQL's modes and MariaDB's say the same under other names:
 *
 *   disabled          disable        no TLS
 *   preferred                        TLS where the server offers it, whoever it is
 *   required          trust          TLS, whoever the server is
 *   verify_ca         verify-ca      its certificate must come from a trusted authority
 *   verify_identity   verify-full    and name the host
 *
 * Stores are files in PEM; a key store may be PKCS12 too. Node.js reads no PKCS12 without a key and no JKS.
 */
import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import { ConfigError, messageOf } from '#errors'
import type { Server } from './login.ts'

export interface TlsSettings {
  /** The chain of the server's certificate is checked. */
  readonly verifies: boolean
  /** And that it names the host. */
  readonly namesHost: boolean
  /** For tls.connect: authorities, and who we are. */
  readonly context: {
    readonly ca?: string
    readonly pfx?: Buffer
    readonly cert?: string
    readonly key?: string
    readonly passphrase?: string
  }
}

/** What to try, in this order; null: no TLS. */
export type TlsPlan = readonly (TlsSettings | null)[]

export const tlsModes = {
  mysql: ['disabled', 'preferred', 'required', 'verify_ca', 'verify_identity'],
  mariadb: ['disable', 'trust', 'verify-ca', 'verify-full'],
} as const satisfies Record<Server, readonly string[]>

export interface TlsFiles {
  readonly keystore: string | null
  readonly keystorePassword: string | null
  readonly truststore: string | null
  readonly truststorePassword: string | null
}

export const noTlsFiles: TlsFiles = {
  keystore: null,
  keystorePassword: null,
  truststore: null,
  truststorePassword: null,
}

/** `mode` is one of `tlsModes`, in either server's words. */
export function tlsPlan(mode: string, files: TlsFiles): TlsPlan {
  const plan = (verifies: boolean, namesHost: boolean) => ({ verifies, namesHost, context: contextOf(files) })
  switch (mode) {
    case 'disabled':
    case 'disable':
      return [null]
    case 'preferred':
      return [plan(false, false), null]
    case 'required':
    case 'trust':
      return [plan(false, false)]
    case 'verify_ca':
    case 'verify-ca':
      return [plan(true, false)]
    case 'verify_identity':
    case 'verify-full':
      return [plan(true, true)]
    default:
      throw new ConfigError(`database.ssl.mode: there is no mode ${mode}.`, {
        remedy: `Choose one of ${[...tlsModes.mysql, ...tlsModes.mariadb].join(', ')}.`,
      })
  }
}

function contextOf(files: TlsFiles): TlsSettings['context'] {
  const context = { ...trusted(files), ...ownKey(files) }
  try {
    createSecureContext(context)
  } catch (error) {
    const name = files.keystore === null ? 'database.ssl.truststore' : 'database.ssl.keystore'
    throw new ConfigError(`${name}: the file cannot be used: ${messageOf(error)}.`, {
      remedy: `Check the file and ${name}.password.`,
    })
  }
  return context
}

function trusted({ truststore }: TlsFiles): { ca?: string } {
  if (truststore === null) return {}
  const bytes = storeBytes('database.ssl.truststore', truststore)
  if (isPem(bytes)) return { ca: bytes.toString('latin1') }
  throw new ConfigError(`database.ssl.truststore: ${truststore} is not in PEM.`, {
    remedy: `Convert it: keytool -list -rfc -keystore ${truststore} > truststore.pem.`,
  })
}

function ownKey({ keystore, keystorePassword }: TlsFiles): Omit<TlsSettings['context'], 'ca'> {
  if (keystore === null) return {}
  const bytes = storeBytes('database.ssl.keystore', keystore)
  const passphrase = keystorePassword === null ? {} : { passphrase: keystorePassword }
  if (isPem(bytes)) {
    const text = bytes.toString('latin1')
    return { cert: text, key: text, ...passphrase }
  }
  if (bytes.length >= 4 && bytes.readUInt32BE(0) === jksMagic)
    throw new ConfigError(`database.ssl.keystore: ${keystore} is in Java's own format JKS.`, {
      remedy: `Convert it: keytool -importkeystore -srckeystore ${keystore} -destkeystore keystore.p12 -deststoretype PKCS12.`,
    })
  return { pfx: bytes, ...passphrase }
}

const jksMagic = 0xfeedfeed

function isPem(bytes: Buffer): boolean {
  return bytes.includes('-----BEGIN ')
}

function storeBytes(property: string, path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    throw new ConfigError(`${property}: the file cannot be read: ${messageOf(error)}.`)
  }
}
