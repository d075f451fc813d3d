/** The records of a case, on their way in (`produce`) and out. */
import type { Broker, ProducedRecord } from '#broker'
import { fill, type RecordedCase, type Shown } from './recorded-case.ts'

interface Line {
  readonly topic: string
  readonly partition?: number
  readonly key?: unknown
  readonly value?: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly timestamp?: string
}

/** One record a line; a key or value that is no text is sent as JSON. */
export function produced(
  { binary }: RecordedCase,
  lines: string,
  variables: Readonly<Record<string, string>>,
): readonly ProducedRecord[] {
  const bytes = (part: unknown): Buffer | null => {
    if (part === null || part === undefined) return null
    if (typeof part !== 'string') return Buffer.from(JSON.stringify(part))
    return Buffer.from(part, binary === true ? 'base64' : 'utf8')
  }
  return lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const { topic, partition, key, value, headers = {}, timestamp } = JSON.parse(line) as Line
      return {
        topic: fill(topic, variables),
        partition: partition ?? null,
        key: bytes(key),
        value: bytes(value),
        headers: Object.entries(headers).map(([name, text]) => ({ key: name, value: Buffer.from(text) })),
        timestamp: timestamp === undefined ? null : BigInt(timestamp),
      }
    })
}

/** All that is in the topics. */
export async function recordsOf(
  { binary, timestamps }: RecordedCase,
  broker: Broker,
  topics: readonly string[],
): Promise<readonly Shown[]> {
  if (topics.length === 0) return []
  await using reader = await broker.reader({ topics, from: 'earliest' })
  const shown: Shown[] = []
  const text = (bytes: Uint8Array | null): string | null =>
    bytes === null ? null : Buffer.from(bytes).toString(binary === true ? 'base64' : 'utf8')
  let done = false
  const caughtUp = reader.caughtUp().then(() => {
    done = true
  })
  while (!done) {
    const records = await reader.poll(100, AbortSignal.timeout(30_000))
    for (const { topic, partition, timestamp, key, value, headers } of records)
      shown.push({
        ...{ topic, partition, ...(timestamps === true ? { timestamp: String(timestamp) } : {}) },
        ...{ key: text(key), value: text(value) },
        headers: grouped(headers.map((header) => [header.key, text(header.value)] as const)),
      })
  }
  await caughtUp
  return shown
}

/** As the recording client shows them: headers of one name together, where the first of them is. */
function grouped<H extends readonly [name: string, value: string | null]>(
  headers: readonly H[],
): readonly H[] {
  return [...Map.groupBy(headers, ([name]) => name).values()].flat()
}
