/** Marks without a write (`read.only`): where the log ends now, which the stream comes to by itself. */
import type { Watermarks } from '../incremental/chunk-source.ts'

export interface LogEnd<Place> {
  /** Everything that committed before the call is in front of it. */
  end(): Promise<Place>
  /** Whether the stream has given out everything in front of the place. */
  reached(place: Place): boolean
}

export class LogWatermarks<Place> implements Watermarks {
  readonly #log: LogEnd<Place>
  #mark: { readonly place: Place } | null = null

  constructor(log: LogEnd<Place>) {
    this.#log = log
  }

  async set(): Promise<void> {
    this.#mark = null
    this.#mark = { place: await this.#log.end() }
  }

  isMark(): boolean {
    return false
  }

  passed(): boolean {
    return this.#mark !== null && this.#log.reached(this.#mark.place)
  }
}
