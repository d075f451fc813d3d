export {
  daysInMonth,
  epochDay,
  type Moment,
  moment,
  printClock,
  printDate,
  setEpochDay,
} from './calendar.ts'
export { CellSlab } from './cell-slab.ts'
export { type CellChunk, NO_ROW, NULL_CELL, UNAVAILABLE_CELL } from './cells.ts'
export {
  ChangeEvent,
  type Operation,
  processingTime,
  type ProcessingTime,
  RowKey,
  type SnapshotMarker,
  type SourceBlock,
} from './change-event.ts'
export type { CellReader, Column, ColumnType } from './column.ts'
export { columnRulePrefixes, columnRuleProblems, ColumnRules } from './column-rules.ts'
export { placeholderBytes } from './placeholder.ts'
export { connectionFields, eventFields, patterns, runFields, tableFields, textList } from './config.ts'
export {
  cellValue,
  type ColumnConverter,
  columnConverter,
  convertedType,
  type ConverterClass,
  converterProblems,
} from './converters.ts'
export { contextHeaders, type HeaderContext, newRunId } from './context-headers.ts'
export {
  listEntries,
  type NameFilter,
  type NameLists,
  nameFilter,
  namePattern,
  namePatterns,
} from './filter.ts'
export { HeartbeatClock, heartbeatRecord } from './heartbeat.ts'
export { type KeyRule, parseKeyRules, ruledKey } from './message-keys.ts'
export { distinctFields, type NameAdjuster, nameAdjuster } from './name-adjustment.ts'
export { type NamedPart, namedParts, type PartClass, partPrefixes, partProblems } from './named-parts.ts'
export { PostProcessing, postProcesses, postProcessorProblems, type RowFinder } from './reselect.ts'
export { type ChangePlace, RowEvents, type RowEventOptions } from './row-events.ts'
export { SnapshotMarking, type SnapshotRecord, TableMarking } from './snapshot-marker.ts'
export { type ProgressTable, SnapshotProgress } from './snapshot-progress.ts'
export { type RowLayout, type TableShape, type TableVersion, tableVersion } from './table.ts'
export {
  type KeyField,
  sanitizeTopic,
  type TableLevel,
  type TopicNames,
  topicNames,
  type TopicSettings,
} from './topics.ts'
export {
  type CountedTransaction,
  countedTransaction,
  TransactionMark,
  type TransactionName,
  transactionSchema,
  TransactionTracker,
} from './transactions.ts'
export { notDefault, refused, unsupportedFields, withoutEffect } from './unsupported.ts'
export type {
  ChunkRow,
  ChunkSource,
  RowOrigin,
  Watermarks,
  WindowEdge,
} from './incremental/chunk-source.ts'
export {
  atRest,
  IncrementalOffset,
  logOffset,
  readProgress,
  type SnapshotProgressState,
  type SnapshotTable,
} from './incremental/incremental-offset.ts'
export type { Key, KeyPart } from './incremental/java-object.ts'
export { SnapshotNotices } from './notifications/initial-snapshot.ts'
export { Notifier, type NotifierOptions } from './notifications/notification.ts'
export {
  idleSignalFields,
  notificationFields,
  type SignalConfig,
  signalFields,
  signalProblems,
  signalTables,
} from './signal-config.ts'
export { signalChannelsOf, notifierOf } from './signals/open-channels.ts'
export { type LogEnd, LogWatermarks } from './signals/log-watermarks.ts'
export { type Signal, SignalProblem } from './signals/signal.ts'
export type { SignalChannel } from './signals/signal-channel.ts'
export { SignalFile } from './signals/signal-file.ts'
export {
  type BlockingSnapshot,
  type SignalAction,
  SignalStage,
  type SignalStageOptions,
} from './signals/signal-stage.ts'
export {
  type SignalRow,
  type SignalTableWriter,
  TableWatermarks,
  type WatermarkingStrategy,
} from './signals/signal-table.ts'
export { SignalTopic } from './signals/signal-topic.ts'
export { pause, within } from './waiting.ts'
