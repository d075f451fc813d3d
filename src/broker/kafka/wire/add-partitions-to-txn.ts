/**
 * AddPartitionsToTxn, version 1: tells the coordinator to which partitions a transaction is about to write.
 *
 *   request  := transactional id | producer id int64 | epoch int16 | [topic | [partition]]
 *   response := throttle | [topic | [partition | error]]
 */
import type { TopicPartition } from '../../broker.ts'
import { readByTopic, writeByTopic } from './by-topic.ts'
import type { ProducerIdentity } from './init-producer-id.ts'
import type { Request } from './request.ts'

export interface AddedPartition extends TopicPartition {
  readonly error: number
}

export function addPartitionsToTxnRequest(
  transactionalId: string,
  { producerId, epoch }: ProducerIdentity,
  partitions: readonly TopicPartition[],
): Request<readonly AddedPartition[]> {
  return {
    ...{ name: 'AddPartitionsToTxn', apiKey: 24, version: 1 },
    write: (out) => {
      out.string(transactionalId).int64(producerId).int16(epoch)
      writeByTopic(out, partitions, ({ partition }) => out.int32(partition))
    },
    read: (body) => {
      body.int32()
      return readByTopic(body, (topic) => ({ topic, partition: body.int32(), error: body.int16() }))
    },
  }
}
