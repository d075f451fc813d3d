/**
 * Certificates for a secure Kafka, made anew at each start: an authority, a server (for 127.0.0.1, and not for
 * `localhost`, so that a client's check of the host name can be seen to work), a client, and a stranger from another
 * authority. Each as PEM; the client's key store and the trust store also as PKCS#12 and JKS, which Java's users have.
 */
import { execFile } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { java } from './java.ts'

const run = promisify(execFile)

/** Paths of files, and the one password of all that has a password. */
export interface Certificates {
  readonly authority: string
  readonly serverPem: string
  readonly clientCertificate: string
  /** PKCS#8. */
  readonly clientKey: string
  readonly clientEncryptedKey: string
  /** Key and chain in one file: `ssl.keystore.location` of the type PEM. */
  readonly clientPem: string
  readonly strangerCertificate: string
  readonly strangerKey: string
  readonly keyStoreP12: string
  readonly keyStoreJks: string
  readonly trustStoreP12: string
  readonly trustStoreJks: string
  readonly password: string
}

export async function makeCertificates(directory: string): Promise<Certificates> {
  const password = 'store-secret'
  const at = (name: string): string => join(directory, name)
  const openssl = (...args: string[]): Promise<unknown> => run('openssl', args, { cwd: directory })
  await Promise.all([makeAuthority(directory, 'ca'), makeAuthority(directory, 'other-ca')])
  await Promise.all([
    makeLeaf(directory, 'server', 'ca'),
    makeLeaf(directory, 'client', 'ca'),
    makeLeaf(directory, 'stranger', 'other-ca'),
  ])
  const client = ['-in', 'client.crt', '-inkey', 'client.key', '-certfile', 'ca.crt', '-name', 'client']
  await Promise.all([
    openssl(
      'pkcs8',
      '-topk8',
      '-in',
      'client.key',
      '-out',
      'client-encrypted.key',
      '-passout',
      `pass:${password}`,
    ),
    openssl('pkcs12', '-export', ...client, '-out', 'client.p12', '-passout', `pass:${password}`),
  ])
  await makeJavaStores(directory, password)
  return {
    authority: at('ca.crt'),
    serverPem: at('server.pem'),
    clientCertificate: at('client.crt'),
    clientKey: at('client.key'),
    clientEncryptedKey: at('client-encrypted.key'),
    clientPem: at('client.pem'),
    strangerCertificate: at('stranger.crt'),
    strangerKey: at('stranger.key'),
    keyStoreP12: at('client.p12'),
    keyStoreJks: at('client.jks'),
    trustStoreP12: at('trust.p12'),
    trustStoreJks: at('trust.jks'),
    password,
  }
}

/** A new RSA key is PKCS#8 in PEM as it comes. */
async function makeAuthority(directory: string, name: string): Promise<void> {
  const files = ['-keyout', `${name}.key`, '-out', `${name}.crt`]
  const uses = ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign,cRLSign']
  const extensions = uses.flatMap((use) => ['-addext', use])
  const args = [
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    ...files,
    '-days',
    '30',
    '-subj',
    `/CN=rowtap-${name}`,
  ]
  await run('openssl', [...args, ...extensions], { cwd: directory })
}

async function makeLeaf(directory: string, name: string, authority: string): Promise<void> {
  const at = (suffix: string): string => join(directory, `${name}.${suffix}`)
  const request = ['-keyout', at('key'), '-out', at('csr'), '-subj', `/CN=${name}`]
  await run('openssl', ['req', '-newkey', 'rsa:2048', '-nodes', ...request])
  writeFileSync(at('ext'), 'subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth,clientAuth\n')
  const signer = ['-CA', `${authority}.crt`, '-CAkey', `${authority}.key`, '-CAcreateserial']
  const args = [
    'x509',
    '-req',
    '-in',
    at('csr'),
    ...signer,
    '-days',
    '30',
    '-extfile',
    at('ext'),
    '-out',
    at('crt'),
  ]
  await run('openssl', args, { cwd: directory })
  const chain = [at('key'), at('crt'), join(directory, `${authority}.crt`)]
  writeFileSync(at('pem'), chain.map((file) => readFileSync(file, 'utf8')).join(''))
}

/** Only Java's own tool marks a certificate in a store as trusted. */
async function makeJavaStores(directory: string, password: string): Promise<void> {
  const beside = java === null ? 'keytool' : join(dirname(java), 'keytool')
  const keytool = (...args: string[]): Promise<unknown> =>
    run(existsSync(beside) ? beside : 'keytool', [...args, '-noprompt', '-J-XX:TieredStopAtLevel=1'], {
      cwd: directory,
    })
  const trust = (type: string, store: string): Promise<unknown> =>
    keytool(
      ...['-importcert', '-alias', 'ca', '-file', 'ca.crt', '-keystore', store],
      ...['-storetype', type, '-storepass', password],
    )
  await Promise.all([
    trust('PKCS12', 'trust.p12'),
    trust('JKS', 'trust.jks'),
    keytool(
      ...[
        '-importkeystore',
        '-srckeystore',
        'client.p12',
        '-srcstoretype',
        'PKCS12',
        '-srcstorepass',
        password,
      ],
      ...['-destkeystore', 'client.jks', '-deststoretype', 'JKS', '-deststorepass', password],
    ),
  ])
}
