import { expect, test } from 'vitest'
import { commitAfterwards, commitTogether } from '../../../../../src/broker/kafka/produce/commits.ts'
import type { Line } from '../../../../../src/broker/kafka/produce/line.ts'
import { add, open, record } from './lines.ts'
import { ScriptedKafka } from './scripted-kafka.ts'

const entry = (value: string) => [{ key: Buffer.from('k'), value: Buffer.from(value) }]

async function opened(kafka: ScriptedKafka, transactionalId: string | null): Promise<Line> {
  kafka.make('t', [1, 2])
  kafka.make('o', [1])
  const line = await open(kafka, { settings: { transactionalId } })
  await line.learn('o')
  return line
}

function together(line: Line) {
  if (line.transaction === null) throw new Error('it has no transactions')
  return commitTogether(line, line.transaction, 'o')
}

test('offsets are stored only after their records', async () => {
  const kafka = new ScriptedKafka()
  using line = await opened(kafka, null)
  const commit = commitAfterwards(line, 'o')
  await add(line, record('a', 0))
  await add(line, record('b', 1))
  let request = 0
  kafka.fault = () => (request++ < 4 ? { error: 19 } : null)
  await commit(entry('1'))
  expect(kafka.events.slice(0, 2).toSorted()).toEqual(['store t-0 a', 'store t-1 b'])
  expect(kafka.events.slice(2)).toEqual(['store o-0 1'])
})

test('commits that overlap write their offsets in order, each behind its own records', async () => {
  const kafka = new ScriptedKafka()
  using line = await opened(kafka, null)
  const commit = commitAfterwards(line, 'o')
  const done: number[] = []
  const commits: Promise<unknown>[] = []
  for (let i = 0; i < 10; i++) {
    await add(line, record(`${i}`))
    commits.push(commit(entry(`${i}`)).then(() => done.push(i)))
  }
  await Promise.all(commits)
  expect(done).toEqual([...Array(10).keys()])
  expect(kafka.values('o')).toEqual(done.map(String))
  for (const i of done) {
    const at = (event: RegExp) => kafka.events.findIndex((each) => event.test(each))
    expect(at(new RegExp(`store t-0 .*\\b${i}\\b`))).toBeLessThan(at(new RegExp(`store o-0 .*\\b${i}\\b`)))
  }
})

test('offsets whose records are refused are not stored', async () => {
  const kafka = new ScriptedKafka()
  using line = await opened(kafka, null)
  kafka.fault = () => ({ error: 29 })
  await add(line, record('a'))
  await expect(commitAfterwards(line, 'o')(entry('1'))).rejects.toThrow(/TOPIC_AUTHORIZATION_FAILED/)
  kafka.fault = () => null
  await new Promise(setImmediate)
  expect(kafka.values('o')).toEqual([])
})

test('records and offsets of a commit are one transaction, each partition added first', async () => {
  const kafka = new ScriptedKafka()
  using line = await opened(kafka, 'g-c-0')
  const commit = together(line)
  await add(line, record('a', 0))
  await commit(entry('1'))
  expect(kafka.events).toEqual(['add t-0', 'store t-0 a', 'add o-0', 'store o-0 1', 'commit'])
  await commit([])
  expect(kafka.events).toHaveLength(5)
})

test('what comes after a commit waits for it to end, and belongs to the next one', async () => {
  const kafka = new ScriptedKafka()
  using line = await opened(kafka, 'g-c-0')
  const commit = together(line)
  await add(line, record('a'))
  const first = commit(entry('1'))
  for (let i = 0; i < 30; i++) await add(line, record(`b${i}`.padStart(20, '.')))
  const second = commit(entry('2'))
  await add(line, record('c'))
  await new Promise(setImmediate)
  await Promise.all([first, second])
  const ends = kafka.events.flatMap((event, i) => (event === 'commit' ? [i] : []))
  const stores = (from: number, to: number) =>
    kafka.events
      .slice(from, to)
      .filter((each) => each.startsWith('store t-0'))
      .join()
  expect(ends).toHaveLength(2)
  expect(stores(0, ends[0] ?? 0)).toBe('store t-0 a')
  expect(stores(ends[0] ?? 0, ends[1] ?? 0)).not.toMatch(/\bc\b/)
  expect(kafka.values('t')).toEqual(['a', ...[...Array(30).keys()].map((i) => `b${i}`.padStart(20, '.'))])
  await commit([])
  expect(kafka.values('t').at(-1)).toBe('c')
  expect(line.pendingBytes).toBe(0)
})

test('a coordinator that is still busy, or moves, is asked again', async () => {
  const kafka = new ScriptedKafka()
  using line = await opened(kafka, 'g-c-0')
  const commit = together(line)
  kafka.refusals.push(51, 16)
  await add(line, record('a'))
  await commit(entry('1'))
  expect(kafka.events.at(-1)).toBe('commit')
  kafka.refusals.push(0, 0, 14)
  await add(line, record('b'))
  await commit(entry('2'))
  expect(kafka.events.filter((each) => each === 'commit')).toHaveLength(2)
  expect(kafka.values('t')).toEqual(['a', 'b'])
})

test('a writer that was shut out fails, and says why', async () => {
  const kafka = new ScriptedKafka()
  using line = await opened(kafka, 'g-c-0')
  kafka.refusals.push(47)
  await add(line, record('a'))
  await expect(together(line)(entry('1'))).rejects.toThrow(/INVALID_PRODUCER_EPOCH.*taken its place/)
  expect(kafka.events).toEqual([])
})

test('closing aborts what is open', async () => {
  const kafka = new ScriptedKafka()
  const line = await opened(kafka, 'g-c-0')
  await add(line, record('a'))
  await line.flush()
  await line.close()
  expect(kafka.events).toEqual(['add t-0', 'store t-0 a', 'abort'])
})
