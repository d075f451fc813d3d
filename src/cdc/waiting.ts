/** Waiting with an end: a moment of performance.now, or a signal. Neither is an error. */

export function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted || ms <= 0) return Promise.resolve()
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done)
  })
}

/** The promise's value, or null when the deadline or the signal came first; the promise goes on. */
export function within<T>(promise: Promise<T>, deadline: number, signal: AbortSignal): Promise<T | null> {
  return new Promise((resolve, reject) => {
    const over = () => settle(() => resolve(null))
    const timer = setTimeout(over, Math.max(0, deadline - performance.now()))
    signal.addEventListener('abort', over)
    const settle = (end: () => void) => {
      clearTimeout(timer)
      signal.removeEventListener('abort', over)
      end()
    }
    promise.then(
      (value) => settle(() => resolve(value)),
      (error: unknown) => settle(() => reject(error)),
    )
    if (signal.aborted) over()
  })
}
