/** What a consumer can no longer do by itself, by Java's names. */
import { ConnectError } from '#errors'

/** auto.offset.reset=none, and the group has committed nothing for a partition. */
export class NoOffsetError extends ConnectError {
  override readonly javaClass = 'org.apache.kafka.clients.consumer.NoOffsetForPartitionException'
  override readonly name = 'NoOffsetError'
}

/** What was to be read next is no longer there, or not there any more since the topic was made anew. */
export class OffsetGoneError extends ConnectError {
  override readonly javaClass = 'org.apache.kafka.clients.consumer.OffsetOutOfRangeException'
  override readonly name = 'OffsetGoneError'
}
