import { expect, test } from 'vitest'
import { exposition, releaseMetrics, snapshot, taskMetrics } from '#observe'

const text = async (): Promise<string> => exposition([await snapshot()])

test('each task has its samples, and they go with it', async () => {
  const a = taskMetrics('a', 0)
  const b = taskMetrics('b', 0)
  a.counter('test_total', 'Tests').inc(2)
  a.gauge('test_size', 'Size').set(5)
  b.counter('test_total', 'Tests').inc(3)
  expect(await text()).toContain('test_total{connector="a",task="0"} 2')
  releaseMetrics(a)
  const left = await text()
  expect(left).not.toContain('connector="a"')
  expect(left).toContain('test_total{connector="b",task="0"} 3')
  releaseMetrics(b)
  expect(await text()).not.toContain('connector="b"')
})

test('what a task counts after its end is not heard, nor does it touch its successor', async () => {
  const first = taskMetrics('c', 1)
  const counter = first.counter('test_total', 'Tests')
  counter.inc(1)
  const second = taskMetrics('c', 1)
  second.counter('test_total', 'Tests').inc(7)
  counter.inc(1)
  releaseMetrics(first)
  expect(await text()).toContain('test_total{connector="c",task="1"} 7')
  releaseMetrics(second)
  counter.inc(1)
  expect(await text()).not.toContain('connector="c"')
})
