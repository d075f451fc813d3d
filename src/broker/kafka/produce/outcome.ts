/** What the answer for a batch means: it is stored, it is to be sent again, divided, or the producer is at its end. */
import { ConnectError } from '#errors'
import { RecordRefusedError } from '../../errors.ts'
import { KafkaError } from '../wire/error-code.ts'
import type { SealedBatch } from './partition-queue.ts'

export type Outcome =
  | { readonly is: 'stored' }
  /** `why` ends up in the error if it is never stored. */
  | { readonly is: 'again'; readonly why: ConnectError }
  /** Refused only because one before it is missing, which is to be sent again first. */
  | { readonly is: 'behind' }
  | { readonly is: 'divide' }
  | { readonly is: 'final'; readonly error: ConnectError }

const stored: Outcome = { is: 'stored' }
const behind: Outcome = { is: 'behind' }

/** Of the error code in the answer. */
export function outcomeOf(code: number, batch: SealedBatch): Outcome {
  if (code === 0) return stored
  const error = refusal(code, batch)
  switch (error.code) {
    case 'DUPLICATE_SEQUENCE_NUMBER':
      // It was stored before, and the answer was lost.
      return stored
    case 'OUT_OF_ORDER_SEQUENCE_NUMBER':
      return batch.queue.isFirst(batch) ? { is: 'final', error } : behind
    case 'MESSAGE_TOO_LARGE':
    case 'RECORD_LIST_TOO_LARGE':
      return batch.count > 1 ? { is: 'divide' } : { is: 'final', error: tooLarge(batch) }
    default:
      return error.retriable ? { is: 'again', why: error } : { is: 'final', error }
  }
}

/** Of a request that got no answer. */
export function outcomeOfError(error: unknown): Outcome {
  if (error instanceof ConnectError && error.retriable) return { is: 'again', why: error }
  return {
    is: 'final',
    error: error instanceof ConnectError ? error : new ConnectError(String(error), { cause: error }),
  }
}

const lost = 'The broker has lost what it knew of this producer.'
const remedies: Readonly<Record<string, string>> = {
  TOPIC_AUTHORIZATION_FAILED: 'Grant the principal of the worker WRITE on the topic.',
  CLUSTER_AUTHORIZATION_FAILED: 'Grant the principal of the worker IDEMPOTENT_WRITE on the cluster.',
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED: 'Grant the principal of the worker WRITE on the transactional id.',
  OUT_OF_ORDER_SEQUENCE_NUMBER: lost,
  UNKNOWN_PRODUCER_ID: lost,
  INVALID_PRODUCER_EPOCH:
    'Another producer has taken its place, or its transaction has expired (transaction.timeout.ms).',
  PRODUCER_FENCED: 'Another producer has taken its place.',
  INVALID_RECORD: 'A compacted topic takes only records with a key; a topic may also bound their timestamps.',
}

function refusal(code: number, { topic, partition }: SealedBatch): KafkaError {
  const error = new KafkaError(code, `Kafka did not take records for partition ${partition} of ${topic}`)
  const remedy = remedies[error.code]
  return remedy === undefined ? error : new KafkaError(code, withoutCode(error), { remedy })
}

function withoutCode({ message, code }: KafkaError): string {
  return message.slice(0, -`: ${code}.`.length)
}

function tooLarge({ topic, bytes }: SealedBatch): RecordRefusedError {
  return new RecordRefusedError(
    `A record for the topic ${topic} takes ${bytes.length} bytes, which is more than max.message.bytes of the topic: it is too large for Kafka.`,
    {
      remedy:
        'Raise max.message.bytes of the topic (or message.max.bytes of the brokers), and max.request.size of the producer with it, or compress (compression.type).',
    },
  )
}
