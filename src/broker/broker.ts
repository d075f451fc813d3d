/**
 * The broker as rowtap sees it: topics of partitions of records, and records are bytes. Two implementations stand
 * behind it, `embedded` (SQLite, one process) and Kafka; `test/contract/broker-suite.ts` says what both must do.
 */
import type { ByteBuffer } from '#bytes'

export interface Broker extends AsyncDisposable {
  readonly kind: 'embedded' | 'kafka'
  /** Shown by `GET /` as kafka_cluster_id; stable for the life of the data. */
  readonly clusterId: string
  readonly admin: Admin
  /** The way in for source tasks: records and their offsets. */
  sourceWriter(options: SourceWriterOptions): Promise<SourceWriter>
  /** The way in for everything else (stores, dead letters, history): few records, each send durable on return. */
  producer(options?: ProducerOptions): Promise<Producer>
  /** A member of a consumer group. */
  consumer(options: ConsumerOptions): Promise<Consumer>
  /** Reads whole partitions without a group, from the beginning, and goes on as records arrive. */
  reader(options: ReaderOptions): Promise<Reader>
}

export interface TopicPartition {
  readonly topic: string
  readonly partition: number
}

export type TopicConfig = Readonly<Record<string, string>>

export interface NewTopic {
  readonly topic: string
  /** -1: the broker's default. */
  readonly partitions: number
  readonly replicationFactor: number
  /** Kafka's names: cleanup.policy, retention.ms, retention.bytes, … What the embedded broker cannot honour, it refuses. */
  readonly config: TopicConfig
}

export interface TopicDescription {
  readonly topic: string
  readonly partitions: number
  readonly config: TopicConfig
}

export interface Admin {
  topics(): Promise<readonly string[]>
  /** null where there is no such topic. */
  describe(topic: string): Promise<TopicDescription | null>
  /** false where it exists already. */
  create(topic: NewTopic): Promise<boolean>
  delete(topic: string): Promise<void>
  /** First offset kept and the offset after the last, per partition. Unknown topics are an error. */
  bounds(topic: string): Promise<readonly { readonly first: bigint; readonly next: bigint }[]>
  groupOffsets(group: string): Promise<readonly GroupOffset[]>
  /** Fails with `GroupBusyError` while the group has members. A null offset removes that partition's. */
  alterGroupOffsets(
    group: string,
    offsets: readonly (TopicPartition & { readonly offset: bigint | null })[],
  ): Promise<void>
  /** Forgets the group; a group that does not exist is a success. Fails with `GroupBusyError` while it has members. */
  deleteGroup(group: string): Promise<void>
  /** Who is in the group now, whatever it is for (consumers, Connect's workers). A group that does not exist is empty. */
  groupMembers(group: string): Promise<readonly GroupMember[]>
}

export interface GroupMember {
  readonly clientId: string
  /** As the broker sees it. */
  readonly host: string
}

export interface GroupOffset extends TopicPartition {
  readonly offset: bigint
}

/** A record on its way in. The callbacks write straight into the growing batch; nothing is kept after `append`. */
export interface OutgoingRecord {
  readonly topic: string
  /** null: murmur2 of the key's bytes as Kafka does, round robin without a key. */
  readonly partition: number | null
  /** Milliseconds since 1970; null: now. */
  readonly timestamp: bigint | null
  /** Appends the key's bytes; false: there is no key. */
  writeKey(out: ByteBuffer): boolean
  /** Appends the value's bytes; false: a null value. */
  writeValue(out: ByteBuffer): boolean
  /** As `encodeHeaders` makes it: count and entries in the record format. */
  readonly headers: Uint8Array
}

export interface SourceWriterOptions {
  /** `connector-0`: names the writer in errors, client ids and transactional ids. */
  readonly task: string
  /** Where `commit` stores offsets: a compacted topic. */
  readonly offsetsTopic: string
  /** Decides how a topic that does not exist is made; null: the broker makes it with its own defaults. */
  readonly newTopic: (topic: string) => NewTopic | null
  /** `producer.override.*` without the prefix. The embedded broker refuses what it cannot honour. */
  readonly overrides: Readonly<Record<string, string>>
  /**
   * Given for exactly-once: a Kafka stores records and offsets in transactions of that id (Connect's is
   * `<group.id>-<connector>-<task>`), and shuts out the writer that had it before. The embedded broker always does so.
   */
  readonly transactionalId?: string
}

export interface OffsetEntry {
  readonly key: Uint8Array
  readonly value: Uint8Array | null
}

/** One per source task. Records of one partition reach the broker in the order of `append` (invariant 3). */
export interface SourceWriter extends AsyncDisposable {
  /**
   * Takes the record in and returns null; or, at a barrier (the topic must be looked up or made first, or there is no
   * room), takes nothing and returns a promise: await it and append the same record again. Throws a `RecordRefusedError`, and goes
   * on with the next record, where the topic does not take this one (its size, no key in a compacted topic).
   */
  append(record: OutgoingRecord): Promise<void> | null
  /** Bytes taken in that are not durable yet: what the byte budget counts. */
  readonly pendingBytes: number
  /**
   * Stores everything appended so far and these offsets; resolves once all of it is durable (invariant 1). Commits
   * may overlap and resolve in order. A rejection is final for this writer: the task fails and begins again from its
   * stored offsets.
   */
  commit(offsets: readonly OffsetEntry[]): Promise<void>
  /** true: records and offsets become visible together, so each batch is committed at once. */
  readonly atomic: boolean
}

export interface ProducedRecord {
  readonly topic: string
  readonly partition?: number | null
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly headers?: readonly RawHeader[]
  readonly timestamp?: bigint | null
}

export interface RawHeader {
  readonly key: string
  readonly value: Uint8Array | null
}

export interface ProducerOptions {
  /** `producer.override.*` without the prefix, as a source writer's. */
  readonly overrides: Readonly<Record<string, string>>
}

export interface Producer extends AsyncDisposable {
  /** Durable on return, all or, in the embedded broker, none. Topics that do not exist are made with defaults. */
  send(records: readonly ProducedRecord[]): Promise<void>
}

export interface ConsumedRecord extends TopicPartition {
  readonly offset: bigint
  readonly timestamp: bigint
  /** The bytes belong to the reader of the record. */
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly headers: readonly RawHeader[]
}

export interface ConsumerOptions {
  readonly group: string
  /** Names, or a pattern that must match a whole name (topics that appear later are joined in). */
  readonly topics: readonly string[] | RegExp
  readonly from: 'earliest' | 'latest'
  /** Most records one `poll` returns (max.poll.records, 500). */
  readonly maxRecords: number
  /** `consumer.override.*` without the prefix. */
  readonly overrides: Readonly<Record<string, string>>
  /** Called before partitions change hands, and after: the sink flushes and commits in `revoked`. */
  readonly listener: RebalanceListener
}

export interface RebalanceListener {
  assigned(partitions: readonly TopicPartition[]): Promise<void>
  revoked(partitions: readonly TopicPartition[]): Promise<void>
  /** Taken away without notice: nothing may be committed for them any more. */
  lost(partitions: readonly TopicPartition[]): Promise<void>
}

export interface Consumer extends AsyncDisposable {
  /**
   * At most `maxRecords`, in offset order per partition; empty when nothing came within `timeoutMs` or the signal was
   * aborted. Woken, not polling. The listener is called within it. Disposing of the consumer calls `revoked` once more.
   */
  poll(timeoutMs: number, signal: AbortSignal): Promise<readonly ConsumedRecord[]>
  /** The offset of a partition is that of the next record to read. */
  commit(offsets: readonly GroupOffset[]): Promise<void>
  seek(partition: TopicPartition, offset: bigint): void
  pause(partitions: readonly TopicPartition[]): void
  resume(partitions: readonly TopicPartition[]): void
  assignment(): readonly TopicPartition[]
}

export interface ReaderOptions {
  readonly topics: readonly string[]
  /** An offset: of each partition; where it is gone, the first that is left. */
  readonly from: 'earliest' | 'latest' | bigint
  /** `consumer.override.*` without the prefix. */
  readonly overrides?: Readonly<Record<string, string>>
}

export interface Reader extends AsyncDisposable {
  poll(timeoutMs: number, signal: AbortSignal): Promise<readonly ConsumedRecord[]>
  /** Resolves once every record that was in the topics at the time of the call has been returned by `poll`. */
  caughtUp(): Promise<boolean>
}
