/**
 * What becomes of a failed operation on a record (`errors.*`): tried again while its RetriableErrors may be, then
 * reported (log, dead letter queue) and, only where `errors.tolerance=all` says so, skipped and counted (invariant 4);
 * else the task fails. The loops run the operation themselves first: nothing here is on the way of a good record.
 */
import { ConnectError } from '#errors'
import type { Logger } from '#observe'
import type { RawConfig } from '#plugin'
import { backoffMs, type Clock } from './clock.ts'
import type { ErrorCounts } from './metrics.ts'
import { choiceOf, flagOf, integerOf } from './settings.ts'
import { type Stage, tolerable } from './stage.ts'

export interface ErrorSettings {
  /** 0: never again; negative: for ever. */
  readonly retryTimeoutMs: number
  readonly retryDelayMaxMs: number
  readonly tolerateAll: boolean
  readonly log: boolean
  readonly logPlace: boolean
}

export function errorSettings(config: RawConfig): ErrorSettings {
  return {
    retryTimeoutMs: integerOf(config, 'errors.retry.timeout', 0),
    retryDelayMaxMs: integerOf(config, 'errors.retry.delay.max.ms', 60_000),
    tolerateAll: choiceOf(config, 'errors.tolerance', ['none', 'all']) === 'all',
    log: flagOf(config, 'errors.log.enable'),
    logPlace: flagOf(config, 'errors.log.include.messages'),
  }
}

/** An operation that failed for a record, and why. */
export interface Failure {
  readonly stage: Stage
  readonly javaClass: string
  readonly error: unknown
}

export interface DeadLetterQueue<R> {
  /** Resolves once the record is durable in the queue. */
  send(record: R, failure: Failure): Promise<void>
}

/** Stands for a record that was skipped. */
export const skipped = Symbol('skipped')

export interface ToleranceParts<R> {
  /** `connector-0` */
  readonly task: string
  readonly settings: ErrorSettings
  readonly counts: ErrorCounts
  readonly log: Logger
  readonly clock: Clock
  /** Aborts waiting for the next try. */
  readonly signal: AbortSignal
  readonly deadLetters: DeadLetterQueue<R> | null
  readonly placeOf: (record: R) => Readonly<Record<string, unknown>>
}

export class Tolerance<R> {
  readonly #parts: ToleranceParts<R>

  constructor(parts: ToleranceParts<R>) {
    this.#parts = parts
  }

  /** Goes on after a first failure, `first`: what a later try gave, `skipped`, or a throw that fails the task. */
  async recover<T>(
    record: R,
    failureOf: (error: unknown) => Failure,
    first: unknown,
    operation: () => T | Promise<T>,
  ): Promise<T | typeof skipped> {
    const { settings, clock, counts, signal } = this.#parts
    const deadline =
      settings.retryTimeoutMs < 0 ? Number.POSITIVE_INFINITY : clock.now() + settings.retryTimeoutMs
    let error = first
    for (let attempt = 0; isRetriable(error) && clock.now() < deadline; attempt++) {
      counts.retries.inc(1)
      const delay = Math.min(backoffMs(attempt, settings.retryDelayMaxMs), deadline - clock.now())
      await clock.sleep(delay, signal)
      signal.throwIfAborted()
      try {
        return await operation()
      } catch (thrown) {
        error = thrown
      }
    }
    await this.giveUp(record, failureOf(error))
    return skipped
  }

  /** Reports the failure; returns where the record may be skipped, throws where the task must fail. */
  async giveUp(record: R, failure: Failure): Promise<void> {
    const { settings, counts } = this.#parts
    counts.failures.inc(1)
    await this.#report(record, failure)
    if (!settings.tolerateAll || !tolerable(failure.stage)) throw toleranceExceeded(failure)
    counts.skipped.inc(1)
  }

  /** A record that the sink's task hands back: as `giveUp`, whatever the stage. */
  async errant(record: R, failure: Failure): Promise<void> {
    const { settings, counts } = this.#parts
    counts.failures.inc(1)
    await this.#report(record, failure)
    if (!settings.tolerateAll) throw toleranceExceeded(failure)
    counts.skipped.inc(1)
  }

  async #report(record: R, failure: Failure): Promise<void> {
    const { settings, counts, log, task, placeOf, deadLetters } = this.#parts
    if (settings.log) {
      counts.logged.inc(1)
      const place = settings.logPlace ? placeOf(record) : {}
      log.error(
        { ...place, err: failure.error },
        `Error encountered in task ${task}. Executing stage '${failure.stage}' with class '${failure.javaClass}'.`,
      )
    }
    if (deadLetters === null) return
    try {
      await deadLetters.send(record, failure)
      counts.deadLetters.inc(1)
    } catch (cause) {
      counts.deadLetterFailures.inc(1)
      // Skipping a record that is in no queue would lose it (invariant 4).
      throw new ConnectError(`Task ${task} could not write a record to its dead letter queue.`, { cause })
    }
  }
}

export function isRetriable(error: unknown): boolean {
  return error instanceof ConnectError && error.retriable
}

/** The first line is Connect's, word for word: users search for it. Where it happened is in its cause. */
function toleranceExceeded({ stage, javaClass, error }: Failure): ConnectError {
  const where = new ConnectError(`The stage ${stage} (${javaClass}) has refused a record.`, { cause: error })
  return new ConnectError('Tolerance exceeded in error handler', { cause: where })
}
