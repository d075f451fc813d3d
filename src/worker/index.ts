export * from './herder.ts'
export { isJsonObject, jsonText, parseJson } from './json.ts'
export { advertisedAddress, type Listener, listenersOf } from './listener.ts'
export {
  dataDirectory,
  propertiesOfEnvironment,
  type WorkerLimits,
  workerLimits,
  workerProperties,
} from './properties.ts'
export { openStores, type Stores, type TableOpener } from './stores.ts'
export { memoryTable, type StoreEntry, type StoreTable } from './table.ts'
export { Worker, type WorkerParts } from './worker.ts'
export { connectVersion } from './world.ts'
