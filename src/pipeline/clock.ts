/** Time as the loops see it; tests bring their own. */

export interface Clock {
  /** Milliseconds on a clock that never goes back. */
  now(): number
  /** Resolves after `ms`, or at once when the signal aborts: look at the signal afterwards. */
  sleep(ms: number, signal: AbortSignal): Promise<void>
}

export const realClock: Clock = {
  now: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal.aborted) return resolve()
      const end = () => {
        clearTimeout(timer)
        signal.removeEventListener('abort', end)
        resolve()
      }
      const timer = setTimeout(end, Math.min(ms, 2 ** 31 - 1))
      signal.addEventListener('abort', end)
    }),
}

const firstDelayMs = 300

/** Connect's waiting times: 300 ms doubling; beyond the longest a random share of it, so that tasks spread out. */
export function backoffMs(attempt: number, longestMs: number): number {
  const delay = firstDelayMs * 2 ** Math.min(attempt, 40)
  return delay > longestMs ? Math.ceil(Math.random() * longestMs) : delay
}

/** What the promise gives, or undefined once the signal aborts; the promise's own failure is then nobody's. */
export function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  if (signal.aborted) {
    promise.catch(() => {})
    return Promise.resolve(undefined)
  }
  return new Promise((resolve, reject) => {
    const stop = () => resolve(undefined)
    signal.addEventListener('abort', stop)
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
  })
}
