/** Logins to the test servers, and the log as tests look at it. */
import { connect as connectTcp, createServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import { eventName } from '../../../../../connectors/mysql-cdc/decode/event-types.ts'
import {
  type BinlogOptions,
  type BinlogSession,
  type Client,
  connect,
  type Login,
  type LogStart,
  noTlsFiles,
  openBinlog,
  type Server,
  tlsPlan,
} from '../../../../../connectors/mysql-cdc/server/index.ts'
import type { ServerAddress } from '../../../../support/services/address.ts'

export function loginOf(address: ServerAddress, server: Server, changes: Partial<Login> = {}): Login {
  return {
    server,
    ...address,
    tls: tlsPlan(server === 'mysql' ? 'preferred' : 'disable', noTlsFiles),
    ...{ connectTimeoutMs: 10_000, queryTimeoutMs: 60_000, initialStatements: [] },
    ...{ keepAlive: true, keepAliveMs: 60_000 },
    ...changes,
  }
}

/** A session that the test leaves behind. */
export async function clientOf(login: Login): Promise<Client> {
  const client = await connect(login)
  onTestFinished(() => client.end())
  return client
}

let serverId = 780_000 + (process.pid % 10_000) * 10

export async function logOf(
  login: Login,
  start: LogStart,
  changes: Partial<BinlogOptions> = {},
): Promise<BinlogSession> {
  const session = await openBinlog(login, start, {
    ...{ serverId: ++serverId, annotateRows: false, heartbeatMs: 10_000, maxBytes: 1024 * 1024 },
    ...{ netWriteTimeoutSeconds: 0, netReadTimeoutSeconds: 0, nongracefulDisconnect: false },
    ...changes,
  })
  onTestFinished(() => session.close())
  return session
}

export interface SeenEvent {
  readonly name: string
  readonly size: number
  readonly bytes: Buffer
}

const never = new AbortController().signal

/** The next event of the log; null: the session has failed. */
export async function nextEvent(session: BinlogSession): Promise<SeenEvent | null> {
  for (;;) {
    const frame = session.next()
    if (frame !== null) {
      const bytes = frame.slab.bytes.subarray(frame.from, frame.to)
      return { name: eventName(bytes[4] as number), size: bytes.length, bytes }
    }
    if (session.failure !== null) return null
    session.drained()
    await session.wait(1000, never)
  }
}

/** Events until one is as asked, that one included. */
export async function eventsUntil(
  session: BinlogSession,
  last: (event: SeenEvent) => boolean,
): Promise<readonly SeenEvent[]> {
  const seen: SeenEvent[] = []
  for (;;) {
    const event = await nextEvent(session)
    if (event === null) throw session.failure
    seen.push(event)
    if (last(event)) return seen
  }
}

export async function failureOf(session: BinlogSession): Promise<Error> {
  while ((await nextEvent(session)) !== null);
  return session.failure as Error
}

/** A way to the server that is cut when so many bytes have come back, or that falls silent. */
export async function proxyTo(address: ServerAddress): Promise<{
  readonly address: ServerAddress
  /** From now on. */
  cutAfter(bytes: number): void
  silence(): void
  /** How many bytes have come through once no more come. */
  settled(): Promise<number>
}> {
  let through = 0
  let left = Number.POSITIVE_INFINITY
  let silent = false
  const sockets = new Set<Socket>()
  const proxy = createServer((client) => {
    const server = connectTcp(address.port, address.host)
    for (const socket of [client, server]) {
      sockets.add(socket)
      socket.on('error', () => {})
    }
    client.on('close', () => server.destroy())
    server.on('close', () => client.destroy())
    client.on('drain', () => server.resume())
    client.on('data', (bytes) => server.write(bytes))
    server.on('data', (bytes) => {
      if (silent) return
      const passed = bytes.subarray(0, Math.min(left, bytes.length))
      left -= passed.length
      through += passed.length
      if (left <= 0) client.end(passed)
      else if (!client.write(passed)) server.pause()
    })
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    proxy.close()
  })
  const { port } = proxy.address() as { port: number }
  return {
    address: { ...address, host: '127.0.0.1', port },
    cutAfter: (bytes) => {
      left = bytes
    },
    silence: () => {
      silent = true
    },
    settled: async () => {
      for (let before = -1; before !== through; ) {
        before = through
        await new Promise((resolve) => setTimeout(resolve, 200))
      }
      return through
    },
  }
}
