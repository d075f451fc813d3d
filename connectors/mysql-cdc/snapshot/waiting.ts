/** Waiting with an end: until a moment of performance.now, or a signal. */
import { setTimeout as delay } from 'node:timers/promises'

/** Ends early, without an error, when the signal is given. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms <= 0 || signal.aborted) return
  await delay(ms, undefined, { signal }).catch(() => {})
}

/** The promise's value, or null when the deadline or the signal came first; the promise goes on. */
export async function within<T>(
  promise: Promise<T>,
  deadline: number,
  signal: AbortSignal,
): Promise<T | null> {
  const over = new AbortController()
  const wait = pause(deadline - performance.now(), AbortSignal.any([signal, over.signal])).then(() => null)
  try {
    return await Promise.race([promise, wait])
  } finally {
    over.abort()
  }
}
