/** event.processing.failure.handling.mode: what becomes of an event that cannot be processed (invariant 4). */
import { type ConnectError, DataError, DecodeError } from '#errors'
import type { Logger, Metrics } from '#observe'

export type FailureMode = 'fail' | 'warn' | 'skip'

export class Failures {
  readonly #mode: FailureMode
  readonly #log: Logger
  readonly #skipped: { inc(by: number): void }

  constructor(mode: FailureMode, log: Logger, metrics: Metrics) {
    this.#mode = mode
    this.#log = log
    this.#skipped = metrics.counter(
      'rowtap_source_events_skipped_total',
      'Events passed over by event.processing.failure.handling.mode: they could not be processed',
    )
  }

  /** Throws, unless such events are passed over. `place`: where the event begins. */
  passOver(error: unknown, place: string): void {
    if (!(error instanceof DecodeError || error instanceof DataError)) throw error
    if (this.#mode === 'fail') throw located(error, place)
    this.#skipped.inc(1)
    const line = 'an event is passed over (event.processing.failure.handling.mode)'
    if (this.#mode === 'warn') this.#log.warn({ place, error: error.message }, line)
    else this.#log.debug({ place, error: error.message }, line)
  }
}

function located(error: ConnectError, place: string): DecodeError {
  const { remedy } = error
  const text = remedy === undefined ? error.message : error.message.slice(0, -remedy.length - 1)
  return new DecodeError(`At ${place} of the log: ${text}`, {
    cause: error,
    remedy:
      remedy ??
      'With event.processing.failure.handling.mode=warn the event is passed over; its changes are lost then.',
  })
}
