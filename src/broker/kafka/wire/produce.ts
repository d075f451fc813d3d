/**
 * Produce, version 7: at most one record batch per partition, appended once all replicas in sync have it.
 *
 *   request  := transactional id (null: none) | acks int16 = -1 | timeout ms | [topic | [partition | batch bytes]]
 *   response := [topic | [partition | error | base offset int64 | append time int64 | first offset int64]] | throttle
 */
import type { TopicPartition } from '../../broker.ts'
import { readByTopic, writeByTopic } from './by-topic.ts'
import type { Request } from './request.ts'

export interface ProducedBatch extends TopicPartition {
  /** Sealed; its memory stays as it is until the answer has come. */
  readonly bytes: Buffer
}

export interface ProduceResult extends TopicPartition {
  readonly error: number
}

const allReplicas = -1

export function produceRequest(
  transactionalId: string | null,
  timeoutMs: number,
  batches: readonly ProducedBatch[],
): Request<readonly ProduceResult[]> {
  return {
    ...{ name: 'Produce', apiKey: 0, version: 7 },
    write: (out) => {
      out.string(transactionalId).int16(allReplicas).int32(timeoutMs)
      writeByTopic(out, batches, ({ partition, bytes }) => out.int32(partition).attach(bytes))
    },
    read: (body) =>
      readByTopic(body, (topic) => {
        const result = { topic, partition: body.int32(), error: body.int16() }
        for (let i = 0; i < 3; i++) body.int64()
        return result
      }),
  }
}
