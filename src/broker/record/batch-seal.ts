/** What a finished batch gets before it goes to a Kafka: who produced it, its place in the order, and its checksum. */
import { crc32c } from '@node-rs/crc32'
import { DecodeError } from '#errors'
import { type BatchHeader, crcFrom, transactionalBit } from './batch-header.ts'

export interface ProducerStamp {
  readonly producerId: bigint
  readonly epoch: number
  /** Of the batch's first record, among those of this producer in its partition. */
  readonly sequence: number
  readonly transactional: boolean
}

export function sealBatch(
  batch: Buffer,
  { producerId, epoch, sequence, transactional }: ProducerStamp,
): void {
  if (transactional) batch.writeInt16BE(batch.readInt16BE(21) | transactionalBit, 21)
  batch.writeBigInt64BE(producerId, 43)
  batch.writeInt16BE(epoch, 51)
  batch.writeInt32BE(sequence, 53)
  batch.writeUInt32BE(crc32c(batch.subarray(crcFrom)), 17)
}

/** The batch at `at` must have the checksum that it says. */
export function verifyBatch(bytes: Buffer, header: BatchHeader, at = 0): void {
  if (crc32c(bytes.subarray(at + crcFrom, at + header.size)) !== bytes.readUInt32BE(at + 17))
    throw new DecodeError(`The record batch at offset ${header.baseOffset} does not match its checksum.`, {
      remedy: 'Its bytes were changed on their way or in the store of the broker.',
    })
}
