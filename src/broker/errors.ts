/** What a broker refuses, whichever broker it is. `javaClass` is the name that Kafka's clients know it by. */
import { ConnectError } from '#errors'

/** The group has members: its offsets belong to them. */
export class GroupBusyError extends ConnectError {
  override readonly javaClass = 'org.apache.kafka.common.errors.GroupNotEmptyException'
  override readonly name = 'GroupBusyError'
}

export class UnknownTopicError extends ConnectError {
  override readonly javaClass = 'org.apache.kafka.common.errors.UnknownTopicOrPartitionException'
  override readonly name = 'UnknownTopicError'
}

/** A record that its topic does not take: too large, without the key that compaction needs, a partition that is not there. */
export class RecordRefusedError extends ConnectError {
  override readonly javaClass = 'org.apache.kafka.common.errors.InvalidRecordException'
  override readonly name = 'RecordRefusedError'
}

/** The partitions belong to another member by now: nothing was stored. */
export class CommitFailedError extends ConnectError {
  override readonly javaClass = 'org.apache.kafka.clients.consumer.CommitFailedException'
  override readonly name = 'CommitFailedError'
}

/** A request that cannot be served as it was asked: a wrong name, a configuration that this broker cannot honour. */
export class InvalidRequestError extends ConnectError {
  override readonly javaClass = 'org.apache.kafka.common.errors.InvalidRequestException'
  override readonly name = 'InvalidRequestError'
}

/** The broker is closed or has died; nothing that was asked of it since is known to have happened. */
export class BrokerGoneError extends ConnectError {
  override readonly name = 'BrokerGoneError'
}
