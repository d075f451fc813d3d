/**
 * ListOffsets, version 4: which offset belongs to a time; asked of each partition's leader.
 *
 *   request  := replica int32 | isolation int8 | [topic | [partition | leader epoch | timestamp int64]]
 *   response := throttle | [topic | [partition | error | timestamp | offset int64 | leader epoch]]
 */
import type { TopicPartition } from '../../broker.ts'
import { readByTopic, writeByTopic } from './by-topic.ts'
import type { Request } from './request.ts'

/** As `at`: the first offset that is kept. */
export const earliest = -2n
/** As `at`: behind the last record; of committed ones only, before the oldest open transaction. */
export const latest = -1n

export interface OffsetQuery extends TopicPartition {
  /** Milliseconds since 1970, `earliest` or `latest`. */
  readonly at: bigint
}

export interface FoundOffset extends TopicPartition {
  readonly error: number
  /** -1: no record is that young. */
  readonly offset: bigint
}

const [noReplica, noEpoch] = [-1, -1]

export function listOffsetsRequest(
  queries: readonly OffsetQuery[],
  committedOnly: boolean,
): Request<readonly FoundOffset[]> {
  return {
    ...{ name: 'ListOffsets', apiKey: 2, version: 4 },
    write: (out) => {
      out.int32(noReplica).int8(committedOnly ? 1 : 0)
      writeByTopic(out, queries, ({ partition, at }) => out.int32(partition).int32(noEpoch).int64(at))
    },
    read: (body) => {
      body.int32()
      return readByTopic(body, (topic) => {
        const [partition, error] = [body.int32(), body.int16()]
        body.int64()
        const offset = body.int64()
        body.int32()
        return { topic, partition, error, offset }
      })
    },
  }
}
