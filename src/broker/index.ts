export {
  type BrokerAddress,
  connectBroker,
  type EmbeddedAddress,
  type KafkaBrokerOptions,
  type KafkaClients,
  openKafkaBroker,
  openKafkaClients,
  type OwnedBroker,
  transferOf,
} from './address.ts'
export type * from './broker.ts'
export { type EmbeddedBrokerOptions, openEmbeddedBroker } from './embedded/open.ts'
export {
  BrokerGoneError,
  CommitFailedError,
  GroupBusyError,
  InvalidRequestError,
  RecordRefusedError,
  UnknownTopicError,
} from './errors.ts'
export { BatchBuilder } from './record/batch-builder.ts'
export { BatchReader, decodeBatches } from './record/batch-reader.ts'
export { encodeHeaders, withoutHeaders } from './record/headers.ts'
export { murmur2, partitionOf } from './record/murmur2.ts'
export { openTable, type Table, type TableEntry, type TableOptions } from './table.ts'
