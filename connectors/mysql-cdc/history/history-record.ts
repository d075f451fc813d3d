/**
 * A record of Debezium's schema history: a JSON document without a key.
 *
 *   record := { source: { server }, position, ts_ms, databaseName, ddl, tableChanges }
 *
 * `position` is the source offset as of the change, field for field.
 */
import type { OffsetMap } from '#data'
import { DecodeError } from '#errors'
import { type Json, plainJson, prettyJson } from './pretty-json.ts'
import { requireTableChange, type TableChangeJson } from './table-json.ts'

export type HistoryPosition = Readonly<Record<string, string | number | boolean | null>>

/** The history keeps numbers as numbers. */
export function historyPosition(offset: OffsetMap): HistoryPosition {
  const entries = Object.entries(offset).map(([key, value]) => [
    key,
    typeof value === 'bigint' ? Number(value) : value,
  ])
  return Object.fromEntries(entries) as HistoryPosition
}

export interface HistoryRecord {
  /** topic.prefix */
  readonly server: string
  readonly position: HistoryPosition
  /** Null: a record of an old version. */
  readonly timestamp: number | null
  readonly databaseName: string | null
  readonly ddl: string | null
  readonly tableChanges: readonly TableChangeJson[]
}

/** As it stands in a topic. */
export function writeHistoryRecord(record: HistoryRecord): string {
  return prettyJson(documentOf(record))
}

/** As it stands in a file. */
export function writeHistoryLine(record: HistoryRecord): string {
  return plainJson(documentOf(record))
}

function documentOf(record: HistoryRecord): Json {
  const { server, position, timestamp, databaseName, ddl, tableChanges } = record
  return {
    source: { server },
    position,
    ...(timestamp === null ? {} : { ts_ms: timestamp }),
    ...(databaseName === null ? {} : { databaseName }),
    ...(ddl === null ? {} : { ddl }),
    tableChanges: tableChanges as unknown as Json,
  }
}

interface RecordJson {
  readonly source?: { readonly server?: unknown }
  readonly position?: HistoryPosition | null
  readonly ts_ms?: unknown
  readonly databaseName?: unknown
  readonly ddl?: unknown
  readonly tableChanges?: unknown
}

export function readHistoryRecord(text: string): HistoryRecord {
  const json = parse(text)
  const { source, position } = json
  if (typeof source?.server !== 'string' || typeof position !== 'object' || position === null)
    throw notHistory('It names no source or no position.')
  return {
    server: source.server,
    position,
    timestamp: typeof json.ts_ms === 'number' ? json.ts_ms : null,
    databaseName: textOf(json, 'databaseName'),
    ddl: textOf(json, 'ddl'),
    tableChanges: changesOf(json.tableChanges ?? []),
  }
}

function textOf(json: RecordJson, name: 'databaseName' | 'ddl'): string | null {
  const value = json[name] ?? null
  if (value !== null && typeof value !== 'string') throw notHistory(`Its ${name} is no text.`)
  return value
}

function changesOf(changes: unknown): readonly TableChangeJson[] {
  if (!Array.isArray(changes)) throw notHistory('Its tableChanges are no list.')
  return changes.map((change: unknown) => {
    requireTableChange(change)
    return change
  })
}

function parse(text: string): RecordJson {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw notHistory('It is no JSON.', cause)
  }
  if (typeof json !== 'object' || json === null) throw notHistory('It is no object.')
  return json
}

export function notHistory(why: string, cause?: unknown): DecodeError {
  return new DecodeError(`A record of the schema history cannot be read: ${why}`, {
    remedy:
      'Check that the topic or file of schema.history.internal belongs to this connector alone, or rebuild it with snapshot.mode=recovery.',
    ...(cause === undefined ? {} : { cause }),
  })
}
