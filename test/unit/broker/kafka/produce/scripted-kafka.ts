/**
 * A cluster in memory that keeps a producer's sequence numbers as Kafka's leaders do: a batch that was stored is
 * answered again with success, one that leaves a gap is refused. A transactional batch is taken only for a partition
 * that was added to the transaction. What goes wrong is said by `fault`, request by request.
 */
import type { ConnectionOptions } from '../../../../../src/broker/kafka/connection-options.ts'
import type { ProducerSettings } from '../../../../../src/broker/kafka/properties/producer-settings.ts'
import type { KafkaCluster } from '../../../../../src/broker/kafka/transport/cluster.ts'
import { KafkaUnreachableError } from '../../../../../src/broker/kafka/transport/connection-error.ts'
import type { Metadata } from '../../../../../src/broker/kafka/wire/metadata.ts'
import type { Request } from '../../../../../src/broker/kafka/wire/request.ts'
import { RequestWriter } from '../../../../../src/broker/kafka/wire/request-writer.ts'
import { ResponseReader } from '../../../../../src/broker/kafka/wire/response-reader.ts'
import { isTransactional, readBatchHeader } from '../../../../../src/broker/record/batch-header.ts'
import { decodeBatches } from '../../../../../src/broker/record/batch-reader.ts'
import { verifyBatch } from '../../../../../src/broker/record/batch-seal.ts'

/** `lost`: the connection breaks before the request arrives; `unanswered`: after it was carried out. */
export type Fault = 'lost' | 'unanswered' | { readonly error: number } | null

export interface StoredPartition {
  leader: number
  readonly values: string[]
  /** First and next sequence number of the batches that came last. */
  readonly recent: [number, number][]
  /** Of the newest batch. */
  size: number
}

interface Arrival {
  readonly request: Request<unknown>
  readonly resolve: (answer: never) => void
  readonly reject: (error: Error) => void
}

export const connection: ConnectionOptions = {
  ...{ bootstrap: ['scripted:1'], clientId: 'test', tls: null, sasl: null, connectMs: 1000, requestMs: 1000 },
  ...{ deadlineMs: 1000, backoffMs: 0, backoffMaxMs: 0 },
}

export const settings: ProducerSettings = {
  ...{ connection, compression: 'none', compressionLevel: null, batchBytes: 200 },
  ...{ maxRequestBytes: 10_000, bufferBytes: 1 << 20, maxBlockMs: 1000, maxInFlight: 5 },
  ...{ deliveryTimeoutMs: 60_000, transactionalId: null, transactionTimeoutMs: 60_000 },
  ...{ metadataMaxAgeMs: 60_000, ignoreKeys: false },
}

export class ScriptedKafka implements KafkaCluster {
  readonly options = connection
  readonly topics = new Map<string, StoredPartition[]>()
  /** Bytes of each produce request that was carried out, and how many partitions it named. */
  readonly requests: { readonly node: number; readonly partitions: number; readonly bytes: number }[] = []
  /** Most requests that were under way to one broker at once. */
  mostInFlight = 0
  /** Asked before each produce request is carried out. */
  fault: (node: number) => Fault = () => null
  maxMessageBytes = Number.POSITIVE_INFINITY
  initialised = 0
  /** What was done in order: `add t-0`, `store t-0 a,b`, `commit`, `abort`. */
  readonly events: string[] = []
  /** Answers of the coordinator that come before a success. */
  readonly refusals: number[] = []
  readonly #inTransaction = new Set<string>()
  readonly #arrivals = new Map<number, Arrival[]>()
  #held: (() => void)[] | null = null

  make(topic: string, leaders: readonly number[]): void {
    this.topics.set(
      topic,
      leaders.map((leader) => ({ leader, values: [], recent: [], size: 0 })),
    )
  }

  values(topic: string, partition = 0): readonly string[] {
    return this.topics.get(topic)?.[partition]?.values ?? []
  }

  /** Until `release`, requests are taken and not carried out. */
  hold(): void {
    this.#held = []
  }

  release(): void {
    const held = this.#held ?? []
    this.#held = null
    for (const each of held) each()
  }

  sendToAny<R>(request: Request<R>): Promise<R> {
    return this.#coordinate(request)
  }

  async metadata(names: readonly string[] | null): Promise<Metadata> {
    const topics = (names ?? []).map((topic) => {
      const found = this.topics.get(topic)
      const partitions = (found ?? []).map(({ leader }, partition) => ({ partition, leader }))
      return { topic, error: found === undefined ? 3 : 0, internal: false, partitions }
    })
    return { nodes: [], clusterId: '', controller: 1, topics }
  }

  coordinator(): Promise<number> {
    return Promise.resolve(1)
  }

  send<R>(node: number, request: Request<R>): Promise<R> {
    if (request.apiKey !== 0) return this.#coordinate(request)
    const { promise, resolve, reject } = Promise.withResolvers<R>()
    const arrivals = this.#arrivals.get(node) ?? []
    this.#arrivals.set(node, arrivals)
    arrivals.push({ request, resolve, reject })
    this.mostInFlight = Math.max(this.mostInFlight, arrivals.length)
    const serve = () => setImmediate(() => this.#serve(node, arrivals))
    if (this.#held === null) serve()
    else this.#held.push(serve)
    return promise
  }

  async #coordinate<R>(request: Request<R>): Promise<R> {
    await new Promise(setImmediate)
    const { name } = request
    const body = bodyOf(request)
    const answer = new RequestWriter().int32(0)
    const error = this.refusals.shift() ?? 0
    if (name === 'InitProducerId')
      answer
        .int16(error)
        .int64(BigInt(++this.initialised))
        .int16(0)
    else {
      body.string()
      body.int64()
      body.int16()
      if (name === 'EndTxn') {
        answer.int16(error)
        if (error === 0) this.#end(body.boolean())
      } else {
        const topics = body.array(() => ({
          topic: body.string(),
          partitions: body.array(() => body.int32()),
        }))
        answer.array(topics, ({ topic, partitions }) =>
          answer.string(topic).array(partitions, (partition) => {
            answer.int32(partition).int16(error)
            if (error === 0) this.#add(`${topic}-${partition}`)
          }),
        )
      }
    }
    return request.read(new ResponseReader(Buffer.concat(answer.parts())))
  }

  #add(partition: string): void {
    this.#inTransaction.add(partition)
    this.events.push(`add ${partition}`)
  }

  #end(commit: boolean): void {
    this.#inTransaction.clear()
    this.events.push(commit ? 'commit' : 'abort')
  }

  /** Carries out the oldest request; where the connection breaks, all behind it are lost too. */
  #serve(node: number, arrivals: Arrival[]): void {
    const arrival = arrivals.shift()
    if (arrival === undefined) return
    const fault = this.fault(node)
    const broken = fault === 'lost' || fault === 'unanswered'
    const error = fault !== null && typeof fault === 'object' ? fault.error : null
    const answer = fault === 'lost' ? null : this.#produce(node, arrival.request, error)
    if (!broken && answer !== null) arrival.resolve(arrival.request.read(new ResponseReader(answer)) as never)
    else
      for (const each of [arrival, ...arrivals.splice(0)])
        each.reject(new KafkaUnreachableError(`The broker ${node} does not answer.`))
  }

  #produce(node: number, request: Request<unknown>, error: number | null): Buffer {
    const body = bodyOf(request)
    const bytes = body.left
    body.nullableString()
    body.int16()
    body.int32()
    const answer = new RequestWriter()
    const topics = body.array(() => ({
      topic: body.string(),
      batches: body.array(() => ({ partition: body.int32(), bytes: body.bytes() ?? Buffer.alloc(0) })),
    }))
    const partitions = topics.reduce((sum, { batches }) => sum + batches.length, 0)
    this.requests.push({ node, partitions, bytes })
    answer.array(topics, ({ topic, batches }) =>
      answer.string(topic).array(batches, ({ partition, bytes }) => {
        answer.int32(partition).int16(error ?? this.#append(node, topic, partition, bytes))
        answer.int64(0n).int64(0n).int64(0n)
      }),
    )
    answer.int32(0)
    return Buffer.concat(answer.parts())
  }

  #append(node: number, topic: string, partition: number, bytes: Buffer): number {
    const stored = this.topics.get(topic)?.[partition]
    if (stored === undefined) return 3
    if (stored.leader !== node) return 6
    if (bytes.length > this.maxMessageBytes) return 10
    const header = readBatchHeader(bytes)
    verifyBatch(bytes, header)
    if (isTransactional(header) && !this.#inTransaction.has(`${topic}-${partition}`)) return 48
    const first = bytes.readInt32BE(53)
    if (stored.recent.some(([from]) => from === first)) return 0
    const next = stored.recent.at(-1)?.[1]
    if (next !== undefined && next !== first) return 45
    stored.recent.push([first, (first + header.count) % 2 ** 31])
    if (stored.recent.length > 5) stored.recent.shift()
    stored.size = bytes.length
    const values = decodeBatches(topic, partition, bytes).map(({ value }) => String(value))
    stored.values.push(...values)
    this.events.push(`store ${topic}-${partition} ${values.join()}`)
    return 0
  }

  [Symbol.dispose](): void {
    for (const arrivals of this.#arrivals.values())
      for (const { reject } of arrivals.splice(0)) reject(new KafkaUnreachableError('It is closed.'))
  }
}

function bodyOf(request: Request<unknown>): ResponseReader {
  const writer = new RequestWriter()
  request.write(writer)
  return new ResponseReader(Buffer.concat(writer.parts()))
}
