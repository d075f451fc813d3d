/**
 * Who leads the partitions that are read. What is not known, or was wrong, is asked for again in the background, with
 * pauses that grow while it gets no better.
 */
import type { TopicPartition } from '../../broker.ts'
import { ConnectError, messageOf } from '#errors'
import type { KafkaCluster } from '../transport/cluster.ts'
import { KafkaError } from '../wire/error-code.ts'
import type { Metadata } from '../wire/metadata.ts'
import { log } from './log.ts'
import { pause } from './pause.ts'

const unknownTopic = 3

export interface LeadersOptions {
  /** Called after each answer. */
  changed(): void
  /** No leader will be found any more: a right is missing, the login is refused. */
  failed(error: Error): void
}

export class Leaders implements Disposable {
  readonly #cluster: KafkaCluster
  readonly #options: LeadersOptions
  readonly #leaders = new Map<string, Map<number, number>>()
  /** Topics that no broker knows, and since when. */
  readonly #missing = new Map<string, number>()
  readonly #end = new AbortController()
  readonly #wanted = new Set<string>()
  #renewing = false
  #failures = 0

  constructor(cluster: KafkaCluster, options: LeadersOptions) {
    this.#cluster = cluster
    this.#options = options
  }

  /** -1: not known. */
  of({ topic, partition }: TopicPartition): number {
    return this.#leaders.get(topic)?.get(partition) ?? -1
  }

  /** How long no broker has known the topic. */
  missingMs(topic: string): number {
    const since = this.#missing.get(topic)
    return since === undefined ? 0 : performance.now() - since
  }

  /** That broker did not lead it, or cannot be reached. */
  forget({ topic, partition }: TopicPartition): void {
    this.#leaders.get(topic)?.delete(partition)
  }

  /** Asks now, and takes the answer in. */
  async load(topics: readonly string[]): Promise<Metadata> {
    const metadata = await this.#cluster.metadata(topics, false)
    for (const { topic, error, partitions } of metadata.topics) {
      if (error === 0) this.#missing.delete(topic)
      else if (error === unknownTopic && !this.#missing.has(topic))
        this.#missing.set(topic, performance.now())
      this.#leaders.set(topic, new Map(partitions.map(({ partition, leader }) => [partition, leader])))
      const refused = error === 0 ? null : new KafkaError(error, `The topic ${topic} cannot be read`)
      if (refused !== null && !refused.retriable) throw refused
    }
    return metadata
  }

  /** Asks in the background until there is an answer. */
  renew(topic: string): void {
    this.#wanted.add(topic)
    if (this.#renewing) return
    this.#renewing = true
    void this.#renew()
  }

  async #renew(): Promise<void> {
    const { signal } = this.#end
    if (this.#failures > 0) await pause(this.#cluster.options, this.#failures - 1, signal)
    // Until all is well again, each further question comes later.
    this.#failures++
    const topics = [...this.#wanted]
    this.#wanted.clear()
    if (signal.aborted) return
    try {
      await this.load(topics)
      this.#renewing = false
      this.#options.changed()
    } catch (error) {
      this.#renewing = false
      if (signal.aborted) return
      if (!(error instanceof ConnectError && error.retriable))
        return this.#options.failed(error instanceof Error ? error : new Error(String(error)))
      if (Math.log2(this.#failures) % 1 === 0)
        log().warn(
          { err: error },
          `The leaders of ${topics.join(', ')} are asked for again: ${messageOf(error)}`,
        )
      for (const topic of topics) this.renew(topic)
    }
  }

  /** An answer has come from a leader. */
  settled(): void {
    this.#failures = 0
  }

  [Symbol.dispose](): void {
    this.#end.abort()
  }
}
