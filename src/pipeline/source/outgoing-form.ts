/**
 * When the converters run: in place, while the writer appends (one copy, straight into the growing batch), or aside,
 * before the writer sees the record, so that a record which cannot be converted may be tried again or skipped.
 */
import type { OutgoingRecord } from '#broker'
import { ByteBuffer } from '#bytes'
import type { ConnectRecord } from '#data'
import type { Outgoing } from './outgoing.ts'

export interface OutgoingForm {
  /** Makes this the record to write; null: `ready`, else a barrier after which it must be made so again. */
  become(record: ConnectRecord): Promise<void> | null
  readonly ready: OutgoingRecord
}

export function convertedInPlace(outgoing: Outgoing): OutgoingForm {
  return { become: (record) => outgoing.become(record), ready: outgoing }
}

export function convertedAside(outgoing: Outgoing): OutgoingForm {
  const key = new AsideBytes()
  const value = new AsideBytes()
  return {
    become(record) {
      const barrier = outgoing.become(record)
      if (barrier !== null) return barrier
      key.take((out) => outgoing.writeKey(out))
      value.take((out) => outgoing.writeValue(out))
      return null
    },
    ready: {
      get topic() {
        return outgoing.topic
      },
      get partition() {
        return outgoing.partition
      },
      get timestamp() {
        return outgoing.timestamp
      },
      get headers() {
        return outgoing.headers
      },
      writeKey: (out) => key.give(out),
      writeValue: (out) => value.give(out),
    },
  }
}

class AsideBytes {
  readonly #bytes = new ByteBuffer()
  #there = false

  take(write: (out: ByteBuffer) => boolean): void {
    this.#bytes.clear()
    this.#there = write(this.#bytes)
  }

  give(out: ByteBuffer): boolean {
    if (this.#there) out.append(this.#bytes.bytes, 0, this.#bytes.length)
    return this.#there
  }
}
