/** The broker as one thread sees it: everything goes through that thread's own port to the store. */
import type { MessagePort } from 'node:worker_threads'
import type {
  Admin,
  Broker,
  ConsumerOptions,
  ProducerOptions,
  ReaderOptions,
  SourceWriterOptions,
} from '../broker.ts'
import { Channel } from './channel.ts'
import { openConsumer } from './consumer.ts'
import { EmbeddedProducer } from './producer.ts'
import { openReader } from './reader.ts'
import { openSourceWriter } from './source-writer.ts'

export async function connectEmbedded(port: MessagePort): Promise<Broker> {
  const channel = new Channel(port)
  const { clusterId } = await channel.call('hello', null)
  return {
    kind: 'embedded',
    clusterId,
    admin: adminOver(channel),
    sourceWriter: (options: SourceWriterOptions) => openSourceWriter(channel, options),
    producer: async (options?: ProducerOptions) => new EmbeddedProducer(channel, options?.overrides ?? {}),
    consumer: (options: ConsumerOptions) => openConsumer(channel, options),
    reader: (options: ReaderOptions) => openReader(channel, options),
    [Symbol.asyncDispose]: async () => channel.close(),
  }
}

function adminOver(channel: Channel): Admin {
  return {
    topics: () => channel.call('topics', null),
    describe: (topic) => channel.call('describe', { topic }),
    create: (topic) => channel.call('create', { topic }),
    delete: async (topic) => void (await channel.call('delete', { topic })),
    bounds: async (topic) => {
      const bounds = await channel.call('bounds', { topic })
      return bounds.map(({ first, next }) => ({ first: BigInt(first), next: BigInt(next) }))
    },
    groupOffsets: (group) => channel.call('groupOffsets', { group }),
    alterGroupOffsets: async (group, offsets) =>
      void (await channel.call('alterGroupOffsets', { group, offsets })),
    deleteGroup: async (group) => void (await channel.call('deleteGroup', { group })),
    groupMembers: (group) => channel.call('groupMembers', { group }),
  }
}
