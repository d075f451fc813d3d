/**
 * OffsetCommit, version 6: stores what a group has read; sent to its coordinator.
 *
 *   request  := group | generation int32 | member | [topic | [partition | offset int64 | leader epoch | metadata]]
 *   response := throttle | [topic | [partition | error]]
 */
import type { GroupOffset, TopicPartition } from '../../broker.ts'
import { readByTopic, writeByTopic } from './by-topic.ts'
import type { Request } from './request.ts'

export interface Membership {
  readonly generation: number
  readonly member: string
}

/** From outside: the group takes it only while it has no members. */
export const noMember: Membership = { generation: -1, member: '' }

export interface CommitResult extends TopicPartition {
  readonly error: number
}

const noEpoch = -1

export function offsetCommitRequest(
  group: string,
  { generation, member }: Membership,
  offsets: readonly GroupOffset[],
): Request<readonly CommitResult[]> {
  return {
    ...{ name: 'OffsetCommit', apiKey: 8, version: 6 },
    write: (out) => {
      out.string(group).int32(generation).string(member)
      writeByTopic(out, offsets, ({ partition, offset }) =>
        out.int32(partition).int64(offset).int32(noEpoch).string(''),
      )
    },
    read: (body) => {
      body.int32()
      return readByTopic(body, (topic) => ({ topic, partition: body.int32(), error: body.int16() }))
    },
  }
}
