export * from './herder.ts'
export { isJsonObject, type JsonObject, type JsonValue, jsonText, parseJson } from '#pipeline'
export { type InternalTopic, type InternalTopics, internalTopics } from './internal-topics.ts'
export { advertisedAddress, type Listener, listenersOf } from './listener.ts'
export {
  dataDirectory,
  propertiesOfEnvironment,
  usesKafka,
  type WorkerLimits,
  type WorkerMode,
  workerLimits,
  workerProperties,
} from './properties.ts'
export { joinAlone, type Membership } from './membership.ts'
export type { Replays } from './replays.ts'
export type * from './replay-status.ts'
export { openStores, type Stores, type TableOpener } from './stores.ts'
export { brokerTable, memoryTable, type StoreEntry, type StoreTable } from './table.ts'
export { Worker, type WorkerParts } from './worker.ts'
export { validateConnector } from './validate/index.ts'
export { connectVersion } from './world.ts'
export { type RecordsOptions, type TopicView, topicView } from './topic-view.ts'
