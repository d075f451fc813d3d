/** What a producer works by. Every send is idempotent and waits for all replicas, whatever its properties ask for. */
import type { ConnectionOptions } from '../connection-options.ts'

export interface ProducerSettings {
  readonly connection: ConnectionOptions
  /** compression.type */
  readonly compression: 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd'
  /** compression.{gzip,lz4,zstd}.level of that codec; null: the codec's own. */
  readonly compressionLevel: number | null
  /** batch.size */
  readonly batchBytes: number
  /** linger.ms */
  readonly lingerMs: number
  /** max.request.size: of one request, and of one record before it is compressed. */
  readonly maxRequestBytes: number
  /** buffer.memory */
  readonly bufferBytes: number
  /** max.block.ms: how long metadata may be waited for. */
  readonly maxBlockMs: number
  /** max.in.flight.requests.per.connection, 1 to 5: more would break the order that idempotence promises. */
  readonly maxInFlight: number
  /** delivery.timeout.ms: how long a batch is tried again in all. Connect's is without end. */
  readonly deliveryTimeoutMs: number
  /** transactional.id, where there is one. */
  readonly transactionalId: string | null
  /** transaction.timeout.ms */
  readonly transactionTimeoutMs: number
  /** metadata.max.age.ms */
  readonly metadataMaxAgeMs: number
  /** partitioner.ignore.keys: the key does not decide the partition. */
  readonly ignoreKeys: boolean
}
