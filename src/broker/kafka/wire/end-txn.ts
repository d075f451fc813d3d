/**
 * EndTxn, version 1: commits or aborts the open transaction. Asked again after it was done, it is a success.
 *
 *   request  := transactional id | producer id int64 | epoch int16 | commit boolean
 *   response := throttle | error
 */
import type { ProducerIdentity } from './init-producer-id.ts'
import type { Request } from './request.ts'

export function endTxnRequest(
  transactionalId: string,
  { producerId, epoch }: ProducerIdentity,
  commit: boolean,
): Request<number> {
  return {
    ...{ name: 'EndTxn', apiKey: 26, version: 1 },
    write: (out) => out.string(transactionalId).int64(producerId).int16(epoch).boolean(commit),
    read: (body) => {
      body.int32()
      return body.int16()
    },
  }
}
