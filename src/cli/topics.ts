/** `rowtap topics …`: looks into the topics of a running worker, over its REST API. */
import type { Command } from 'commander'
import { restClient } from './client.ts'

const defaultUrl = process.env['ROWTAP_URL'] ?? 'http://127.0.0.1:8083'

interface TopicOptions {
  readonly url: string
  readonly json?: true
}

interface TailOptions extends TopicOptions {
  readonly from: string
  readonly limit?: string
  readonly follow: boolean
}

export function addTopicCommands(program: Command): void {
  const topics = program.command('topics').description('look into the topics of a running worker')
  const withUrl = (command: Command): Command =>
    command
      .option('--url <url>', 'address of the worker (also ROWTAP_URL)', defaultUrl)
      .option('--json', 'print JSON, one object a line')
  withUrl(topics.command('list').description('names of all topics')).action(list)
  withUrl(topics.command('describe').description('partitions and configuration').argument('<topic>')).action(
    describe,
  )
  withUrl(topics.command('tail').description('print records as they come').argument('<topic>'))
    .option('--from <where>', 'earliest or latest', 'earliest')
    .option('--limit <n>', 'end after so many records')
    .option('--no-follow', 'end with what is there now')
    .action(tail)
}

const print = (text: string): void => void process.stdout.write(`${text}\n`)

async function list({ url, json }: TopicOptions): Promise<void> {
  const names = (await restClient(url).get('/topics')) as string[]
  if (json === true) print(JSON.stringify(names))
  else for (const name of names) print(name)
}

interface Description {
  readonly partitions: readonly {
    readonly partition: number
    readonly first: number
    readonly next: number
  }[]
  readonly config: Readonly<Record<string, string>>
}

async function describe(topic: string, { url, json }: TopicOptions): Promise<void> {
  const found = (await restClient(url).get(`/topics/${encodeURIComponent(topic)}`)) as Description
  if (json === true) return print(JSON.stringify(found))
  for (const { partition, first, next } of found.partitions)
    print(`partition ${partition}: offsets ${first} to ${next}, ${next - first} records`)
  for (const [key, value] of Object.entries(found.config)) print(`${key}=${value}`)
}

interface TailedRecord {
  readonly partition: number
  readonly offset: number
  readonly timestamp: number
  readonly key: unknown
  readonly value: unknown
}

async function tail(topic: string, { url, json, from, limit, follow }: TailOptions): Promise<void> {
  const query = new URLSearchParams({
    from,
    follow: String(follow),
    ...(limit === undefined ? {} : { limit }),
  })
  const stop = new AbortController()
  process.once('SIGINT', () => stop.abort())
  const path = `/topics/${encodeURIComponent(topic)}/records?${query}`
  for await (const record of restClient(url).lines(path, stop.signal)) {
    if (json === true) print(JSON.stringify(record))
    else {
      const { partition, offset, timestamp, key, value } = record as TailedRecord
      print(`${partition}/${offset} ${new Date(timestamp).toISOString()} ${shown(key)} → ${shown(value)}`)
    }
  }
}

/** The payload of a value with its schema: the schema is the same in every line. */
function shown(value: unknown): string {
  const payload =
    typeof value === 'object' && value !== null && 'schema' in value && 'payload' in value
      ? value.payload
      : value
  return JSON.stringify(payload)
}
