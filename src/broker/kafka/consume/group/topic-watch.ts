/**
 * Which topics a member of a group wants, and how many partitions topics have: looked at every metadata.max.age.ms, and
 * more often while a topic that was named is not there. Whoever decides by it hears when it has changed.
 */
import { ConnectError, messageOf } from '#errors'
import type { ConsumerSettings } from '../../properties/consumer-settings.ts'
import type { KafkaCluster } from '../../transport/cluster.ts'
import { retrying } from '../../transport/retry.ts'
import { KafkaError } from '../../wire/error-code.ts'
import type { TopicSize } from '../assign/assignor.ts'
import { log } from '../log.ts'

export interface WatchOptions {
  readonly topics: readonly string[] | RegExp
  readonly settings: ConsumerSettings
  /** After each look. */
  looked(): void
  failed(error: Error): void
}

/** While a named topic is missing. */
const soonMs = 1000
/** Of a timer. */
const [leastMs, mostMs] = [100, 2 ** 31 - 1]
const [unknownTopic, invalidTopic, notAuthorized] = [3, 17, 29]

export class TopicWatch implements Disposable {
  readonly #cluster: KafkaCluster
  readonly #options: WatchOptions
  readonly #whole: RegExp | null
  readonly #end = new AbortController()
  /** Of the last look: those that were asked for, with their partitions; none: it is not there. */
  #sizes = new Map<string, number>()
  #internal = new Set<string>()
  /** Wanted by other members, for whom we decide. */
  #others: readonly string[] = []
  #timer: NodeJS.Timeout | undefined
  #missing: ReadonlySet<string> = new Set()
  readonly #told = new Set<string>()

  constructor(cluster: KafkaCluster, options: WatchOptions) {
    this.#cluster = cluster
    this.#options = options
    const { topics } = options
    this.#whole =
      topics instanceof RegExp
        ? new RegExp(`^(?:${topics.source})$`, topics.flags.replace(/[gy]/g, ''))
        : null
  }

  /** What the member wants, as of the last look. */
  wanted(): readonly string[] {
    const { topics, settings } = this.#options
    const pattern = this.#whole
    if (pattern === null) return topics as readonly string[]
    const hidden = settings.excludeInternal ? this.#internal : new Set()
    return [...this.#sizes.keys()].filter((topic) => pattern.test(topic) && !hidden.has(topic)).sort()
  }

  /** Looks until it has seen; `others`: topics that count besides the own ones. */
  async look(others: readonly string[], signal: AbortSignal): Promise<void> {
    this.#others = others
    await retrying(this.#cluster.options, () => this.#look(), signal)
    this.#next()
  }

  sizes(topics: Iterable<string>): readonly TopicSize[] {
    return [...new Set(topics)].flatMap((topic) => {
      const partitions = this.#sizes.get(topic) ?? 0
      return partitions === 0 ? [] : [{ topic, partitions }]
    })
  }

  async #look(): Promise<void> {
    const { topics, settings } = this.#options
    const named =
      this.#whole === null ? [...new Set([...(topics as readonly string[]), ...this.#others])] : null
    const metadata = await this.#cluster.metadata(named, named !== null && settings.createTopics)
    const former = this.#sizes
    this.#sizes = new Map()
    this.#internal = new Set()
    const missing = new Set<string>()
    for (const { topic, error, internal, partitions } of metadata.topics) {
      if (error === invalidTopic || error === notAuthorized)
        throw new KafkaError(error, `The topic ${topic} cannot be read`)
      if (internal) this.#internal.add(topic)
      if (error === 0) this.#sizes.set(topic, partitions.length)
      else if (error !== unknownTopic && former.has(topic)) this.#sizes.set(topic, former.get(topic) ?? 0)
      else missing.add(topic)
      if (!missing.has(topic) || !this.#missing.has(topic) || this.#told.has(topic)) continue
      this.#told.add(topic)
      log().warn(`The topic ${topic} does not exist; its records will be read when it does`)
    }
    this.#missing = missing
  }

  #next(): void {
    clearTimeout(this.#timer)
    if (this.#end.signal.aborted) return
    const { metadataMaxAgeMs } = this.#options.settings
    const pauseMs = this.#missing.size > 0 ? Math.min(soonMs, metadataMaxAgeMs) : metadataMaxAgeMs
    this.#timer = setTimeout(() => void this.#again(), Math.min(Math.max(pauseMs, leastMs), mostMs)).unref()
  }

  async #again(): Promise<void> {
    try {
      await this.#look()
      if (!this.#end.signal.aborted) this.#options.looked()
    } catch (error) {
      if (this.#end.signal.aborted) return
      if (!(error instanceof ConnectError && error.retriable))
        return this.#options.failed(error instanceof Error ? error : new Error(String(error)))
      log().warn({ err: error }, `Topics are looked at again later: ${messageOf(error)}`)
    }
    this.#next()
  }

  [Symbol.dispose](): void {
    this.#end.abort()
    clearTimeout(this.#timer)
  }
}
