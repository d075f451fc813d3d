/** What the rest of the connector uses of the schema history: its records, recovery, and the topic of schema changes. */
export { ddlFilter, type DdlFilter, defaultDdlFilter } from './ddl-filter.ts'
export {
  historyPosition,
  type HistoryPosition,
  type HistoryRecord,
  readHistoryRecord,
  writeHistoryRecord,
} from './history-record.ts'
export { type GtidFilter, logOrder, positionOrder, type PositionOrder } from './position-order.ts'
export { openHistoryStore } from './open-store.ts'
export { HistoryRecovery, type RecoveryOptions } from './recovery.ts'
export {
  schemaChangeRecord,
  type SchemaChangeRecord,
  schemaChangeSchemas,
  type SchemaChangeSchemas,
} from './schema-change-record.ts'
export {
  type CaptureFilter,
  isRecorded,
  isTransactional,
  type SchemaChange,
  schemaChanges,
} from './schema-changes.ts'
export { type HistorySettings, parseHistorySettings } from './settings.ts'
export type { HistoryStore } from './store.ts'
export {
  readTableChange,
  type TableChange,
  tableChangeJson,
  type TableChangeJson,
} from './table-json.ts'
