/** What a running task does, and what it is given. Its end is `[Symbol.asyncDispose]`; stopping is the signal. */
import type { OffsetMap, SinkRecord, SourceOffset, SourceRecord } from '#data'
import type { Logger, Metrics } from '#observe'

export interface SourceTask extends AsyncDisposable {
  /** The next records; empty when there are none for now. Waits at most about a second, or until the signal. */
  poll(signal: AbortSignal): Promise<readonly SourceRecord[]>
  /** These offsets are durable, and so is every record up to them (invariant 1): the log may be confirmed. */
  committed?(offsets: readonly SourceOffset[]): Promise<void>
  /**
   * Asked after an empty poll, while nothing is in flight: an offset is stored without a record, and comes back in
   * `committed`; at most once per `offset.flush.interval.ms`, or 10 s if that is less. It must not be behind that of a
   * record given out before. null: nothing has moved.
   */
  idle?(): SourceOffset | null
}

export interface SinkTask extends AsyncDisposable {
  /** Partitions came: called before their first record. */
  assigned?(partitions: readonly SinkPartition[]): Promise<void>
  /** Called with an empty batch too, after every poll. A RetriableError brings the same batch again. */
  put(records: readonly SinkRecord[], signal: AbortSignal): Promise<void>
  /** After it, everything put is durable downstream. Default: `put` itself was. */
  flush?(): Promise<void>
  revoked?(partitions: readonly SinkPartition[]): Promise<void>
}

export interface SinkPartition {
  readonly topic: string
  readonly partition: number
}

interface TaskContext {
  readonly connector: string
  readonly task: number
  readonly log: Logger
  readonly metrics: Metrics
  /** Aborted when the task shall stop. */
  readonly signal: AbortSignal
}

export interface SourceContext extends TaskContext {
  /** The stored offset of a source partition, or null. Integers come back as bigint. */
  offset(partition: OffsetMap): Promise<OffsetMap | null>
  /** Nothing is asked of a broker before the log is used. */
  topicLog(options: TopicLogOptions): TopicLog
}

export interface TopicLogOptions {
  readonly topic: string
  /** Another Kafka than the worker's broker. */
  readonly bootstrapServers: string | null
  /** Properties of Kafka's producer (and of the admin that makes the topic) and consumer. */
  readonly producer: Readonly<Record<string, string>>
  readonly consumer: Readonly<Record<string, string>>
}

/** A topic of one partition as a log that a task keeps for itself, or that tells it something. */
export interface TopicLog extends AsyncDisposable {
  /** The topic's configuration by Kafka's names; null: there is no such topic. */
  describe(): Promise<Readonly<Record<string, string>> | null>
  /** Makes the topic. false: it exists already. */
  create(config: Readonly<Record<string, string>>): Promise<boolean>
  /** Offsets of the first record kept and behind the last. */
  bounds(): Promise<{ readonly first: bigint; readonly next: bigint }>
  /** From that offset or, without one, the first record on, up to the end at the time of the call. Never empty batches. */
  read(from?: bigint): AsyncIterable<readonly LogRecord[]>
  /** From that offset on, and what comes then, until the signal. Where that offset is gone, from the first that is left. */
  follow(from: bigint, signal: AbortSignal): AsyncIterable<readonly LogRecord[]>
  /** Durable on return, and in this order. */
  append(records: readonly NewLogRecord[]): Promise<void>
}

export interface NewLogRecord {
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
}

/** Its bytes are a part of a whole batch: copy what is to be kept. */
export interface LogRecord extends NewLogRecord {
  readonly offset: bigint
  readonly timestamp: bigint
}

export interface SinkContext extends TaskContext {
  /** Reports a record that the target refused: to the dead letter queue and log. Absent: let the task fail. */
  readonly report: ((record: SinkRecord, error: Error) => Promise<void>) | null
  /** Asks for the next retry of a failed put after this time. */
  retryAfter(ms: number): void
}

export interface ConnectorContext {
  readonly connector: string
  readonly log: Logger
  readonly signal: AbortSignal
  /** Asks the worker to call `taskConfigs` again. */
  reconfigure(): void
}
