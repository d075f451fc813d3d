import { ConnectError, traceOf } from '#errors'
import { expect, test } from 'vitest'
import { headlines } from '../../../src/worker/task-set.ts'

test('the log tells what failed and why in one line, without frames', () => {
  const cause = new ConnectError('b is missing', { remedy: 'Make b.', cause: new Error('no b') })
  const trace = traceOf(new ConnectError('a has failed', { cause }))
  expect(headlines(trace)).toBe(
    'org.apache.kafka.connect.errors.ConnectException: a has failed ' +
      'Caused by: org.apache.kafka.connect.errors.ConnectException: b is missing Make b. ' +
      'Caused by: java.lang.RuntimeException: no b',
  )
  expect(headlines(null)).toBe('')
})
