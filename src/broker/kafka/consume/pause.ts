/** Pauses between attempts that never end: growing as retry.backoff.ms and retry.backoff.max.ms say. */
import { setTimeout as delay } from 'node:timers/promises'
import type { ConnectionOptions } from '../connection-options.ts'

/** Resolves after the pause that is due after so many failures in a row, or at once when the signal is aborted. */
export async function pause(
  { backoffMs, backoffMaxMs }: Pick<ConnectionOptions, 'backoffMs' | 'backoffMaxMs'>,
  failures: number,
  signal: AbortSignal,
): Promise<void> {
  const spread = 0.8 + Math.random() * 0.4
  const pauseMs = Math.min(backoffMs * 2 ** Math.min(failures, 20), backoffMaxMs) * spread
  await delay(pauseMs, undefined, { signal }).catch(() => {})
}
