/** From the commit in the database to the consumer of the topic: rows at a steady pace, each with its time. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Kafka } from 'kafkajs'
import { type Orders, reading, topicOf, withConnector, type Workload } from './orders.ts'

export interface Latency {
  readonly records: number
  /** As many as the database has taken, which may be fewer than wanted. */
  readonly commitsPerSecond: number
  readonly p50ms: number
  readonly p99ms: number
  readonly maxMs: number
}

export interface Pace {
  readonly perSecond: number
  readonly seconds: number
}

/** Sessions that commit in turn, so that none waits for the other. */
const sessions = 4

export async function runLatency(workload: Workload, kafka: Kafka, pace: Pace): Promise<Latency> {
  const { orders, name } = workload
  await orders.create()
  return withConnector(workload, async () => {
    await reading(workload)
    const consumer = kafka.consumer({ groupId: name, maxWaitTimeInMs: 100 })
    const waits: number[] = []
    let joined = (): void => {}
    const ready = new Promise<void>((resolve) => (joined = resolve))
    await consumer.connect()
    try {
      await consumer.subscribe({ topic: topicOf(workload), fromBeginning: true })
      await consumer.run({
        eachMessage: async ({ message }) => {
          const sent = sentAt(message.value)
          if (sent === null) joined()
          else waits.push(now() - sent)
        },
      })
      await ready
      const commitsPerSecond = await commit(orders, pace)
      while (waits.length < pace.perSecond * pace.seconds) await delay(10)
      return { ...summary(waits), commitsPerSecond }
    } finally {
      await consumer.disconnect()
    }
  })
}

/** Milliseconds of the one clock that both ends of this process share. */
const now = (): number => performance.now()

/** null: of a row that has no time. */
function sentAt(value: Buffer | null): number | null {
  const body = JSON.parse(String(value)) as { payload?: unknown; after?: unknown; note?: unknown }
  const change = (body.payload ?? body) as typeof body
  const row = (change.after ?? change) as typeof body
  const sent = Number(row.note)
  return Number.isNaN(sent) ? null : sent
}

/** Resolves to how many commits a second there were. */
async function commit(orders: Orders, { perSecond, seconds }: Pace): Promise<number> {
  const total = perSecond * seconds
  const began = now()
  const session = async (first: number): Promise<void> => {
    await using writer = await orders.writer()
    for (let id = first; id <= total; id += sessions) {
      const early = began + (id * 1000) / perSecond - now()
      if (early > 0) await delay(early)
      await writer.insert(id, String(now()))
    }
  }
  await Promise.all(Array.from({ length: sessions }, (_, i) => session(i + 1)))
  return Math.round(total / ((now() - began) / 1000))
}

function summary(waits: number[]): Omit<Latency, 'commitsPerSecond'> {
  waits.sort((a, b) => a - b)
  const at = (part: number): number =>
    Math.round((waits[Math.floor(part * (waits.length - 1))] ?? 0) * 10) / 10
  return { records: waits.length, p50ms: at(0.5), p99ms: at(0.99), maxMs: at(1) }
}
