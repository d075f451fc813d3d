/** Trying again what may pass: with growing pauses, as retry.backoff.ms and retry.backoff.max.ms say, up to a deadline. */
import { setTimeout as delay } from 'node:timers/promises'
import { ConnectError } from '#errors'

export interface RetryTimes {
  readonly deadlineMs: number
  readonly backoffMs: number
  readonly backoffMaxMs: number
}

/**
 * The first result of `attempt`. An error that is not retriable is thrown at once, a retriable one when the deadline
 * has passed; an abort of the signal ends the waiting with the last error.
 */
export async function retrying<R>(
  times: RetryTimes,
  attempt: () => Promise<R>,
  signal: AbortSignal | null = null,
): Promise<R> {
  const end = performance.now() + times.deadlineMs
  for (let pauseMs = times.backoffMs; ; pauseMs = Math.min(pauseMs * 2, times.backoffMaxMs)) {
    try {
      return await attempt()
    } catch (error) {
      const passing = error instanceof ConnectError && error.retriable
      if (!passing || signal?.aborted === true || performance.now() + pauseMs > end) throw error
      // Spread over time, so that many clients do not come back at once.
      await delay(pauseMs * (0.8 + Math.random() * 0.4), undefined, signal === null ? {} : { signal }).catch(
        () => {
          throw error
        },
      )
    }
  }
}
