/** Records whose bytes are there already, as the outbox takes them. */
import type { ByteBuffer } from '#bytes'
import type { OffsetEntry, OutgoingRecord, ProducedRecord } from '../broker.ts'
import { encodeHeaders, withoutHeaders } from '../record/headers.ts'

export function producedRecord(record: ProducedRecord): OutgoingRecord {
  const { topic, partition = null, timestamp = null, key, value, headers = [] } = record
  return {
    ...{ topic, partition, timestamp, headers: encodeHeaders(headers) },
    writeKey: (out: ByteBuffer) => writeBytes(key, out),
    writeValue: (out: ByteBuffer) => writeBytes(value, out),
  }
}

/** An entry of a topic of source offsets. */
export function offsetRecord(topic: string, { key, value }: OffsetEntry): OutgoingRecord {
  return {
    ...{ topic, partition: null, timestamp: null, headers: withoutHeaders },
    writeKey: (out: ByteBuffer) => writeBytes(key, out),
    writeValue: (out: ByteBuffer) => writeBytes(value, out),
  }
}

function writeBytes(bytes: Uint8Array | null, out: ByteBuffer): boolean {
  if (bytes === null) return false
  out.append(bytes)
  return true
}
