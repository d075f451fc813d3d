/** What a producer works by. Every send is idempotent and waits for all replicas, whatever its properties ask for. */
import type { ConnectionOptions } from '../connection-options.ts'
import type { ClientProperties } from './client-properties.ts'
import { connectionSettings } from './connection-settings.ts'
import { invalid, PropertyReader } from './property-reader.ts'

export interface ProducerSettings {
  readonly connection: ConnectionOptions
  /** compression.type */
  readonly compression: 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd'
  /** compression.{gzip,zstd}.level of that codec; null: the codec's own. */
  readonly compressionLevel: number | null
  /** batch.size */
  readonly batchBytes: number
  /** max.request.size: of one request, and of one record before it is compressed. */
  readonly maxRequestBytes: number
  /** buffer.memory */
  readonly bufferBytes: number
  /** max.block.ms: how long metadata may be waited for. */
  readonly maxBlockMs: number
  /** max.in.flight.requests.per.connection, 1 to 5: more would break the order that idempotence promises. */
  readonly maxInFlight: number
  /** delivery.timeout.ms: how long a batch is tried again in all. By default as good as without end, as Connect's. */
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

const mostInt = 2 ** 31 - 1

/** `clientId`: where no client.id is given. */
export function producerSettings(properties: ClientProperties, clientId: string): ProducerSettings {
  return readProducerSettings(new PropertyReader('producer', properties), clientId)
}

export function readProducerSettings(reader: PropertyReader, clientId: string): ProducerSettings {
  // Read so that a wrong value is refused; what they ask for at most is done in any case.
  reader.choice('acks', ['all', '-1', '1', '0'])
  reader.flag('enable.idempotence', true)
  const deliveryTimeoutMs = reader.integer('delivery.timeout.ms', mostInt)
  const compression = reader.choice('compression.type', ['none', 'gzip', 'snappy', 'lz4', 'zstd']) ?? 'none'
  return {
    connection: connectionSettings(reader, clientId, deliveryTimeoutMs),
    compression,
    compressionLevel: compressionLevel(reader, compression),
    batchBytes: reader.integer('batch.size', 262_144),
    maxRequestBytes: reader.integer('max.request.size', 1_048_576),
    bufferBytes: reader.long('buffer.memory', 33_554_432),
    maxBlockMs: reader.long('max.block.ms', 60_000),
    maxInFlight: Math.min(reader.integer('max.in.flight.requests.per.connection', 5, { least: 1 }), 5),
    deliveryTimeoutMs,
    transactionalId: reader.text('transactional.id') || null,
    transactionTimeoutMs: reader.integer('transaction.timeout.ms', 60_000),
    metadataMaxAgeMs: reader.long('metadata.max.age.ms', 300_000),
    ignoreKeys: reader.flag('partitioner.ignore.keys', false),
  }
}

function compressionLevel(reader: PropertyReader, codec: ProducerSettings['compression']): number | null {
  const gzip = reader.optionalInteger('compression.gzip.level', { least: -1, most: 9 })
  if (gzip === 0) throw invalid('compression.gzip.level', '0', 'Value must be -1, or from 1 to 9')
  const zstd = reader.optionalInteger('compression.zstd.level', { least: -131_072, most: 22 })
  if (codec === 'gzip') return gzip === -1 ? null : gzip
  return codec === 'zstd' ? zstd : null
}
