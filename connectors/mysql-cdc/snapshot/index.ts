/** What the task uses of snapshots. */
export type {
  CatchUp,
  LockingMode,
  SnapshotListener,
  SnapshotParts,
  SnapshotSettings,
  SnapshotTask,
} from './options.ts'
export { progressKey, readProgress, type StoredProgress } from './progress.ts'
export { listTables } from './structure.ts'
export { SnapshotPhase } from './snapshot-phase.ts'
