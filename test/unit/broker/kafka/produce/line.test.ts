import { expect, test } from 'vitest'
import { add, open, record } from './lines.ts'
import { type Fault, ScriptedKafka } from './scripted-kafka.ts'

const numbers = (count: number): string[] => [...Array(count).keys()].map((n) => `${n}`.padStart(20, '.'))

function kafkaWith(...leaders: number[]): ScriptedKafka {
  const kafka = new ScriptedKafka()
  kafka.make('t', leaders)
  return kafka
}

test('a quiet stream is sent on the next turn, without a commit', async () => {
  const kafka = kafkaWith(1)
  using line = await open(kafka)
  await add(line, record('a'))
  await line.flush()
  await add(line, record('b'))
  expect(line.pendingBytes).toBeGreaterThan(0)
  while (line.pendingBytes > 0) await new Promise(setImmediate)
  expect(kafka.values('t')).toEqual(['a', 'b'])
})

test('batches grow while one is under way, and several full ones go at once', async () => {
  const kafka = kafkaWith(1)
  using line = await open(kafka)
  await add(line, record('first'))
  await line.flush()
  kafka.hold()
  for (const each of numbers(100)) await add(line, record(each))
  await new Promise(setImmediate)
  expect(kafka.mostInFlight).toBe(5)
  kafka.release()
  await line.flush()
  expect(kafka.values('t')).toEqual(['first', ...numbers(100)])
  // 200 bytes hold some four of these records.
  expect(kafka.requests.length).toBeLessThan(40)
})

test('a request takes one batch of each partition of its broker, up to its size', async () => {
  const kafka = kafkaWith(1, 2, 1, 1)
  using line = await open(kafka, { settings: { maxRequestBytes: 200 } })
  await line.learn('t')
  for (const partition of [0, 1, 2, 3]) line.put(record('x', partition))
  await line.flush()
  expect(kafka.requests.map(({ node, partitions }) => [node, partitions]).sort()).toEqual([
    [1, 1],
    [1, 2],
    [2, 1],
  ])
})

test('flushes resolve in the order of their calls', async () => {
  const kafka = kafkaWith(1)
  using line = await open(kafka)
  const order: number[] = []
  const flushes: Promise<unknown>[] = []
  for (let i = 0; i < 20; i++) {
    await add(line, record(`${i}`))
    flushes.push(line.flush().then(() => order.push(i)))
    flushes.push(line.flush().then(() => order.push(i)))
  }
  await Promise.all(flushes)
  expect(order).toEqual([...Array(40).keys()].map((i) => i >> 1))
})

test.each<[string, Fault]>([
  ['a request that is lost', 'lost'],
  ['an answer that is lost', 'unanswered'],
  ['another leader', { error: 6 }],
  ['too few replicas', { error: 19 }],
  ['too few replicas after it was stored', { error: 20 }],
])('%s is made up for in order, without a gap or a double', async (_, fault) => {
  for (let at = 0; at < 8; at++) {
    const kafka = kafkaWith(1)
    using line = await open(kafka)
    await add(line, record('first'))
    await line.flush()
    let request = 0
    kafka.fault = () => (request++ === at ? fault : null)
    for (const each of numbers(40)) await add(line, record(each))
    await line.flush()
    expect(kafka.values('t')).toEqual(['first', ...numbers(40)])
    expect(line.pendingBytes).toBe(0)
  }
})

test('faults of all kinds, and leaders that move, at random', async () => {
  for (let seed = 1; seed <= 25; seed++) {
    let state = seed
    const pick = (below: number) => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0
      return Math.floor((state / 2 ** 32) * below)
    }
    const kafka = kafkaWith(1, 2, 3)
    const faults: Fault[] = ['lost', 'unanswered', { error: 6 }, { error: 7 }, { error: 19 }]
    kafka.fault = () => {
      if (pick(10) === 0) for (const each of kafka.topics.get('t') ?? []) each.leader = 1 + pick(3)
      return pick(4) === 0 ? (faults[pick(faults.length)] ?? null) : null
    }
    using line = await open(kafka, { settings: { maxInFlight: 1 + pick(5) } })
    const flushes: Promise<void>[] = []
    for (const each of numbers(150)) {
      await add(line, record(each, pick(3)))
      if (pick(10) === 0) await new Promise(setImmediate)
      if (pick(30) === 0) flushes.push(line.flush())
    }
    await Promise.all([...flushes, line.flush()])
    const all = [0, 1, 2].map((partition) => kafka.values('t', partition))
    expect(all.flat().sort()).toEqual(numbers(150))
    for (const values of all) expect(values.toSorted()).toEqual(values)
  }
})

test.each([
  [45, 'OUT_OF_ORDER_SEQUENCE_NUMBER'],
  [59, 'UNKNOWN_PRODUCER_ID'],
  [47, 'INVALID_PRODUCER_EPOCH'],
  [29, /TOPIC_AUTHORIZATION_FAILED.*WRITE/],
  [87, /INVALID_RECORD.*key/],
])('the answer %i is final: the line says it and takes nothing more', async (error, message) => {
  const kafka = kafkaWith(1)
  using line = await open(kafka)
  kafka.fault = () => ({ error })
  await add(line, record('a'))
  await expect(line.flush()).rejects.toThrow(message)
  await expect(line.flush()).rejects.toThrow(message)
  expect(() => line.add(record('b'))).toThrow(message)
  expect(line.failure?.retriable).toBe(false)
})

test('delivery.timeout.ms ends the trying, with the last reason', async () => {
  const kafka = kafkaWith(1)
  using line = await open(kafka, { settings: { deliveryTimeoutMs: 0 } })
  kafka.fault = () => ({ error: 19 })
  await add(line, record('a'))
  await expect(line.flush()).rejects.toThrow(/delivery\.timeout\.ms.*NOT_ENOUGH_REPLICAS/)
})

test('a batch that is too large for its topic is divided until it fits', async () => {
  const kafka = kafkaWith(1)
  kafka.maxMessageBytes = 400
  using line = await open(kafka, { settings: { batchBytes: 10_000 } })
  const values = numbers(200)
  for (const each of values) await add(line, record(each))
  await line.flush()
  expect(kafka.values('t')).toEqual(values)
  expect(line.pendingBytes).toBe(0)
})

test('a record that is too large for its topic is named with its size and what to raise', async () => {
  const kafka = kafkaWith(1)
  kafka.maxMessageBytes = 400
  using line = await open(kafka)
  await add(line, record('x'.repeat(500)))
  await expect(line.flush()).rejects.toThrow(
    /topic t takes \d+ bytes.*max\.message\.bytes.*max\.request\.size/,
  )
})

test('what exceeds max.request.size is refused alone, and the rest goes on', async () => {
  const kafka = kafkaWith(1)
  using line = await open(kafka)
  await add(line, record('a'))
  expect(() => line.add(record('x'.repeat(10_000)))).toThrow(/max\.request\.size is 10000.*Raise/)
  await add(line, record('b'))
  await line.flush()
  expect(kafka.values('t')).toEqual(['a', 'b'])
})

test('a topic that is not there is made as it is asked for, once', async () => {
  const kafka = new ScriptedKafka()
  const asked: string[] = []
  const newTopic = (topic: string) => {
    asked.push(topic)
    return { topic, partitions: 3, replicationFactor: -1, config: {} }
  }
  using line = await open(kafka, { newTopic })
  await add(line, record('a', 2))
  await line.flush()
  expect(kafka.values('t', 2)).toEqual(['a'])
  expect(asked).toEqual(['t'])
})

test('a topic that nobody makes is an error that says how to', async () => {
  using line = await open(new ScriptedKafka(), { settings: { maxBlockMs: 0 } })
  await expect(add(line, record('a'))).rejects.toThrow(/topic t does not exist.*topic\.creation\.default/)
})

test('a topic that is deleted under way is made anew', async () => {
  const kafka = kafkaWith(1, 1)
  const newTopic = (topic: string) => ({ topic, partitions: 2, replicationFactor: -1, config: {} })
  using line = await open(kafka, { newTopic })
  await add(line, record('a', 1))
  await line.flush()
  kafka.topics.delete('t')
  await add(line, record('b', 1))
  await line.flush()
  expect(kafka.values('t', 1)).toEqual(['b'])
})

test('a topic that was deleted is not made anew before there are records for it', async () => {
  const kafka = kafkaWith(1)
  kafka.make('gone', [1])
  using line = await open(kafka, {
    newTopic: (topic) => ({ topic, partitions: 1, replicationFactor: -1, config: {} }),
  })
  await line.learn('gone')
  await line.learn('t')
  kafka.topics.delete('gone')
  let request = 0
  kafka.fault = () => (request++ === 0 ? { error: 6 } : null)
  await add(line, record('a'))
  await line.flush()
  expect([...kafka.topics.keys()]).toEqual(['t'])
  await add(line, record('b', 0, 'gone'))
  await line.flush()
  expect(kafka.values('gone')).toEqual(['b'])
})

test('a topic that was made anew with fewer partitions is an error', async () => {
  const kafka = kafkaWith(1, 1)
  const newTopic = (topic: string) => ({ topic, partitions: 1, replicationFactor: -1, config: {} })
  using line = await open(kafka, { newTopic })
  await line.learn('t')
  kafka.topics.delete('t')
  line.put(record('b', 1))
  await expect(line.flush()).rejects.toThrow(/made anew with 1 partitions; it had 2.*Restart/)
})

test('partitions that were added come to use', async () => {
  const kafka = kafkaWith(1)
  using line = await open(kafka)
  await add(line, record('a'))
  await line.flush()
  kafka.topics.get('t')?.push({ leader: 2, values: [], recent: [], size: 0 })
  let failed = false
  kafka.fault = () => {
    const first = !failed
    failed = true
    return first ? { error: 6 } : null
  }
  await add(line, record('b'))
  await line.flush()
  await add(line, record('c', 1))
  await line.flush()
  expect(kafka.values('t')).toEqual(['a', 'b'])
  expect(kafka.values('t', 1)).toEqual(['c'])
})

test('a line that is full takes in again when there is room', async () => {
  const kafka = kafkaWith(1)
  using line = await open(kafka, { settings: { bufferBytes: 1000 } })
  await line.learn('t')
  kafka.hold()
  let taken = 0
  let wait: Promise<void> | null = null
  while ((wait = line.add(record(`${taken}`.padStart(20, '.')))) === null) taken++
  expect(line.pendingBytes).toBeLessThan(1100)
  kafka.release()
  await wait
  expect(line.pendingBytes).toBeLessThan(1000)
  await line.flush()
  expect(kafka.values('t')).toEqual(numbers(taken))
})

test('who waits when a line is closed hears of it', async () => {
  const kafka = kafkaWith(1)
  const line = await open(kafka, { settings: { bufferBytes: 30 } })
  await line.learn('t')
  kafka.hold()
  line.put(record('a'.repeat(50)))
  const flush = line.flush()
  const room = line.add(record('b'))
  line[Symbol.dispose]()
  await expect(flush).rejects.toThrow(/closed/)
  await expect(room).rejects.toThrow(/closed/)
})
