/**
 * The connector's schema history as a replay sees it: it is read and never written, though the replay applies the same
 * statements again. A history begins with the connector's first snapshot: what the tables looked like before, nobody
 * knows.
 */
import { ConfigError } from '#errors'
import { type HistoryPosition, type HistoryRecord, type HistoryStore, logOrder } from '../history/index.ts'
import type { Spot } from './find.ts'
import { spotText } from './plan.ts'

export class ReplayHistory implements HistoryStore {
  readonly name: string
  readonly #store: HistoryStore
  readonly #topicPrefix: string
  /** Of the connector's own records, as far as they were read. */
  readonly #positions: HistoryPosition[] = []

  constructor(store: HistoryStore, topicPrefix: string) {
    this.name = store.name
    this.#store = store
    this.#topicPrefix = topicPrefix
  }

  state(): ReturnType<HistoryStore['state']> {
    return this.#store.state()
  }

  async create(): Promise<void> {}

  async append(): Promise<void> {}

  async *records(): AsyncIterable<readonly HistoryRecord[]> {
    this.#positions.length = 0
    for await (const records of this.#store.records()) {
      for (const { server, position } of records) if (server === this.#topicPrefix) this.#note(position)
      yield records
    }
  }

  /** To be asked when the records were read. */
  mustReachBackTo(spot: Spot): void {
    const [first] = this.#positions
    if (first === undefined)
      throw new ConfigError(`The schema history (${this.name}) has nothing of this connector.`, {
        remedy:
          'A replay needs the history of a connector that has run, in a topic or a file: start the connector first.',
      })
    const order = logOrder(spot.file, spot.pos)
    if (this.#positions.some((position) => order.isAtOrBefore(position))) return
    const begin = `${String(first['file'])}:${String(first['pos'] ?? 0)}`
    throw new ConfigError(
      `The schema history (${this.name}) does not reach back to ${spotText(spot)}: it begins at ${begin}.`,
      { remedy: `Begin at ${begin} or later: what the tables looked like before is not known.` },
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#store[Symbol.asyncDispose]()
  }

  /** All records of a snapshot have one position. */
  #note(position: HistoryPosition): void {
    const last = this.#positions.at(-1)
    if (last === undefined || last['file'] !== position['file'] || last['pos'] !== position['pos'])
      this.#positions.push(position)
  }
}
