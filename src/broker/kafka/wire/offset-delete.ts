/**
 * OffsetDelete, version 0 (Kafka 2.4 and later): forgets what a group has committed for some partitions; sent to its
 * coordinator.
 *
 *   request  := group | [topic | [partition]]
 *   response := error | throttle | [topic | [partition | error]]
 */
import type { TopicPartition } from '../../broker.ts'
import { readByTopic, writeByTopic } from './by-topic.ts'
import type { Request } from './request.ts'

export interface OffsetDeletion {
  /** Of the whole group; then there are no partitions. */
  readonly error: number
  readonly partitions: readonly (TopicPartition & { readonly error: number })[]
}

export function offsetDeleteRequest(
  group: string,
  partitions: readonly TopicPartition[],
): Request<OffsetDeletion> {
  return {
    ...{ name: 'OffsetDelete', apiKey: 47, version: 0 },
    write: (out) => {
      out.string(group)
      writeByTopic(out, partitions, ({ partition }) => out.int32(partition))
    },
    read: (body) => {
      const error = body.int16()
      body.int32()
      const each = readByTopic(body, (topic) => ({ topic, partition: body.int32(), error: body.int16() }))
      return { error, partitions: each }
    },
  }
}
