/** Topics in memory, in place of a broker's, for tasks that keep logs. */
import type { LogRecord, TopicLog, TopicLogOptions } from '#plugin'

interface MemoryTopic {
  readonly config: Readonly<Record<string, string>>
  readonly records: LogRecord[]
}

export class MemoryTopicLogs {
  readonly topics = new Map<string, MemoryTopic>()
  readonly opened: TopicLogOptions[] = []
  readonly #waiting = new Set<() => void>()

  open(options: TopicLogOptions): TopicLog {
    this.opened.push(options)
    const { topic } = options
    const recordsFrom = (from: bigint) => (this.topics.get(topic)?.records ?? []).slice(Number(from))
    const next = (signal: AbortSignal) =>
      new Promise<void>((resolve) => {
        this.#waiting.add(resolve)
        signal.addEventListener('abort', () => resolve(), { once: true })
      })
    return {
      describe: async () => this.topics.get(topic)?.config ?? null,
      create: async (config) => {
        if (this.topics.has(topic)) return false
        this.topics.set(topic, { config, records: [] })
        return true
      },
      bounds: async () => ({ first: 0n, next: BigInt(recordsFrom(0n).length) }),
      async *read(from = 0n) {
        const records = recordsFrom(from)
        if (records.length > 0) yield records
      },
      async *follow(from, signal) {
        for (let at = from; !signal.aborted; ) {
          const records = recordsFrom(at)
          at += BigInt(records.length)
          if (records.length > 0) yield records
          else await next(signal)
        }
      },
      append: async (records) => {
        const kept = this.topics.get(topic)?.records
        if (kept === undefined) throw new Error(`there is no topic ${topic}`)
        for (const record of records)
          kept.push({ ...record, offset: BigInt(kept.length), timestamp: BigInt(Date.now()) })
        for (const wake of this.#waiting) wake()
        this.#waiting.clear()
      },
      [Symbol.asyncDispose]: async () => {},
    }
  }
}
