/** A Kafka that answers as it is told: by the name of the request, in turn, and else as a group of one member would have it. */
import type { ConsumedRecord, Consumer, TopicPartition } from '#broker'
import { KafkaConsumer } from '../../../../../src/broker/kafka/consume/consumer.ts'
import { consumerSettings } from '../../../../../src/broker/kafka/properties/consumer-settings.ts'
import type { KafkaCluster } from '../../../../../src/broker/kafka/transport/cluster.ts'
import {
  encodeAssignment,
  encodeSubscription,
} from '../../../../../src/broker/kafka/wire/consumer-protocol.ts'
import type { FetchedPartition } from '../../../../../src/broker/kafka/wire/fetch.ts'
import type { JoinedGroup } from '../../../../../src/broker/kafka/wire/join-group.ts'
import type { Request } from '../../../../../src/broker/kafka/wire/request.ts'
import { RequestWriter } from '../../../../../src/broker/kafka/wire/request-writer.ts'

export type Answer = unknown | ((body: Buffer) => unknown)

export class ScriptedCluster {
  /** Names of the requests that have come; of fetches only the first. */
  readonly heard: string[] = []
  readonly #script = new Map<string, Answer[]>()
  partitions = 4
  /** How often the topic is not there yet when it is looked for. */
  looksInVain = 0
  generation = 0
  member = 'm1'
  /** What the member gets at the next rebalance. */
  gets: readonly TopicPartition[] = [at(0), at(1)]

  /** The next answer to requests of that name; an Error is thrown, a function is called. */
  next(name: string, ...answers: readonly Answer[]): void {
    this.#script.set(name, [...(this.#script.get(name) ?? []), ...answers])
  }

  cluster(): KafkaCluster {
    const { connection } = consumerSettings(
      { 'bootstrap.servers': 'localhost:1', 'retry.backoff.ms': '1', 'retry.backoff.max.ms': '2' },
      'test',
    )
    const metadata = {
      ...{ nodes: [], clusterId: 'c', controller: 1 },
      topics: [
        {
          ...{ topic: 't', error: 0, internal: false },
          partitions: [...Array(this.partitions).keys()].map((partition) => ({ partition, leader: 1 })),
        },
      ],
    }
    const look = () => (this.looksInVain-- > 0 ? { ...metadata, topics: [] } : metadata)
    return {
      options: connection,
      send: (_node, request) => this.#answer(request),
      sendToAny: (request) => this.#answer(request),
      metadata: async () => look(),
      coordinator: async () => {
        this.heard.push('FindCoordinator')
        return 1
      },
      [Symbol.dispose]: () => {},
    }
  }

  async #answer<R>(request: Request<R>): Promise<R> {
    const { name } = request
    if (name !== 'Fetch' || !this.heard.includes(name)) this.heard.push(name)
    const out = new RequestWriter()
    request.write(out)
    const told = this.#script.get(name)?.shift()
    const answer: unknown = typeof told === 'function' ? await told(Buffer.concat(out.parts())) : told
    if (answer instanceof Error) throw answer
    return (answer ?? (await this.usual(name))) as R
  }

  usual(name: string): unknown {
    switch (name) {
      case 'JoinGroup':
        return this.joined()
      case 'SyncGroup':
        return { error: 0, assignment: encodeAssignment(this.gets) }
      case 'Heartbeat':
      case 'LeaveGroup':
        return 0
      case 'OffsetFetch':
        return [0, 1, 2, 3].map((partition) => ({ ...at(partition), offset: 0n, error: 0 }))
      case 'OffsetCommit':
        return [{ ...at(0), error: 0 }]
      case 'Fetch':
        return new Promise<readonly FetchedPartition[]>(() => {})
    }
    throw new Error(`nothing is scripted for ${name}`)
  }

  joined(error = 0): JoinedGroup {
    const metadata = encodeSubscription({
      topics: ['t'],
      owned: [],
      userData: null,
      generation: -1,
      rack: null,
    })
    if (error === 0) this.generation++
    const { member, generation } = this
    return {
      ...{ error, generation, protocol: 'range', leader: member, member },
      members: [{ member, instance: null, metadata }],
    }
  }
}

export function at(partition: number): TopicPartition {
  return { topic: 't', partition }
}

export interface ScriptedMember {
  readonly consumer: Consumer
  readonly events: string[]
  /** Polls until the listener has heard so much. */
  until(events: number): Promise<void>
}

export function scriptedMember(
  script: ScriptedCluster,
  properties: Readonly<Record<string, string>> = {},
  whenRevoked: (consumer: Consumer) => Promise<void> = async () => {},
  topics: readonly string[] | RegExp = ['t'],
): ScriptedMember {
  const events: string[] = []
  const note = (event: string) => async (partitions: readonly TopicPartition[]) => {
    events.push(`${event} ${partitions.map(({ partition }) => partition).join()}`)
    if (event === 'revoked') await whenRevoked(consumer)
  }
  const settings = consumerSettings(
    { 'bootstrap.servers': 'localhost:1', 'heartbeat.interval.ms': '1', ...properties },
    'test',
  )
  const consumer: Consumer = new KafkaConsumer(
    settings,
    {
      ...{ group: 'g', topics, from: 'earliest', maxRecords: 500, overrides: {} },
      listener: { assigned: note('assigned'), revoked: note('revoked'), lost: note('lost') },
    },
    script.cluster(),
    script.cluster(),
  )
  const never = new AbortController().signal
  return {
    consumer,
    events,
    until: async (count) => {
      let records: readonly ConsumedRecord[] = []
      while (events.length < count) records = await consumer.poll(5, never)
      void records
    },
  }
}
