/**
 * The error codes of Kafka's protocol (kafka.apache.org/protocol, "Error Codes") that a client can meet: the name in
 * the protocol, Java's exception, and whether trying again helps.
 */
import { ConnectError } from '#errors'

interface ErrorCode {
  readonly name: string
  readonly javaClass: string
  readonly retriable: boolean
}

const errors = 'org.apache.kafka.common.errors'

const final = (name: string, exception: string): ErrorCode => ({
  ...{ name, javaClass: `${errors}.${exception}Exception`, retriable: false },
})
const passing = (name: string, exception: string): ErrorCode => ({
  ...final(name, exception),
  retriable: true,
})

const codes: Readonly<Record<number, ErrorCode>> = {
  [-1]: final('UNKNOWN_SERVER_ERROR', 'UnknownServer'),
  1: final('OFFSET_OUT_OF_RANGE', 'OffsetOutOfRange'),
  2: passing('CORRUPT_MESSAGE', 'CorruptRecord'),
  3: passing('UNKNOWN_TOPIC_OR_PARTITION', 'UnknownTopicOrPartition'),
  5: passing('LEADER_NOT_AVAILABLE', 'LeaderNotAvailable'),
  6: passing('NOT_LEADER_OR_FOLLOWER', 'NotLeaderOrFollower'),
  7: passing('REQUEST_TIMED_OUT', 'Timeout'),
  8: passing('BROKER_NOT_AVAILABLE', 'BrokerNotAvailable'),
  9: passing('REPLICA_NOT_AVAILABLE', 'ReplicaNotAvailable'),
  10: final('MESSAGE_TOO_LARGE', 'RecordTooLarge'),
  12: final('OFFSET_METADATA_TOO_LARGE', 'OffsetMetadataTooLarge'),
  13: passing('NETWORK_EXCEPTION', 'Network'),
  14: passing('COORDINATOR_LOAD_IN_PROGRESS', 'CoordinatorLoadInProgress'),
  15: passing('COORDINATOR_NOT_AVAILABLE', 'CoordinatorNotAvailable'),
  16: passing('NOT_COORDINATOR', 'NotCoordinator'),
  17: final('INVALID_TOPIC_EXCEPTION', 'InvalidTopic'),
  18: final('RECORD_LIST_TOO_LARGE', 'RecordBatchTooLarge'),
  19: passing('NOT_ENOUGH_REPLICAS', 'NotEnoughReplicas'),
  20: passing('NOT_ENOUGH_REPLICAS_AFTER_APPEND', 'NotEnoughReplicasAfterAppend'),
  21: final('INVALID_REQUIRED_ACKS', 'InvalidRequiredAcks'),
  22: final('ILLEGAL_GENERATION', 'IllegalGeneration'),
  23: final('INCONSISTENT_GROUP_PROTOCOL', 'InconsistentGroupProtocol'),
  24: final('INVALID_GROUP_ID', 'InvalidGroupId'),
  25: final('UNKNOWN_MEMBER_ID', 'UnknownMemberId'),
  26: final('INVALID_SESSION_TIMEOUT', 'InvalidSessionTimeout'),
  27: final('REBALANCE_IN_PROGRESS', 'RebalanceInProgress'),
  28: final('INVALID_COMMIT_OFFSET_SIZE', 'InvalidCommitOffsetSize'),
  29: final('TOPIC_AUTHORIZATION_FAILED', 'TopicAuthorization'),
  30: final('GROUP_AUTHORIZATION_FAILED', 'GroupAuthorization'),
  31: final('CLUSTER_AUTHORIZATION_FAILED', 'ClusterAuthorization'),
  32: final('INVALID_TIMESTAMP', 'InvalidTimestamp'),
  33: final('UNSUPPORTED_SASL_MECHANISM', 'UnsupportedSaslMechanism'),
  34: final('ILLEGAL_SASL_STATE', 'IllegalSaslState'),
  35: final('UNSUPPORTED_VERSION', 'UnsupportedVersion'),
  36: final('TOPIC_ALREADY_EXISTS', 'TopicExists'),
  37: final('INVALID_PARTITIONS', 'InvalidPartitions'),
  38: final('INVALID_REPLICATION_FACTOR', 'InvalidReplicationFactor'),
  39: final('INVALID_REPLICA_ASSIGNMENT', 'InvalidReplicaAssignment'),
  40: final('INVALID_CONFIG', 'InvalidConfiguration'),
  41: passing('NOT_CONTROLLER', 'NotController'),
  42: final('INVALID_REQUEST', 'InvalidRequest'),
  43: final('UNSUPPORTED_FOR_MESSAGE_FORMAT', 'UnsupportedForMessageFormat'),
  44: final('POLICY_VIOLATION', 'PolicyViolation'),
  45: final('OUT_OF_ORDER_SEQUENCE_NUMBER', 'OutOfOrderSequence'),
  46: final('DUPLICATE_SEQUENCE_NUMBER', 'DuplicateSequence'),
  47: final('INVALID_PRODUCER_EPOCH', 'InvalidProducerEpoch'),
  48: final('INVALID_TXN_STATE', 'InvalidTxnState'),
  49: final('INVALID_PRODUCER_ID_MAPPING', 'InvalidPidMapping'),
  50: final('INVALID_TRANSACTION_TIMEOUT', 'InvalidTxnTimeout'),
  51: passing('CONCURRENT_TRANSACTIONS', 'ConcurrentTransactions'),
  53: final('TRANSACTIONAL_ID_AUTHORIZATION_FAILED', 'TransactionalIdAuthorization'),
  54: final('SECURITY_DISABLED', 'SecurityDisabled'),
  55: final('OPERATION_NOT_ATTEMPTED', 'OperationNotAttempted'),
  56: passing('KAFKA_STORAGE_ERROR', 'KafkaStorage'),
  58: final('SASL_AUTHENTICATION_FAILED', 'SaslAuthentication'),
  59: final('UNKNOWN_PRODUCER_ID', 'UnknownProducerId'),
  68: final('NON_EMPTY_GROUP', 'GroupNotEmpty'),
  69: final('GROUP_ID_NOT_FOUND', 'GroupIdNotFound'),
  70: passing('FETCH_SESSION_ID_NOT_FOUND', 'FetchSessionIdNotFound'),
  71: passing('INVALID_FETCH_SESSION_EPOCH', 'InvalidFetchSessionEpoch'),
  72: passing('LISTENER_NOT_FOUND', 'ListenerNotFound'),
  73: final('TOPIC_DELETION_DISABLED', 'TopicDeletionDisabled'),
  74: passing('FENCED_LEADER_EPOCH', 'FencedLeaderEpoch'),
  75: passing('UNKNOWN_LEADER_EPOCH', 'UnknownLeaderEpoch'),
  76: final('UNSUPPORTED_COMPRESSION_TYPE', 'UnsupportedCompressionType'),
  77: final('STALE_BROKER_EPOCH', 'StaleBrokerEpoch'),
  78: passing('OFFSET_NOT_AVAILABLE', 'OffsetNotAvailable'),
  79: final('MEMBER_ID_REQUIRED', 'MemberIdRequired'),
  80: passing('PREFERRED_LEADER_NOT_AVAILABLE', 'PreferredLeaderNotAvailable'),
  81: final('GROUP_MAX_SIZE_REACHED', 'GroupMaxSizeReached'),
  82: final('FENCED_INSTANCE_ID', 'FencedInstanceId'),
  86: final('GROUP_SUBSCRIBED_TO_TOPIC', 'GroupSubscribedToTopic'),
  87: final('INVALID_RECORD', 'InvalidRecord'),
  88: passing('UNSTABLE_OFFSET_COMMIT', 'UnstableOffsetCommit'),
  89: passing('THROTTLING_QUOTA_EXCEEDED', 'ThrottlingQuotaExceeded'),
  90: final('PRODUCER_FENCED', 'ProducerFenced'),
  100: passing('UNKNOWN_TOPIC_ID', 'UnknownTopicId'),
}

/** The name of a code in the protocol; codes that are not in the table show their number. */
export function errorName(code: number): string {
  return codes[code]?.name ?? `ERROR_${code}`
}

/** What a broker has answered in place of what was asked. */
export class KafkaError extends ConnectError {
  override readonly name = 'KafkaError'
  override readonly javaClass: string
  override readonly retriable: boolean
  /** As in the protocol: `NOT_LEADER_OR_FOLLOWER`, … */
  readonly code: string

  constructor(code: number, message: string, details: { readonly remedy?: string } = {}) {
    const known = codes[code] ?? final(`ERROR_${code}`, 'UnknownServer')
    super(`${message}: ${known.name}.`, details)
    this.code = known.name
    this.javaClass = known.javaClass
    this.retriable = known.retriable
  }
}

/** Throws what a response's code means; 0 is success. */
export function mustSucceed(code: number, what: string, detail: string | null = null): void {
  if (code !== 0) throw new KafkaError(code, detail === null || detail === '' ? what : `${what} (${detail})`)
}
