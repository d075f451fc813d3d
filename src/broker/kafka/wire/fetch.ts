/**
 * Fetch, version 11, each request for itself (no fetch session).
 *
 *   request  := replica int32 | max wait | min bytes | max bytes | isolation int8 | session id, epoch int32
 *               | [topic | [partition | leader epoch | offset int64 | log start int64 | max bytes]] | [forgotten] | rack
 *   response := throttle | error int16 | session id
 *               | [topic | [partition | error int16 | high watermark int64 | last stable offset int64 | log start int64
 *                 | [aborted: producer id int64, first offset int64] | preferred replica int32 | records bytes]]
 *
 * The records are views of the response's memory, and their last batch may be cut off.
 */
import type { TopicPartition } from '../../broker.ts'
import { readByTopic, writeByTopic } from './by-topic.ts'
import { mustSucceed } from './error-code.ts'
import type { Request } from './request.ts'

export interface FetchLimits {
  readonly minBytes: number
  /** Of the whole answer. A first batch that is larger still comes. */
  readonly maxBytes: number
  /** How long the answer may be held back until there are `minBytes`. */
  readonly maxWaitMs: number
  readonly partitionBytes: number
  readonly committedOnly: boolean
  /** '' where the leader shall answer, wherever it is. */
  readonly rack: string
}

export interface FetchFrom extends TopicPartition {
  readonly offset: bigint
}

/** Its records from `firstOffset` up to its marker do not count. */
export interface AbortedTransaction {
  readonly producerId: bigint
  readonly firstOffset: bigint
}

export interface FetchedPartition extends TopicPartition {
  readonly error: number
  readonly highWatermark: bigint
  readonly lastStableOffset: bigint
  readonly logStart: bigint
  readonly aborted: readonly AbortedTransaction[]
  /** Who should be asked instead; -1: nobody else. */
  readonly preferredReplica: number
  readonly records: Buffer
}

const [noReplica, noEpoch, noSession, noOffset] = [-1, -1, 0, -1n]
const nothing = Buffer.alloc(0)

export function fetchRequest(
  limits: FetchLimits,
  partitions: readonly FetchFrom[],
): Request<readonly FetchedPartition[]> {
  return {
    ...{ name: 'Fetch', apiKey: 1, version: 11, heldMs: limits.maxWaitMs },
    write: (out) => {
      out.int32(noReplica).int32(limits.maxWaitMs).int32(limits.minBytes).int32(limits.maxBytes)
      out
        .int8(limits.committedOnly ? 1 : 0)
        .int32(noSession)
        .int32(noEpoch)
      writeByTopic(out, partitions, ({ partition, offset }) =>
        out.int32(partition).int32(noEpoch).int64(offset).int64(noOffset).int32(limits.partitionBytes),
      )
      out.array([], () => {}).string(limits.rack)
    },
    read: (body) => {
      body.int32()
      mustSucceed(body.int16(), 'The broker does not answer a fetch')
      body.int32()
      return readByTopic(body, (topic) => ({
        topic,
        partition: body.int32(),
        error: body.int16(),
        highWatermark: body.int64(),
        lastStableOffset: body.int64(),
        logStart: body.int64(),
        aborted: body.array(() => ({ producerId: body.int64(), firstOffset: body.int64() })),
        preferredReplica: body.int32(),
        records: body.bytes() ?? nothing,
      }))
    },
  }
}
