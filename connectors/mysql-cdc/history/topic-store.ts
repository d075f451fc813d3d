/** The schema history in a topic of one partition, as Debezium keeps it: records without key, never to be removed. */
import type { Logger } from '#observe'
import type { TopicLog } from '#plugin'
import { type HistoryRecord, readHistoryRecord, writeHistoryRecord } from './history-record.ts'
import type { HistoryStore } from './store.ts'

const forever = { 'cleanup.policy': 'delete', 'retention.ms': '-1', 'retention.bytes': '-1' }
/** A snapshot of a large server writes many records: as few requests as there is sense in. */
const mostAtOnce = 1000
const fiveYearsMs = 5 * 365 * 86_400_000

export class TopicHistoryStore implements HistoryStore {
  readonly name: string
  readonly #topic: string
  readonly #topicLog: TopicLog
  readonly #log: Logger

  constructor(topic: string, topicLog: TopicLog, log: Logger) {
    this.name = `the topic ${topic}`
    this.#topic = topic
    this.#topicLog = topicLog
    this.#log = log
  }

  async state(): Promise<'missing' | 'empty' | 'filled'> {
    const config = await this.#topicLog.describe()
    if (config === null) return 'missing'
    this.#warnOf(config)
    const { first, next } = await this.#topicLog.bounds()
    return first === next ? 'empty' : 'filled'
  }

  async create(): Promise<void> {
    if (await this.#topicLog.create(forever))
      this.#log.info({ topic: this.#topic }, 'made the topic of the schema history')
  }

  async *records(): AsyncIterable<readonly HistoryRecord[]> {
    if ((await this.#topicLog.describe()) === null) return
    for await (const batch of this.#topicLog.read()) {
      const records = batch.flatMap(({ value, offset }) => {
        if (value !== null) return [readHistoryRecord(textOf(value))]
        this.#log.warn(
          { topic: this.#topic, offset: String(offset) },
          'a record of the schema history is empty',
        )
        return []
      })
      if (records.length > 0) yield records
    }
  }

  async append(records: readonly HistoryRecord[]): Promise<void> {
    for (let at = 0; at < records.length; at += mostAtOnce)
      await this.#topicLog.append(
        records
          .slice(at, at + mostAtOnce)
          .map((record) => ({ key: null, value: Buffer.from(writeHistoryRecord(record)) })),
      )
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve(this.#topicLog[Symbol.asyncDispose]())
  }

  /** Records that go would be tables that are not known after the next restart. */
  #warnOf(config: Readonly<Record<string, string>>): void {
    const { 'cleanup.policy': policy = 'delete', 'retention.bytes': bytes = '-1' } = config
    const age = Number(config['retention.ms'] ?? '-1')
    if (policy === 'delete' && bytes === '-1' && (age < 0 || age >= fiveYearsMs)) return
    this.#log.warn(
      { topic: this.#topic, policy, retentionMs: age, retentionBytes: bytes },
      'the topic of the schema history may lose records: set cleanup.policy=delete, retention.ms=-1 and retention.bytes=-1 on it',
    )
  }
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8')
}
