/** A sink for tests: what a table holds after all records. */
import type { SourceRecord } from '#data'

/** What a sink has that applied them: per table the rows by their keys. */
export class Sink {
  readonly tables = new Map<string, Map<string, string>>()

  apply(record: SourceRecord): void {
    const value = record.value.value() as { get(name: string): unknown } | null
    if (record.topic === 'test' || value === null) return
    const key = text(record.key.value())
    const rows = this.tables.get(record.topic) ?? new Map<string, string>()
    this.tables.set(record.topic, rows)
    if (value.get('op') === 'd') rows.delete(key)
    else rows.set(key, text(value.get('after')))
  }
}

function text(struct: unknown): string {
  const { values } = struct as { values: unknown[] }
  return JSON.stringify(values, (_name, value: unknown) =>
    typeof value === 'bigint' ? Number(value) : value,
  )
}
