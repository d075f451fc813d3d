/** What servers say and users write, read. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { RetriableError } from '#errors'
import {
  type BinlogFailureKind,
  binlogFailure,
  failureKind,
} from '../../../../../connectors/mysql-cdc/server/binlog-failure.ts'
import { ConnectionFailure, ServerError } from '../../../../../connectors/mysql-cdc/server/failures.ts'
import { initialStatements, type Login } from '../../../../../connectors/mysql-cdc/server/login.ts'
import { parseGrants } from '../../../../../connectors/mysql-cdc/server/privileges.ts'
import { noTlsFiles, tlsModes, tlsPlan } from '../../../../../connectors/mysql-cdc/server/tls.ts'

const directory = mkdtempSync(join(tmpdir(), 'rowtap-tls-'))
afterAll(() => rmSync(directory, { recursive: true }))

const login: Login = {
  ...{ server: 'mysql', host: 'db', port: 3306, user: 'u', password: 'secret', tls: [null] },
  ...{ connectTimeoutMs: 1, queryTimeoutMs: 1, initialStatements: [], keepAlive: true, keepAliveMs: 1 },
}

test('initial statements: a semicolon separates, two are one', () => {
  expect(initialStatements(`SET @a = 1; SET @b = 'x;;y' ;`)).toEqual(['SET @a = 1', `SET @b = 'x;y'`])
  expect(initialStatements(null)).toEqual([])
})

test('grants of everything, of some, of a database, of columns', () => {
  const some = parseGrants([
    'GRANT USAGE ON *.* TO `u`@`%`',
    "GRANT REPLICATION SLAVE, BINLOG MONITOR ON *.* TO `u`@`%` IDENTIFIED BY PASSWORD 'x'",
    'GRANT SELECT (`a`, `b`), INSERT ON `shop`.`t` TO `u`@`%`',
    'GRANT ALL PRIVILEGES ON `own`.* TO `u`@`%`',
    'GRANT `r`@`%` TO `u`@`%`',
  ])
  expect(some.has('REPLICATION SLAVE')).toBe(true)
  expect(some.has('REPLICATION CLIENT')).toBe(true)
  expect([some.has('SELECT'), some.hasSomewhere('SELECT')]).toEqual([false, true])
  expect([some.has('LOCK TABLES'), some.hasSomewhere('LOCK TABLES')]).toEqual([false, true])
  const dynamic = parseGrants([
    'GRANT SELECT, RELOAD ON *.* TO `u`@`%`',
    'GRANT FLUSH_TABLES,BACKUP_ADMIN ON *.* TO `u`@`%`',
  ])
  expect([dynamic.has('RELOAD'), dynamic.has('FLUSH_TABLES'), dynamic.has('LOCK TABLES')]).toEqual([
    true,
    true,
    false,
  ])
  expect(parseGrants(["GRANT ALL PRIVILEGES ON *.* TO 'root'@'%'"]).has('REPLICATION CLIENT')).toBe(true)
  expect(parseGrants([`GRANT PROXY ON ''@'%' TO 'root'@'%'`]).hasSomewhere('SELECT')).toBe(false)
})

test.each([...tlsModes.mysql, ...tlsModes.mariadb])('the TLS mode %s has a plan', (mode) => {
  const plan = tlsPlan(mode, noTlsFiles)
  expect(plan.map((way) => way === null)).toEqual(
    /^disable/.test(mode) ? [true] : mode === 'preferred' ? [false, true] : [false],
  )
  expect(plan[0]?.verifies ?? false).toBe(mode.startsWith('verify'))
  expect(plan[0]?.namesHost ?? false).toBe(/identity|full/.test(mode))
})

test('stores that cannot be read are refused by their property, with the command that converts them', () => {
  const jks = join(directory, 'store.jks')
  writeFileSync(jks, Buffer.from('feedfeed0000000200000000', 'hex'))
  const plan = (files: Partial<typeof noTlsFiles>) => () => tlsPlan('verify_ca', { ...noTlsFiles, ...files })
  expect(plan({ keystore: jks })).toThrow(/^database\.ssl\.keystore: .*JKS.*keytool -importkeystore/)
  expect(plan({ truststore: jks })).toThrow(/^database\.ssl\.truststore: .*keytool -list -rfc/)
  expect(plan({ truststore: join(directory, 'none') })).toThrow(/^database\.ssl\.truststore: .*ENOENT/)
  const junk = join(directory, 'junk.p12')
  writeFileSync(junk, 'junk')
  expect(plan({ keystore: junk, keystorePassword: 'pass-word' })).toThrow(
    expect.objectContaining({
      message: expect.stringMatching(/^database\.ssl\.keystore: (?!.*pass-word)/) as string,
    }),
  )
  expect(() => tlsPlan('sometimes', noTlsFiles)).toThrow('database.ssl.mode')
})

test.each<[BinlogFailureKind, string]>([
  ['purged', 'Could not find first log file name in binary log index file'],
  ['purged', 'Cannot replicate because the source purged required binary logs. Replicate the missing …'],
  ['purged', 'Could not find GTID state requested by slave in any binlog files. Probably the slave state …'],
  ['clash', 'A replica with the same server_uuid/server_id as this replica has connected to the source; …'],
  ['clash', 'A slave with the same server_uuid as this slave has connected to the master'],
  ['foreign', 'Client requested source to start replication from position > file size'],
  ['foreign', 'Client requested master to start replication from impossible position; …'],
  [
    'foreign',
    "Error: connecting slave requested to start from GTID 0-1-5, which is not in the master's binlog",
  ],
  ['foreign', "Replica has more GTIDs than the source has, using the source's SERVER_UUID."],
  ['lost', 'Replica can not handle replication events with the checksum that source is configured to log; …'],
  ['other', 'log event entry exceeded max_allowed_packet; Increase max_allowed_packet on source'],
])('1236 is %s: %s', (kind, message) => {
  expect(failureKind(new ServerError(message, 1236, 'HY000'))).toBe(kind)
})

test('failures of the log say what to do, and only a lost connection is tried again', () => {
  const place = { login, start: 'binlog.000007:154', serverId: 42, oldest: 'binlog.000009' }
  const of = (message: string, errno = 1236) => binlogFailure(new ServerError(message, errno, 'HY000'), place)
  expect(of('Could not find first log file').message).toMatch(/000007:154.*000009.*when_needed/)
  expect(of('same server_uuid/server_id').message).toMatch(/id 42.*database\.server\.id/)
  expect(of('impossible position').message).toMatch(/another server/)
  expect(of('Access denied', 1227).message).toMatch(/REPLICATION SLAVE/)
  expect(of('something else').message).toMatch(/something else/)
  expect(of('something else').retriable).toBe(false)
  const lost = binlogFailure(new RetriableError('gone'), place)
  expect([lost.kind, lost.retriable]).toEqual(['lost', true])
})

test.each([
  ['database.password', false, { errno: 1045, sqlState: '28000' }],
  ['database.user', false, { errno: 1130 }],
  ['database.user', false, { code: 'AUTH_SWITCH_PLUGIN_ERROR' }],
  ['database.hostname', true, { code: 'ECONNREFUSED', errno: -111 }],
  ['database.hostname', true, { errno: 1040 }],
  ['database.ssl.mode', false, { code: 'HANDSHAKE_SSL_ERROR' }],
  ['database.ssl.mode', false, { errno: 3159 }],
])('a connection that cannot be made is the fault of %s', (property, retriable, facts) => {
  const failure = new ConnectionFailure(Object.assign(new Error('no'), facts), login)
  expect([failure.property, failure.retriable]).toEqual([property, retriable])
  expect(failure.message).not.toContain('secret')
})

test('a connection that is lost while it is set up is tried again', () => {
  const lost = new ConnectionFailure(new RetriableError('gone'), login, 'database.initial.statements')
  expect(lost.retriable).toBe(true)
})

test.each<[message: string, property: string, retriable: boolean]>([
  ['read ECONNRESET', 'database.hostname', true],
  ['write EPIPE', 'database.hostname', true],
  [
    'Client network socket disconnected before secure TLS connection was established',
    'database.hostname',
    true,
  ],
  ['self-signed certificate', 'database.ssl.mode', false],
  ['write EPROTO 00D2:error:0A00042E:SSL routines:ssl3_read_bytes:tlsv1 alert', 'database.ssl.mode', false],
])('while a connection is secured: %s', (message, property, retriable) => {
  const error = Object.assign(new Error(message), { code: 'HANDSHAKE_SSL_ERROR' })
  const failure = new ConnectionFailure(error, login)
  expect([failure.property, failure.retriable]).toEqual([property, retriable])
})
