import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { add, open, record } from './lines.ts'
import { connection, ScriptedKafka } from './scripted-kafka.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  vi.spyOn(Math, 'random').mockReturnValue(0.5)
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const settled = async () => {
  for (let i = 0; i < 10; i++) await new Promise(setImmediate)
}

test('between attempts it pauses as retry.backoff.ms and retry.backoff.max.ms say', async () => {
  const kafka = new ScriptedKafka()
  kafka.make('t', [1])
  using line = await open(kafka, {
    settings: { connection: { ...connection, backoffMs: 100, backoffMaxMs: 300 } },
  })
  const times: number[] = []
  kafka.fault = () => {
    times.push(performance.now())
    return times.length < 5 ? { error: 19 } : null
  }
  await add(line, record('a'))
  const flush = line.flush()
  for (let ms = 0; ms < 1500; ms += 10) {
    await settled()
    vi.advanceTimersByTime(10)
  }
  await flush
  const pauses = times.slice(1).map((time, i) => Math.round((time - (times[i] ?? 0)) / 10) * 10)
  expect(pauses).toEqual([100, 200, 300, 300])
})

test('a partition without a leader is asked for until it has one', async () => {
  const kafka = new ScriptedKafka()
  kafka.make('t', [1])
  using line = await open(kafka, {
    settings: { connection: { ...connection, backoffMs: 100, backoffMaxMs: 100 } },
  })
  await add(line, record('a'))
  await line.flush()
  const [partition] = kafka.topics.get('t') ?? []
  if (partition === undefined) throw new Error('there is no such topic')
  partition.leader = -1
  await add(line, record('b'))
  const flush = line.flush()
  for (let i = 0; i < 20; i++) {
    await settled()
    vi.advanceTimersByTime(50)
  }
  expect(kafka.values('t')).toEqual(['a'])
  partition.leader = 2
  for (let i = 0; i < 20; i++) {
    await settled()
    vi.advanceTimersByTime(50)
  }
  await flush
  expect(kafka.values('t')).toEqual(['a', 'b'])
})
