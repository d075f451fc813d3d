/**
 * A look into the topics of the worker's broker, for `GET /topics…` and the commands that speak it: names, bounds, and
 * the records themselves as JSON. Keys and values that are JSON stand as they are, other text as a string, and what is
 * no text as `{"base64": …}`.
 */
import type { Broker, ConsumedRecord, RawHeader } from '#broker'
import { jsonText } from '#pipeline'
import { HerderError } from './herder.ts'

export interface TopicSummary {
  readonly topic: string
  readonly partitions: readonly {
    readonly partition: number
    readonly first: bigint
    readonly next: bigint
  }[]
  readonly config: Readonly<Record<string, string>>
}

export interface RecordsOptions {
  readonly from: 'earliest' | 'latest'
  /** Goes on as records arrive; else ends with what is there now. */
  readonly follow: boolean
  /** Ends after so many records. */
  readonly limit: number
}

export interface TopicView {
  topics(): Promise<readonly string[]>
  /** 404 for a topic that is not there. */
  topic(name: string): Promise<TopicSummary>
  /** One JSON text per record: partition, offset, timestamp, key, value, headers. */
  records(name: string, options: RecordsOptions, signal: AbortSignal): AsyncIterable<string>
}

export function topicView(broker: Broker): TopicView {
  return {
    topics: () => broker.admin.topics(),
    topic: async (name) => {
      const description = await broker.admin.describe(name)
      if (description === null) throw new HerderError(404, `Topic ${name} not found`)
      const bounds = await broker.admin.bounds(name)
      const partitions = bounds.map(({ first, next }, partition) => ({ partition, first, next }))
      return { topic: name, partitions, config: description.config }
    },
    records: (name, options, signal) => records(broker, name, options, signal),
  }
}

async function* records(
  broker: Broker,
  topic: string,
  { from, follow, limit }: RecordsOptions,
  signal: AbortSignal,
): AsyncIterable<string> {
  await using reader = await broker.reader({ topics: [topic], from })
  const end = new AbortController()
  if (!follow) void reader.caughtUp().then(() => end.abort())
  const until = AbortSignal.any([signal, end.signal])
  for (let left = limit; left > 0 && !signal.aborted; ) {
    const found = await reader.poll(1000, until)
    for (const record of found.slice(0, left)) yield recordText(record)
    left -= found.length
    if (end.signal.aborted && found.length === 0) return
  }
}

function recordText({ partition, offset, timestamp, key, value, headers }: ConsumedRecord): string {
  const place = `"partition":${partition},"offset":${offset},"timestamp":${timestamp}`
  return `{${place},"key":${bytesText(key)},"value":${bytesText(value)},"headers":${headersText(headers)}}`
}

function headersText(headers: readonly RawHeader[]): string {
  return `{${headers.map(({ key, value }) => `${JSON.stringify(key)}:${bytesText(value)}`).join(',')}}`
}

function bytesText(bytes: Uint8Array | null): string {
  if (bytes === null) return 'null'
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const text = buffer.toString('utf8')
  if (!Buffer.from(text, 'utf8').equals(buffer)) return `{"base64":"${buffer.toString('base64')}"}`
  try {
    JSON.parse(text)
    return text.replaceAll('\n', ' ')
  } catch {
    return jsonText(text)
  }
}
