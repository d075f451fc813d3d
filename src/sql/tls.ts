/** TLS as the JDBC drivers' parameters ask for it, in the form that Node takes. */
import { createPrivateKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { ConfigError, messageOf } from '#errors'
import type { JdbcUrl } from './jdbc-url.ts'
import { booleanParameter } from './parameters.ts'

export interface TlsSettings {
  readonly rejectUnauthorized: boolean
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
  readonly passphrase?: string
  /** Any name will do: the chain is checked, the host is not. */
  readonly checkServerIdentity?: () => undefined
}

/** What to try, in this order: TLS settings, or null for a plain connection. */
export type TlsPlan = readonly (TlsSettings | null)[]

export function postgresTls(url: JdbcUrl): TlsPlan {
  const asked = url.parameters.get('sslmode')
  const mode = asked ?? (booleanParameter(url, 'ssl') === true ? 'verify-full' : 'prefer')
  const trusting: TlsSettings = { rejectUnauthorized: false, ...postgresFiles(url) }
  switch (mode) {
    case 'disable':
      return [null]
    case 'allow':
      return [null, trusting]
    case 'prefer':
      return [trusting, null]
    case 'require':
      return [trusting]
    case 'verify-ca':
      return [{ ...trusting, rejectUnauthorized: true, checkServerIdentity: () => undefined }]
    case 'verify-full':
      return [{ ...trusting, rejectUnauthorized: true }]
    default:
      throw new ConfigError(
        `The parameter 'sslmode' of the connection URL must be one of disable, allow, prefer, require, verify-ca, verify-full.`,
      )
  }
}

function postgresFiles(url: JdbcUrl): Partial<TlsSettings> {
  const passphrase = url.parameters.get('sslpassword')
  const [ca, cert] = [fileParameter(url, 'sslrootcert'), fileParameter(url, 'sslcert')]
  const key = fileParameter(url, 'sslkey')
  return {
    ...(ca === undefined ? {} : { ca: ca.toString('utf8') }),
    ...(cert === undefined ? {} : { cert: cert.toString('utf8') }),
    ...(key === undefined ? {} : { key: pemKey(key, passphrase) }),
    ...(passphrase === undefined ? {} : { passphrase }),
  }
}

/** pgjdbc takes keys as PKCS #8 in DER, libpq in PEM: both will do. */
function pemKey(bytes: Buffer, passphrase: string | undefined): string {
  if (bytes.subarray(0, 5).toString('latin1') === '-----') return bytes.toString('utf8')
  try {
    const options = { key: bytes, format: 'der', type: 'pkcs8' } as const
    const key = createPrivateKey(passphrase === undefined ? options : { ...options, passphrase })
    return key.export({ format: 'pem', type: 'pkcs8' }).toString()
  } catch (error) {
    throw new ConfigError(`The file of the parameter 'sslkey' is no private key: ${messageOf(error)}.`)
  }
}

export function mysqlTls(url: JdbcUrl): TlsPlan {
  const ca = fileParameter(url, 'serverSslCert')?.toString('utf8')
  const trusting: TlsSettings = { rejectUnauthorized: false, ...(ca === undefined ? {} : { ca }) }
  switch (mysqlMode(url)) {
    case 'disabled':
      return [null]
    case 'preferred':
      return [trusting, null]
    case 'required':
      return [trusting]
    case 'verify-ca':
      return [{ ...trusting, rejectUnauthorized: true, checkServerIdentity: () => undefined }]
    default:
      return [{ ...trusting, rejectUnauthorized: true }]
  }
}

function mysqlMode(url: JdbcUrl): 'disabled' | 'preferred' | 'required' | 'verify-ca' | 'verify-full' {
  const asked = url.parameters.get('sslMode')?.toLowerCase().replace('_', '-')
  switch (asked) {
    case 'disabled':
    case 'disable':
      return 'disabled'
    case 'preferred':
      return 'preferred'
    case 'required':
    case 'trust':
      return 'required'
    case 'verify-ca':
      return 'verify-ca'
    case 'verify-identity':
    case 'verify-full':
      return 'verify-full'
    case undefined:
      break
    default:
      throw new ConfigError(
        `The parameter 'sslMode' of the connection URL must be one of DISABLED, PREFERRED, REQUIRED, VERIFY_CA, VERIFY_IDENTITY.`,
      )
  }
  const use = booleanParameter(url, 'useSSL') ?? booleanParameter(url, 'useSsl')
  if (use === false) return 'disabled'
  if (use === true && booleanParameter(url, 'verifyServerCertificate') === true) return 'verify-ca'
  if (booleanParameter(url, 'requireSSL') === true) return 'required'
  // MariaDB's driver speaks plainly unless asked; MySQL's tries TLS first.
  return use === undefined && url.engine === 'mariadb' ? 'disabled' : 'preferred'
}

function fileParameter(url: JdbcUrl, name: string): Buffer | undefined {
  const path = url.parameters.get(name)
  if (path === undefined || path === '') return undefined
  try {
    return readFileSync(path)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : messageOf(error)
    throw new ConfigError(
      `The file of the parameter '${name}' of the connection URL cannot be read (${code}).`,
    )
  }
}
