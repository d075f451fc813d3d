/** Holds pg-logical-replication, at its pinned version, to the internals that replication-session.ts reaches into. */
import { EventEmitter } from 'node:events'
import { Duplex } from 'node:stream'
import { LogicalReplicationService, PgoutputPlugin } from 'pg-logical-replication'
import pg from 'pg'
import { afterEach, expect, test, vi } from 'vitest'
import { serverMessage } from '../../../support/log-stream.ts'

interface FakeConnection extends EventEmitter {
  sent: Buffer[]
  sendCopyFromChunk(chunk: Buffer): void
}

class TapPlugin extends PgoutputPlugin {
  client: pg.Client | null = null

  override parse(): never {
    throw new Error('nothing of the log comes to the package')
  }

  override async start(client: pg.Client): Promise<unknown> {
    this.client = client
    const { connection } = client as unknown as { connection: EventEmitter }
    connection.emit('replicationStart')
    return null
  }
}

afterEach(() => vi.restoreAllMocks())

/** The package's service over a client that only pretends to connect. */
async function subscribed() {
  const connections: FakeConnection[] = []
  vi.spyOn(pg.Client.prototype, 'connect').mockImplementation(async function (this: pg.Client) {
    const fake = Object.assign(new EventEmitter(), {
      sent: [] as Buffer[],
      stream: null,
    }) as unknown as FakeConnection
    fake.sendCopyFromChunk = (chunk) => void fake.sent.push(chunk)
    Object.assign(this, { connection: fake })
    connections.push(fake)
  } as never)
  vi.spyOn(pg.Client.prototype, 'end').mockImplementation((async () => {}) as never)
  const service = new LogicalReplicationService({}, { acknowledge: { auto: false, timeoutSeconds: 0 } })
  const plugin = new TapPlugin({ protoVersion: 1, publicationNames: [] })
  await service.subscribe(plugin, 'slot', '0/10')
  const connection = connections[0]
  if (connection === undefined) throw new Error('the service opened no connection')
  return { service, plugin, connection }
}

test("pg takes the server's messages off its socket in data listeners, whole ones one by one", () => {
  const stream = Object.assign(new Duplex({ read: () => {}, write: () => {} }), { setNoDelay: () => {} })
  const connection = new pg.Connection({ stream } as never) as unknown as EventEmitter & {
    attachListeners(stream: Duplex): void
  }
  connection.attachListeners(stream)
  const heard: string[] = []
  for (const event of ['replicationStart', 'copyDone']) connection.on(event, () => void heard.push(event))
  const listeners = stream.listeners('data') as ((read: Buffer) => void)[]
  expect(listeners).toHaveLength(1)
  const started = serverMessage('W', Buffer.alloc(3))
  for (const message of [started, serverMessage('c', Buffer.alloc(0))])
    for (const listener of listeners) listener.call(stream, message)
  expect(heard).toEqual(['replicationStart', 'copyDone'])
})

test("the plugin starts with a client that has pg's connection", async () => {
  const { service, connection, plugin } = await subscribed()
  expect(plugin.client).toMatchObject({ connection })
  await service.destroy()
})

test('nothing is confirmed by the package, and its connection is where ours is sent', async () => {
  vi.useFakeTimers()
  try {
    const { service, connection } = await subscribed()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(connection.sent).toEqual([])
    expect((service as unknown as { _connection: unknown })._connection).toBe(connection)
    await service.destroy()
  } finally {
    vi.useRealTimers()
  }
})
