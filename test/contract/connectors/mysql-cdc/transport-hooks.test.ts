/** Holds mysql2 and zongji, at their pinned versions, to the internals that connection.ts and dump.ts reach into. */
import type { EventEmitter } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import ZongJi from '@vlasky/zongji'
import mysql from 'mysql2'
import { expect, onTestFinished, test, vi } from 'vitest'

interface Command {
  execute(packet: unknown, connection: unknown): boolean
  onResult?(error: unknown): void
}

interface Internals extends EventEmitter {
  readonly stream: Socket
  readonly packetParser: { execute(read: Buffer): void }
  addCommand(command: Command): unknown
  handlePacket(): void
  query(sql: string, result: (error: Error | null) => void): unknown
  startTLS(secured: (error?: Error) => void): void
  _handleNetworkError(error: Error): void
  destroy(): void
}

interface FakeServer {
  readonly port: number
  readonly asked: Buffer[]
  /** Of the one client. */
  socket: Socket | null
}

const clientSsl = 0x800
/** All but compression and several factors. */
const capabilityFlags = 0x0fffffdf

/** mysql2's own server: it lets everybody in and answers each query with OK. */
async function fakeServer(): Promise<FakeServer> {
  const fake: FakeServer = { port: 0, asked: [], socket: null }
  const server = mysql.createServer((connection) => {
    const { stream } = connection as unknown as { stream: Socket }
    fake.socket = stream
    stream.on('data', (read: Buffer) => fake.asked.push(read))
    stream.on('error', () => {})
    connection.on('error', () => {})
    connection.serverHandshake({
      ...{ protocolVersion: 10, serverVersion: '9.7.0', connectionId: 1, statusFlags: 2, characterSet: 45 },
      capabilityFlags,
      authCallback: (_: unknown, callback: (error: Error | null) => void) => {
        callback(null)
        // What comes next is a command.
        setImmediate(() => Object.assign(connection, { sequenceId: 0 }))
      },
    } as never)
    connection.on('query', () => connection.writeOk())
  })
  server.listen(0)
  const { _server: listening } = server as unknown as { _server: EventEmitter & { address(): AddressInfo } }
  await new Promise<void>((resolve) => listening.once('listening', resolve))
  onTestFinished(() => {
    fake.socket?.destroy()
    server.close(() => {})
  })
  return Object.assign(fake, { port: listening.address().port })
}

function connectionTo(fake: FakeServer, options: object = {}): Internals {
  const connection = mysql.createConnection({
    ...{ host: '127.0.0.1', port: fake.port, user: 'u', password: 'p' },
    ...options,
  }) as unknown as Internals
  connection.on('error', () => {})
  onTestFinished(() => connection.destroy())
  return connection
}

test("one listener of the socket's data reads for mysql2; a command runs until it says that it is over", async () => {
  const connection = connectionTo(await fakeServer())
  await new Promise((resolve) => connection.once('connect', resolve))
  const listeners = connection.stream.listeners('data') as ((read: Buffer) => void)[]
  expect(listeners).toHaveLength(1)
  let over = false
  const execute = vi.fn(() => over)
  connection.addCommand({ execute, onResult: () => {} })
  expect(execute.mock.calls).toEqual([[undefined, connection]])
  const after = new Promise((resolve) => connection.query('DO 1', (error) => resolve(error)))
  over = true
  connection.handlePacket()
  expect(execute).toHaveBeenCalledTimes(2)
  expect(await after).toBe(null)
})

test('a command hears of a lost connection', async () => {
  const fake = await fakeServer()
  const connection = connectionTo(fake)
  await new Promise((resolve) => connection.once('connect', resolve))
  const lost = new Promise((resolve) => {
    connection.addCommand({ execute: () => false, onResult: resolve })
  })
  fake.socket?.destroy()
  expect(await lost).toBeInstanceOf(Error)
})

test('a query is 0x03 and the statement when attributes are declined', async () => {
  const fake = await fakeServer()
  const connection = connectionTo(fake, { flags: ['-CLIENT_QUERY_ATTRIBUTES'] })
  await new Promise((resolve) => connection.query('SELECT 1', resolve))
  expect(fake.asked.at(-1)?.subarray(3)).toEqual(Buffer.from('\0\x03SELECT 1'))
})

test('TLS begins by startTLS, which may be another', async () => {
  const fake = await fakeServer()
  const connection = connectionTo(fake, { ssl: {} })
  expect(connection.packetParser.execute).toBeTypeOf('function')
  expect(connection._handleNetworkError).toBeTypeOf('function')
  const failed = new Promise((resolve) => connection.once('error', resolve))
  const startTLS = vi.fn((secured: (error?: Error) => void) => secured(new Error('not today')))
  connection.startTLS = startTLS
  expect(await failed).toMatchObject({ message: 'not today', code: 'HANDSHAKE_SSL_ERROR' })
  expect(startTLS).toHaveBeenCalledOnce()
  await vi.waitFor(() => expect((fake.asked[0]?.readUInt32LE(4) ?? 0) & clientSsl).not.toBe(0))
})

interface FakeTransport {
  readonly statements: string[]
  readonly sent: Buffer[]
}

/** What zongji does on the one connection that it is given, up to its dump command. */
function started(
  version: string,
  options: Record<string, unknown>,
): Promise<FakeTransport & { checksum: boolean; eventsBefore: number }> {
  const statements: string[] = []
  const sent: Buffer[] = []
  let commands = 0
  const connection = {
    query: (sql: string, result: (error: null, rows: readonly object[]) => void) => {
      statements.push(sql)
      setImmediate(() => result(null, [{ version, checksum: 'CRC32' }]))
    },
    addCommand: (command: Command) => {
      commands++
      command.execute(undefined, connection)
    },
    _resetSequenceId: () => {},
    writePacket: (packet: { buffer: Buffer }) => sent.push(packet.buffer.subarray(4)),
  }
  const zongji = new ZongJi({})
  Object.assign(zongji, { connection, ctrlConnection: connection })
  return new Promise((resolve, reject) => {
    zongji.on('error', reject)
    zongji.on('ready', () => {
      const eventsBefore = commands
      const { useChecksum } = zongji as unknown as { useChecksum: boolean }
      setImmediate(() => resolve({ statements, sent, checksum: useChecksum, eventsBefore }))
    })
    zongji.start({ serverId: 0x01020304, ...options })
  })
}

test('zongji asks for a file on the connection that it has, and for nothing else', async () => {
  const { statements, sent, checksum, eventsBefore } = await started('9.7.0', {
    filename: 'binlog.000007',
    position: 0xfffffff0,
  })
  expect(statements).toEqual([
    'SELECT VERSION() AS version',
    'select @@GLOBAL.binlog_checksum as checksum',
    'set @master_binlog_checksum=@@global.binlog_checksum',
  ])
  expect([checksum, eventsBefore]).toEqual([true, 0])
  expect(sent).toEqual([
    Buffer.concat([Buffer.from('12f0ffffff000004030201', 'hex'), Buffer.from('binlog.000007\0')]),
  ])
})

test('zongji asks for what is behind a set of GTIDs, tags included', async () => {
  const uuid = '3e11fa47-71ca-11e1-9e33-c80aa9429562'
  const { sent } = await started('9.7.0', { gtidSet: `${uuid}:1-5:tag:7` })
  const [request] = sent
  expect(request?.[0]).toBe(0x1e)
  expect(request?.subarray(1, 7)).toEqual(Buffer.from('000004030201', 'hex'))
  expect(request?.toString('latin1')).toContain('tag')
})

test("zongji tells MariaDB the position and that it knows GTIDs, and asks for the statements' texts", async () => {
  const { statements, sent } = await started('10.11.6-MariaDB-log', {
    gtidSet: '0-1-1234,1-2-5',
    requestAnnotateRows: true,
  })
  expect(statements).toContain('SET @mariadb_slave_capability=4')
  expect(statements).toContain(`SET @slave_connect_state='0-1-1234,1-2-5'`)
  expect(statements.some((sql) => /information_schema/i.test(sql))).toBe(false)
  expect(sent).toEqual([Buffer.from('120400000002000403020100', 'hex')])
})
