import { expect, test } from 'vitest'
import { ConnectError, RetriableError } from '#errors'
import { retrying } from '../../../../../src/broker/kafka/transport/retry.ts'

const times = { deadlineMs: 60_000, backoffMs: 1, backoffMaxMs: 4 }

/** Fails so often, and counts how often it was called. */
function failing(count: number, error: Error) {
  const made = {
    calls: 0,
    attempt: async (): Promise<string> => {
      if (++made.calls <= count) throw error
      return 'done'
    },
  }
  return made
}

test('what passes is tried again', async () => {
  const made = failing(5, new RetriableError('not yet'))
  expect(await retrying(times, made.attempt)).toBe('done')
  expect(made.calls).toBe(6)
})

test('what does not pass is thrown at once', async () => {
  const made = failing(9, new ConnectError('never'))
  await expect(retrying(times, made.attempt)).rejects.toThrow('never')
  expect(made.calls).toBe(1)
})

test('an error that is not of ours is no passing one', async () => {
  const made = failing(9, new TypeError('a bug'))
  await expect(retrying(times, made.attempt)).rejects.toThrow('a bug')
  expect(made.calls).toBe(1)
})

test('pauses grow, and none would end behind the deadline', async () => {
  const begin = performance.now()
  const made = failing(99, new RetriableError('not yet'))
  await expect(retrying({ ...times, deadlineMs: 100, backoffMaxMs: 1000 }, made.attempt)).rejects.toThrow(
    'not yet',
  )
  expect(made.calls).toBeGreaterThan(1)
  // 1 + 2 + 4 + … with a fifth less each: at most so many fit in.
  expect(made.calls).toBeLessThanOrEqual(8)
  expect(performance.now() - begin).toBeLessThan(5000)
})

test('an abort ends the waiting with the last error', async () => {
  const end = new AbortController()
  const made = failing(99, new RetriableError('not yet'))
  const result = retrying({ ...times, backoffMs: 50_000, backoffMaxMs: 50_000 }, made.attempt, end.signal)
  end.abort()
  await expect(result).rejects.toThrow('not yet')
  expect(made.calls).toBe(1)
})
