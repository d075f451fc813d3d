/** A batch that is too large for its topic, made anew as two: the same records with the same sequence numbers. */
import type { ByteBuffer } from '#bytes'
import { BatchBuilder } from '../../record/batch-builder.ts'
import { BatchReader } from '../../record/batch-reader.ts'
import { compressBatch, compressionOf, mostUnpackedOfKafka } from '../../record/compression.ts'
import { encodeHeaders } from '../../record/headers.ts'
import { sealBatch } from '../../record/batch-seal.ts'
import type { ConsumedRecord } from '../../broker.ts'
import type { SealedBatch, Sealing } from './partition-queue.ts'

const none = new Uint8Array(0)

export function divideBatch(batch: SealedBatch, sealing: Sealing): SealedBatch[] {
  const records: ConsumedRecord[] = []
  const reader = new BatchReader(batch.topic, batch.partition, batch.bytes, {
    mostUnpacked: mostUnpackedOfKafka,
  })
  for (let record = reader.next(); record !== null; record = reader.next()) records.push(record)
  const middle = records.length >> 1
  return [records.slice(0, middle), records.slice(middle)].map((part, i) => {
    const sequence = i === 0 ? batch.sequence : (batch.sequence + middle) % 2 ** 31
    const recordBytes = i === 0 ? batch.recordBytes >> 1 : batch.recordBytes - (batch.recordBytes >> 1)
    const bytes = encoded(part, batch)
    sealBatch(bytes, { ...sealing, sequence })
    const memory = bytes.buffer
    return { ...batch, bytes, memory, count: part.length, recordBytes, sequence, attempts: 0 }
  })
}

function encoded(records: readonly ConsumedRecord[], { bytes }: SealedBatch): Buffer<ArrayBuffer> {
  const builder = new BatchBuilder()
  for (const { timestamp, key, value, headers } of records) {
    const source = {
      writeValue: (out: ByteBuffer) => {
        if (value !== null) out.append(value)
        return value !== null
      },
    }
    const length = key === null ? -1 : key.length
    builder.append(
      Number(timestamp),
      key ?? none,
      length,
      source,
      encodeHeaders(headers),
      Number.POSITIVE_INFINITY,
    )
  }
  const batch = builder.finish()
  return (
    compressBatch(batch, compressionOf(bytes), null, mostUnpackedOfKafka) ?? (batch as Buffer<ArrayBuffer>)
  )
}
