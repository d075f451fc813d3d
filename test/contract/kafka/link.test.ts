/** One broker's sockets, to a real one and to one that does as the test says. */
import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { adminSettings } from '../../../src/broker/kafka/properties/admin-settings.ts'
import { openCluster, parsed } from '../../../src/broker/kafka/transport/cluster.ts'
import { createCluster } from '../../../src/broker/kafka/transport/kafkajs.ts'
import { type Link, openLink } from '../../../src/broker/kafka/transport/link.ts'
import { createTopicRequest } from '../../../src/broker/kafka/wire/create-topics.ts'
import { listOffsetsRequest } from '../../../src/broker/kafka/wire/list-offsets.ts'
import { metadataRequest } from '../../../src/broker/kafka/wire/metadata.ts'
import type { Request } from '../../../src/broker/kafka/wire/request.ts'
import { kafkaAvailable, kafkaServer } from '../../support/services/kafka.ts'

const requestMs = 300

function options(address: string) {
  return adminSettings(
    { 'bootstrap.servers': address, 'request.timeout.ms': `${requestMs}`, 'client.id': 'link' },
    '',
  )
}

function linkTo(address: string): Promise<Link> {
  const { host, port } = parsed(address)
  return openLink(createCluster(options(address)), host, port, 2000)
}

describe.skipIf(!kafkaAvailable)('a real broker', () => {
  // First in this process: Node warns of it once.
  test('no timer is set for a negative time', async () => {
    const warnings: string[] = []
    const note = (warning: Error): void => void warnings.push(warning.name)
    process.on('warning', note)
    const link = await linkTo(await kafkaServer())
    for (let i = 0; i < 3; i++) await link.send(metadataRequest([], false), 5000)
    await wait(20) // warnings come with a turn of their own
    process.off('warning', note)
    expect(warnings).toEqual([])
    link.close()
  })
})

/** Answers ApiVersions with these, and hands every other request to `serve`. */
class ScriptedBroker implements AsyncDisposable {
  readonly #server: Server
  readonly sockets: Socket[] = []
  serve: (socket: Socket, apiKey: number, correlationId: number) => void = () => {}

  constructor(versions: readonly (readonly [key: number, least: number, most: number])[]) {
    this.#server = createServer((socket) => {
      this.sockets.push(socket)
      socket.on('error', () => {}) // the test has closed it
      let bytes = Buffer.alloc(0)
      socket.on('data', (chunk) => {
        bytes = Buffer.concat([bytes, chunk])
        while (bytes.length >= 4 && bytes.length >= 4 + bytes.readInt32BE(0)) {
          const [apiKey, correlationId] = [bytes.readInt16BE(4), bytes.readInt32BE(8)]
          bytes = bytes.subarray(4 + bytes.readInt32BE(0))
          if (apiKey === 18) answer(socket, correlationId, apiVersions(versions))
          else this.serve(socket, apiKey, correlationId)
        }
      })
    })
  }

  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    const at = this.#server.address()
    return `127.0.0.1:${typeof at === 'object' ? at?.port : ''}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }
}

function answer(socket: Socket, correlationId: number, body: Buffer): void {
  const head = Buffer.alloc(8)
  head.writeInt32BE(4 + body.length, 0)
  head.writeInt32BE(correlationId, 4)
  socket.write(Buffer.concat([head, body]))
}

/** error | [key | least | most] | throttle */
function apiVersions(versions: readonly (readonly [number, number, number])[]): Buffer {
  const body = Buffer.alloc(2 + 4 + versions.length * 6 + 4)
  body.writeInt32BE(versions.length, 2)
  for (const [i, numbers] of versions.entries())
    for (const [field, number] of numbers.entries()) body.writeInt16BE(number, 6 + i * 6 + field * 2)
  return body
}

const echo: Request<number> = {
  ...{ name: 'Echo', apiKey: 2, version: 4 },
  write: (out) => void out.int32(0),
  read: (body) => body.int32(),
}
/** Goes over the second connection. */
const fetching: Request<number> = { ...echo, name: 'Fetch', apiKey: 1 }

function number(value: number): Buffer {
  const body = Buffer.alloc(4)
  body.writeInt32BE(value)
  return body
}

describe('a scripted broker', () => {
  let broker: ScriptedBroker
  let link: Link
  beforeEach(async () => {
    broker = new ScriptedBroker([
      [1, 4, 11],
      [2, 1, 5],
      [3, 0, 8],
      [19, 2, 3],
    ])
    link = await linkTo(await broker.listen())
  })
  afterEach(async () => {
    link.close()
    await broker[Symbol.asyncDispose]()
  })

  test('answers find their requests, whatever their order', async () => {
    const waiting: number[] = []
    broker.serve = (socket, _, id) => {
      waiting.push(id)
      if (waiting.length === 3) for (const each of waiting.reverse()) answer(socket, each, number(each))
    }
    const answers = await Promise.all([1, 2, 3].map(() => link.send(echo, requestMs)))
    expect(answers).toEqual([...answers].sort((a, b) => a - b))
    expect(link.usable).toBe(true)
  })

  test('a request that is not answered in time fails, and with it all others; the link is of no use any more', async () => {
    const others = link.send({ ...echo, heldMs: 60_000 }, requestMs)
    await Promise.all([
      expect(link.send(echo, requestMs)).rejects.toMatchObject({
        name: 'KafkaUnreachableError',
        retriable: true,
      }),
      expect(others).rejects.toThrow(/was closed/),
    ])
    expect(link.usable).toBe(false)
    await link.drained()
    await expect(link.send(echo, requestMs)).rejects.toMatchObject({ name: 'KafkaUnreachableError' })
  })

  test('a broker that closes the connection without a word may speak another protocol; later, it is only gone', async () => {
    broker.serve = (socket) => socket.end()
    await expect(link.send(echo, requestMs)).rejects.toThrow(/security\.protocol/)
    const other = await linkTo(`${link.address}`)
    broker.serve = (socket, _, id) => answer(socket, id, number(7))
    await other.send(echo, requestMs)
    broker.serve = (socket) => socket.end()
    await expect(other.send(echo, requestMs)).rejects.not.toThrow(/security\.protocol/)
    expect(other.usable).toBe(false)
  })

  test('an answer that ends too early is a DecodeError, and the link goes on', async () => {
    broker.serve = (socket, _, id) => answer(socket, id, Buffer.alloc(2))
    await expect(link.send(echo, requestMs)).rejects.toMatchObject({ name: 'DecodeError' })
    broker.serve = (socket, _, id) => answer(socket, id, number(7))
    expect(await link.send(echo, requestMs)).toBe(7)
  })

  test('fetches have a connection of their own; when it is lost, so is the link', async () => {
    const served: Socket[] = []
    broker.serve = (socket, _, id) => {
      served.push(socket)
      answer(socket, id, number(7))
    }
    await Promise.all([
      link.send(echo, requestMs),
      link.send(fetching, requestMs),
      link.send(fetching, requestMs),
    ])
    expect(new Set(served).size).toBe(2)
    expect(link.usable).toBe(true)
    broker.sockets.at(-1)?.end()
    await expect.poll(() => link.usable).toBe(false)
  })

  test('a version that the broker does not know is an error that names both', async () => {
    const topic = { topic: 't', partitions: -1, replicationFactor: -1, config: {} }
    await expect(link.send(createTopicRequest(topic, 1), requestMs)).rejects.toThrow(
      /knows the request CreateTopics in versions 2 to 3, not in version 4\. Kafka 2\.1 and later/,
    )
    await expect(link.send({ ...echo, apiKey: 47 }, requestMs)).rejects.toThrow(/not at all/)
    expect(link.usable).toBe(true)
  })

  test('a cluster replaces a link that is lost', async () => {
    using cluster = openCluster({ ...options(link.address), backoffMs: 1 })
    broker.serve = (socket) => socket.destroy()
    await expect(cluster.sendToAny(echo)).rejects.toThrow(/None of the brokers/)
    broker.serve = (socket, _, id) => answer(socket, id, number(7))
    expect(await cluster.sendToAny(echo)).toBe(7)
    expect(await cluster.sendToAny(echo)).toBe(7)
  })

  test('a disposed cluster rejects what is on its way and what comes', async () => {
    const cluster = openCluster(options(link.address))
    const pending = cluster.sendToAny(echo)
    await expect.poll(() => broker.sockets.length).toBe(2)
    cluster[Symbol.dispose]()
    await expect(pending).rejects.toMatchObject({ name: 'KafkaUnreachableError' })
    await expect(cluster.send(1, listOffsetsRequest([], false))).rejects.toThrow(/closed/)
  })
})
