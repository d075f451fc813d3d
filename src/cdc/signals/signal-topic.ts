/**
 * The channel `kafka`: a topic of one partition whose records have topic.prefix as key and a signal as value. It is read
 * from behind the last signal that the connector's offsets tell; at the first start, from the topic's end.
 */
import { ConnectError, messageOf } from '#errors'
import type { TopicLog } from '#plugin'
import type { Logger } from '#observe'
import type { ReceivedSignal, SignalChannel } from './signal-channel.ts'

const RETRY_MS = 5000

export class SignalTopic implements SignalChannel {
  readonly #topic: TopicLog
  readonly #key: string
  readonly #log: Logger
  readonly #over = new AbortController()
  #received: ReceivedSignal[] = []
  #next: bigint | null
  #reading: Promise<void> | null = null
  #retryAt = 0
  /** There was no such topic: when it comes, all of it is new. */
  #missing = false

  /** `last`: the offset of the last signal that was followed; null: none was. */
  constructor(topic: TopicLog, key: string, last: bigint | null, log: Logger) {
    this.#topic = topic
    this.#key = key
    this.#log = log
    this.#next = last === null ? null : last + 1n
  }

  async read(): Promise<readonly ReceivedSignal[]> {
    if (this.#reading === null && performance.now() >= this.#retryAt)
      this.#reading = this.#follow()
        .catch((error: unknown) => {
          if (this.#over.signal.aborted) return
          this.#log.warn({ error: messageOf(error) }, 'the topic of signals cannot be read: trying again')
          this.#retryAt = performance.now() + RETRY_MS
        })
        .finally(() => {
          this.#reading = null
        })
    const received = this.#received
    this.#received = []
    return received
  }

  async #follow(): Promise<void> {
    const from = this.#next ?? (await this.#end())
    this.#next = from
    for await (const records of this.#topic.follow(from, this.#over.signal))
      for (const { key, value, offset } of records) {
        this.#next = offset + 1n
        if (key === null || value === null || Buffer.from(key).toString('utf8') !== this.#key) continue
        this.#received.push({ text: Buffer.from(value).toString('utf8'), channel: 'kafka', offset })
      }
  }

  async #end(): Promise<bigint> {
    const missing = (await this.#topic.describe()) === null
    if (missing) {
      this.#missing = true
      throw new ConnectError('The topic of signals (signal.kafka.topic) does not exist.', {
        remedy: 'Make it, with one partition.',
      })
    }
    const { first, next } = await this.#topic.bounds()
    return this.#missing ? first : next
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#over.abort()
    await this.#reading
    await this.#topic[Symbol.asyncDispose]()
  }
}
