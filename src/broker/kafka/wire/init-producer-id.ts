/**
 * InitProducerId, version 1: who produces. Without a transactional id any broker gives a new one; with it, its
 * coordinator gives the same one with the next epoch, ends what its predecessor left open, and shuts that one out.
 *
 *   request  := transactional id (null: none) | transaction timeout ms
 *   response := throttle | error | producer id int64 | epoch int16
 */
import { mustSucceed } from './error-code.ts'
import type { Request } from './request.ts'

export interface ProducerIdentity {
  readonly producerId: bigint
  readonly epoch: number
}

export function initProducerIdRequest(
  transactionalId: string | null,
  transactionTimeoutMs: number,
): Request<ProducerIdentity> {
  return {
    ...{ name: 'InitProducerId', apiKey: 22, version: 1 },
    write: (out) => out.string(transactionalId).int32(transactionTimeoutMs),
    read: (body) => {
      body.int32()
      const whose = transactionalId === null ? 'an idempotent producer' : `the producer ${transactionalId}`
      mustSucceed(body.int16(), `Kafka gave no id to ${whose}`)
      return { producerId: body.int64(), epoch: body.int16() }
    },
  }
}
