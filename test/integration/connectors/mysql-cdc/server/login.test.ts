/** Logins, TLS and privileges on real servers. */
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import {
  type Client,
  connect,
  ConnectionFailure,
  type Login,
  noTlsFiles,
  privileges,
  type Server,
  serverFacts,
  type TlsFiles,
  tlsPlan,
} from '../../../../../connectors/mysql-cdc/server/index.ts'
import { type Certificates, makeCertificates } from '../../../../support/services/certificates.ts'
import { mariaDbAvailable, startMariaDb } from '../../../../support/services/mariadb.ts'
import { mySqlAvailable, startMySql } from '../../../../support/services/mysql.ts'
import { clientOf, eventsUntil, logOf, loginOf } from './stage.ts'

/** The names of the modes, weakest first. */
const modes = {
  mysql: { none: 'disabled', any: 'required', chain: 'verify_ca', name: 'verify_identity' },
  mariadb: { none: 'disable', any: 'trust', chain: 'verify-ca', name: 'verify-full' },
} as const

for (const [server, available] of [
  ['mysql', mySqlAvailable],
  ['mariadb', mariaDbAvailable],
] as const)
  describe.skipIf(!available)(server, () => loginTests(server))

function loginTests(server: Server): void {
  const directory = mkdtempSync(join(tmpdir(), 'rowtap-login-'))
  const { none, any, chain, name } = modes[server]
  let certificates: Certificates
  let login: Login
  let root: Client

  beforeAll(async () => {
    certificates = await makeCertificates(directory)
    const files = [
      `--ssl-ca=${certificates.authority}`,
      `--ssl-cert=${certificates.serverPem}`,
      `--ssl-key=${certificates.serverPem}`,
    ]
    const start = server === 'mysql' ? startMySql : startMariaDb
    const running = await start([...files, '--log-bin=binlog', '--server-id=1'])
    login = loginOf(running.address, server)
    root = await connect(login)
    return async () => {
      await root.end()
      await running.stop()
      rmSync(directory, { recursive: true })
    }
  })

  const over = (mode: string, files: Partial<TlsFiles> = {}, changes: Partial<Login> = {}): Login => ({
    ...login,
    tls: tlsPlan(mode, { ...noTlsFiles, ...files }),
    ...changes,
  })
  const cipher = async (client: Client) =>
    (await client.query(`SHOW SESSION STATUS LIKE 'Ssl_cipher'`))[0]?.['Value']
  const user = async (account: string, rest: string) => {
    await root.query(`CREATE USER ${account} IDENTIFIED BY 'pass-word'`)
    await root.query(rest.replaceAll('$', account))
  }

  test('each mode does what it says', async () => {
    expect(await cipher(await clientOf(over(none)))).toBe('')
    expect(await cipher(await clientOf(over(any)))).not.toBe('')
    const trusting = { truststore: certificates.authority }
    expect(await cipher(await clientOf(over(chain, trusting)))).not.toBe('')
    expect(await cipher(await clientOf(over(chain, trusting, { host: 'localhost' })))).not.toBe('')
    expect(await cipher(await clientOf(over(name, trusting)))).not.toBe('')
    if (server === 'mysql') expect(await cipher(await clientOf(over('preferred')))).not.toBe('')
  })

  test('a server that is not what it must be is refused, by the property', async () => {
    const stranger = { truststore: certificates.strangerCertificate }
    for (const refused of [
      over(chain),
      over(chain, stranger),
      over(name, { truststore: certificates.authority }, { host: 'localhost' }),
    ])
      await expect(connect(refused)).rejects.toMatchObject({
        property: 'database.ssl.mode',
        retriable: false,
      })
  })

  test('a user who must show a certificate does so from PEM and from PKCS12', async () => {
    await user(`'shows'@'%'`, `ALTER USER $ REQUIRE X509`)
    const shows = { user: 'shows', password: 'pass-word' }
    await expect(connect(over(any, {}, shows))).rejects.toMatchObject({ property: 'database.password' })
    for (const files of [
      { keystore: certificates.clientPem },
      { keystore: certificates.keyStoreP12, keystorePassword: certificates.password },
    ])
      expect(await cipher(await clientOf(over(any, files, shows)))).not.toBe('')
    expect(() => over(any, { keystore: certificates.keyStoreJks })).toThrow('keytool')
    expect(() => over(any, { truststore: certificates.trustStoreP12 })).toThrow('keytool')
  })

  test('the log comes over TLS too', async () => {
    const session = await logOf(over(name, { truststore: certificates.authority }), { gtids: '' })
    await root.query('CREATE DATABASE seen_over_tls')
    await eventsUntil(session, ({ bytes }) => bytes.includes('seen_over_tls'))
  })

  test('passwords work with and without TLS, right ones only', async () => {
    await user(`'plain'@'%'`, `GRANT SELECT ON *.* TO $`)
    const plain = { user: 'plain', password: 'pass-word' }
    // caching_sha2_password: the first login proves the password in full, the second from the server's cache.
    for (const way of [over(none, {}, plain), over(none, {}, plain), over(any, {}, plain)])
      expect(await (await clientOf(way)).query('SELECT 1 AS one')).toEqual([{ one: '1' }])
    await root.query('FLUSH PRIVILEGES')
    expect(await (await clientOf(over(any, {}, plain))).query('SELECT 1 AS one')).toEqual([{ one: '1' }])
    const wrong = connect(over(none, {}, { user: 'plain', password: 'wrong-word' }))
    await expect(wrong).rejects.toMatchObject({ property: 'database.password', retriable: false })
    await expect(wrong).rejects.not.toThrow('wrong-word')
  })

  test('a port where nobody answers, and one where nobody ever speaks', async () => {
    const mute = createServer()
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void mute.close())
    const { port } = mute.address() as { port: number }
    await expect(connect({ ...login, port, connectTimeoutMs: 200 })).rejects.toMatchObject({
      property: 'database.hostname',
      retriable: true,
    })
    await expect(connect({ ...login, port: 1 })).rejects.toMatchObject({
      property: 'database.hostname',
      retriable: true,
    })
    await expect(connect({ ...login, initialStatements: ['SET @@no_such = 1'] })).rejects.toMatchObject({
      property: 'database.initial.statements',
    })
    await expect(connect({ ...login, host: 'no-such-host.invalid' })).rejects.toThrow(ConnectionFailure)
  })

  test('privileges: of a user, and of its roles', async () => {
    const facts = await serverFacts(root)
    expect((await privileges(root, facts)).has('LOCK TABLES')).toBe(true)
    await user(`'reader'@'%'`, `GRANT SELECT, REPLICATION SLAVE ON *.* TO $`)
    await root.query(`GRANT LOCK TABLES ON seen_over_tls.* TO 'reader'@'%'`)
    await root.query(`CREATE ROLE watcher`)
    await root.query(
      `GRANT ${server === 'mysql' ? 'REPLICATION CLIENT' : 'BINLOG MONITOR'} ON *.* TO watcher`,
    )
    await root.query(`GRANT watcher TO 'reader'@'%'`)
    const initialStatements = ['SET ROLE watcher']
    const reader = { ...login, user: 'reader', password: 'pass-word' }
    const own = await privileges(await clientOf(reader), facts)
    expect([own.has('SELECT'), own.has('REPLICATION SLAVE'), own.has('RELOAD')]).toEqual([true, true, false])
    expect([own.has('LOCK TABLES'), own.hasSomewhere('LOCK TABLES')]).toEqual([false, true])
    expect(own.has('REPLICATION CLIENT')).toBe(false)
    const withRole = await privileges(await clientOf({ ...reader, initialStatements }), facts)
    expect(withRole.has('REPLICATION CLIENT')).toBe(true)
  })

  test('without REPLICATION SLAVE the log is refused with the grant that is missing', async () => {
    await user(`'poor'@'%'`, `GRANT SELECT ON *.* TO $`)
    const session = await logOf({ ...login, user: 'poor', password: 'pass-word' }, { gtids: '' })
    while (session.next() !== null || session.failure === null)
      await session.wait(1000, AbortSignal.timeout(5000))
    expect(session.failure).toMatchObject({ kind: 'other', retriable: false })
    expect(session.failure?.message).toContain('REPLICATION SLAVE')
  })
}
