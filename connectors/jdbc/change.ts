/** What a record asks of a table. */
import type { SinkRecord } from '#data'
import type { Layout } from './record-fields.ts'

export interface Change {
  readonly kind: 'write' | 'delete' | 'truncate'
  readonly layout: Layout
  /** Connect values, as `layout.columns`. */
  readonly values: readonly unknown[]
  readonly record: SinkRecord
  /** Columns were left out because the source did not send their values. */
  readonly partial: boolean
}

/** `topic orders, partition 0, offset 17`: a record without its values. */
export function coordinates(record: SinkRecord): string {
  return `topic ${record.origin.topic}, partition ${record.origin.partition}, offset ${record.offset}`
}
