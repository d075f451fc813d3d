/** Holds pg-logical-replication, at its pinned version, to the internals that replication-session.ts reaches into. */
import { EventEmitter } from 'node:events'
import { LogicalReplicationService, PgoutputPlugin } from 'pg-logical-replication'
import pg from 'pg'
import { afterEach, expect, test, vi } from 'vitest'

interface FakeConnection extends EventEmitter {
  sent: Buffer[]
  sendCopyFromChunk(chunk: Buffer): void
}

class TapPlugin extends PgoutputPlugin {
  readonly seen: Buffer[] = []

  override parse(payload: Buffer): never {
    this.seen.push(payload)
    return null as never
  }

  override async start(client: pg.Client): Promise<unknown> {
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

test('parse gets a view of the payload, and the header stands right before it in the same memory', async () => {
  const { service, plugin, connection } = await subscribed()
  const message = Buffer.concat([Buffer.from([0x77]), Buffer.alloc(24, 7), Buffer.from('payload')])
  connection.emit('copyData', { chunk: message })
  const [payload] = plugin.seen
  expect(payload?.toString()).toBe('payload')
  const header = new Uint8Array(payload?.buffer as ArrayBuffer, (payload?.byteOffset ?? 0) - 25, 25)
  expect(header[0]).toBe(0x77)
  expect([...header.subarray(1)]).toEqual(Array(24).fill(7))
  await service.destroy()
})

test('keepalives are told with their position as text and the wish for an answer', async () => {
  const { service, connection } = await subscribed()
  const heard: unknown[] = []
  service.on('heartbeat', (lsn, _time, mustReply) => void heard.push([lsn, mustReply]))
  const keepalive = Buffer.alloc(18)
  keepalive[0] = 0x6b
  keepalive.writeBigUInt64BE(0x16_b374d848n, 1)
  keepalive[17] = 1
  connection.emit('copyData', { chunk: keepalive })
  expect(heard).toEqual([['16/B374D848', true]])
  await service.destroy()
})

test('nothing is confirmed by the package, and its connection is where ours is sent', async () => {
  vi.useFakeTimers()
  try {
    const { service, connection } = await subscribed()
    connection.emit('copyData', { chunk: Buffer.concat([Buffer.from([0x77]), Buffer.alloc(24, 7)]) })
    await vi.advanceTimersByTimeAsync(60_000)
    expect(connection.sent).toEqual([])
    expect((service as unknown as { _connection: unknown })._connection).toBe(connection)
    await service.destroy()
  } finally {
    vi.useRealTimers()
  }
})
