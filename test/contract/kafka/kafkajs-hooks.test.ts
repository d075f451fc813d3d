/** What we use of kafkajs beyond its public interface, held against the package and a real broker, one hook a test. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { adminSettings } from '../../../src/broker/kafka/properties/admin-settings.ts'
import {
  createCluster,
  type KafkajsBroker,
  type KafkajsCluster,
  type KafkajsConnection,
} from '../../../src/broker/kafka/transport/kafkajs.ts'
import { parsed } from '../../../src/broker/kafka/transport/cluster.ts'
import { metadataRequest } from '../../../src/broker/kafka/wire/metadata.ts'
import { RequestWriter } from '../../../src/broker/kafka/wire/request-writer.ts'
import { ResponseReader } from '../../../src/broker/kafka/wire/response-reader.ts'
import { kafkaAvailable, kafkaServer } from '../../support/services/kafka.ts'

describe.skipIf(!kafkaAvailable)('kafkajs', () => {
  let address: { host: string; port: number }
  let cluster: KafkajsCluster
  let broker: KafkajsBroker

  async function openBroker(): Promise<KafkajsBroker> {
    const connectionPool = await cluster.connectionPoolBuilder.build(address)
    return cluster.brokerPool.createBroker({ connectionPool, logger: cluster.rootLogger })
  }

  beforeAll(async () => {
    const bootstrap = await kafkaServer()
    address = parsed(bootstrap)
    cluster = createCluster(
      adminSettings({ 'bootstrap.servers': bootstrap, 'request.timeout.ms': '2000' }, 'hooks'),
    )
    broker = await openBroker()
    await broker.connect()
  })
  afterAll(() => broker.disconnect())

  /** Sends the bytes as `link.ts` does. */
  function push(connection: KafkajsConnection, correlationId: number, body: Buffer): Promise<Buffer> {
    const size = Buffer.alloc(4)
    size.writeInt32BE(body.length)
    return new Promise((resolve, reject) =>
      connection.requestQueue.push({
        entry: {
          ...{ apiKey: 3, apiName: 'Metadata', apiVersion: 8, correlationId, reject },
          resolve: ({ payload }) => resolve(payload),
        },
        expectResponse: true,
        requestTimeout: null,
        sendRequest: () => void connection.socket?.write(Buffer.concat([size, body])),
      }),
    )
  }

  function metadataBody(correlationId: number): Buffer {
    const writer = new RequestWriter().int16(3).int16(8).int32(correlationId).string('hooks')
    metadataRequest([], false).write(writer)
    return Buffer.concat(writer.parts())
  }

  test('createCluster: a cluster that builds pools, and brokers over them', () => {
    expect(cluster.rootLogger).toBeDefined()
    expect(cluster.connectionPoolBuilder.build).toBeTypeOf('function')
    expect(cluster.brokerPool.createBroker).toBeTypeOf('function')
  })

  test('a pool is two connections, of which connecting opens the first', () => {
    const { pool } = broker.connectionPool
    expect(pool).toHaveLength(2)
    expect(pool[0].isConnected()).toBe(true)
    expect(pool[1].isConnected()).toBe(false)
    expect(pool.map(({ clientId }) => clientId)).toEqual(['hooks', 'hooks'])
    expect(pool[0].sasl).toBeFalsy()
  })

  test("versions: the broker's, by API key", () => {
    expect(broker.versions?.[3]).toEqual({ minVersion: expect.any(Number), maxVersion: expect.any(Number) })
    expect(broker.versions?.[3]?.maxVersion).toBeGreaterThanOrEqual(8)
  })

  test('the second connection is opened apart', async () => {
    const other = await openBroker()
    await other.connect()
    const [, second] = other.connectionPool.pool
    await second.connect()
    await second.authenticate()
    expect(second.isConnected()).toBe(true)
    const id = second.nextCorrelationId()
    expect(
      metadataRequest([], false).read(new ResponseReader(await push(second, id, metadataBody(id)))).nodes,
    ).not.toEqual([])
    await other.disconnect()
    expect(second.isConnected()).toBe(false)
  })

  test('requestQueue.push: answers find their requests, several at a time', async () => {
    const [connection] = broker.connectionPool.pool
    const ids = [1, 2, 3].map(() => connection.nextCorrelationId())
    expect(new Set(ids).size).toBe(3)
    const answers = await Promise.all(ids.map((id) => push(connection, id, metadataBody(id))))
    for (const answer of answers)
      expect(metadataRequest([], false).read(new ResponseReader(answer)).clusterId).not.toBe('')
    await connection.requestQueue.waitForPendingRequests()
  })

  test('requestQueue.push: no answer is an error of that name after requestTimeout', async () => {
    const [connection] = broker.connectionPool.pool
    const silence = new Promise((resolve, reject) =>
      connection.requestQueue.push({
        entry: {
          ...{ apiKey: 3, apiName: 'Metadata', apiVersion: 8, reject },
          ...{ correlationId: connection.nextCorrelationId(), resolve },
        },
        expectResponse: true,
        requestTimeout: 1,
        sendRequest: () => {},
      }),
    )
    await expect(silence).rejects.toMatchObject({ name: 'KafkaJSRequestTimeoutError' })
  })

  test('rejectRequests: what is on its way fails, and nothing is pending any more', async () => {
    const other = await openBroker()
    await other.connect()
    const [connection] = other.connectionPool.pool
    const id = connection.nextCorrelationId()
    const pending = push(connection, id, metadataBody(id))
    connection.rejectRequests(new Error('as asked'))
    await expect(pending).rejects.toThrow('as asked')
    await connection.requestQueue.waitForPendingRequests()
    await other.disconnect()
  })

  test('a throttled queue keeps requests until its time has come', async () => {
    const other = await openBroker()
    await other.connect()
    const [connection] = other.connectionPool.pool
    connection.requestQueue.maybeThrottle(100)
    const id = connection.nextCorrelationId()
    const answer = push(connection, id, metadataBody(id))
    expect(connection.requestQueue.pending).toHaveLength(1)
    expect(connection.requestQueue.throttledUntil).toBeGreaterThan(Date.now())
    expect((await answer).length).toBeGreaterThan(0)
    await other.disconnect()
  })

  test('a login is remembered: a connection without one counts as such', () => {
    const [connection] = broker.connectionPool.pool
    expect(connection.isAuthenticated()).toBe(false)
    expect(connection.authenticate).toBeTypeOf('function')
  })
})
