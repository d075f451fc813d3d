/**
 * OffsetFetch, version 5: what a group has committed; asked of its coordinator.
 *
 *   request  := group | [topic | [partition]] (null: all)
 *   response := throttle | [topic | [partition | offset int64 | leader epoch | metadata | error]] | error
 */
import type { TopicPartition } from '../../broker.ts'
import { readByTopic, writeByTopic } from './by-topic.ts'
import { mustSucceed } from './error-code.ts'
import type { Request } from './request.ts'

export interface CommittedOffset extends TopicPartition {
  /** Of the next record to read; -1: nothing was committed. */
  readonly offset: bigint
  readonly error: number
}

/** null: of every partition for which something was committed. */
export function offsetFetchRequest(
  group: string,
  partitions: readonly TopicPartition[] | null,
): Request<readonly CommittedOffset[]> {
  return {
    ...{ name: 'OffsetFetch', apiKey: 9, version: 5 },
    write: (out) => {
      out.string(group)
      if (partitions === null) out.array(null, () => {})
      else writeByTopic(out, partitions, ({ partition }) => out.int32(partition))
    },
    read: (body) => {
      body.int32()
      const offsets = readByTopic(body, (topic) => {
        const [partition, offset] = [body.int32(), body.int64()]
        body.int32()
        body.nullableString()
        return { topic, partition, offset, error: body.int16() }
      })
      mustSucceed(body.int16(), `The offsets of the group ${group} cannot be read`)
      return offsets
    },
  }
}
