/**
 * Metadata, version 8: where the brokers are, and who leads which partition.
 *
 *   request  := [topic] (null: all) | allow auto creation | cluster operations | topic operations
 *   response := throttle | [node id, host, port, rack] | cluster id | controller id
 *               | [error, name, internal, [error, partition, leader, epoch, replicas, isr, offline], operations] | operations
 */
import type { Request } from './request.ts'

export interface NodeMetadata {
  readonly id: number
  readonly host: string
  readonly port: number
}

export interface PartitionMetadata {
  readonly partition: number
  /** -1 while none is elected. */
  readonly leader: number
}

export interface TopicMetadata {
  readonly topic: string
  /** 0, or why the rest is empty. */
  readonly error: number
  readonly internal: boolean
  /** In order of their numbers. */
  readonly partitions: readonly PartitionMetadata[]
}

export interface Metadata {
  readonly nodes: readonly NodeMetadata[]
  readonly clusterId: string
  readonly controller: number
  readonly topics: readonly TopicMetadata[]
}

/** `create`: topics that do not exist are made by the broker, if it is set so (auto.create.topics.enable). */
export function metadataRequest(topics: readonly string[] | null, create: boolean): Request<Metadata> {
  return {
    ...{ name: 'Metadata', apiKey: 3, version: 8 },
    write: (out) => {
      out.array(topics, (topic) => out.string(topic))
      out.boolean(create).boolean(false).boolean(false)
    },
    read: (body) => {
      body.int32()
      const nodes = body.array(() => {
        const node = { id: body.int32(), host: body.string(), port: body.int32() }
        body.nullableString()
        return node
      })
      const clusterId = body.nullableString() ?? ''
      const controller = body.int32()
      const found = body.array(() => {
        const [error, topic, internal] = [body.int16(), body.string(), body.boolean()]
        const partitions = body.array(() => {
          body.int16()
          const [partition, leader] = [body.int32(), body.int32()]
          body.int32()
          for (let list = 0; list < 3; list++) body.array(() => body.int32())
          return { partition, leader }
        })
        body.int32()
        return { topic, error, internal, partitions: partitions.sort((a, b) => a.partition - b.partition) }
      })
      return { nodes, clusterId, controller, topics: found }
    },
  }
}
