/** What the tests of the loops stand on: a clock that moves when told, waits on conditions, plugins and task specs. */
import type { Converter, HeaderConverterPlugin, Plugin, PluginKind } from '#plugin'
import { createRegistry, type PluginEntry, type Registry } from '#plugin'
import { datum, nothing, type SourceOffset, type SourceRecord } from '#data'
import { DataError, RetriableError } from '#errors'
import type { TaskListener, TaskSpec, TaskState } from '../../../src/pipeline/index.ts'
import type { Clock } from '../../../src/pipeline/clock.ts'

/** Waits until it holds; the test's own timeout is the limit. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve))
}

/** Lets everything that is ready run. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve))
}

export class ManualClock implements Clock {
  #now = 0
  #sleepers: { readonly at: number; readonly wake: () => void }[] = []
  /** Every wait that was asked for. */
  readonly slept: number[] = []

  now(): number {
    return this.#now
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    this.slept.push(ms)
    if (signal.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      this.#sleepers.push({ at: this.#now + ms, wake: resolve })
      signal.addEventListener('abort', () => resolve(), { once: true })
    })
  }

  pass(ms: number): void {
    this.#now += ms
    const due = this.#sleepers.filter(({ at }) => at <= this.#now)
    this.#sleepers = this.#sleepers.filter(({ at }) => at > this.#now)
    for (const { wake } of due) wake()
  }
}

/** Text in and out; 'bad' cannot be converted, 'later' cannot the first time. */
export class TextConverter implements Converter {
  #later = true
  barriers = new Map<string, Promise<void>>()

  prepare(topic: string): Promise<void> | null {
    return this.barriers.get(topic) ?? null
  }

  write(_topic: string, value: { value(): unknown }, out: { appendText(text: string): void }): boolean {
    const text = value.value()
    if (text === null) return false
    this.#check(String(text))
    out.appendText(String(text))
    return true
  }

  read(_topic: string, bytes: Uint8Array | null) {
    if (bytes === null) return nothing
    const text = Buffer.from(bytes).toString()
    this.#check(text)
    return datum(null, text)
  }

  #check(text: string): void {
    if (text === 'bad') throw new DataError('this text is bad')
    if (text !== 'later' || !this.#later) return
    this.#later = false
    throw new RetriableError('not yet')
  }
}

export function entryOf(plugin: Plugin): PluginEntry {
  const { kind, javaClass, aliases, version } = plugin
  return { kind, javaClass, aliases, version, load: async () => plugin }
}

export function base<K extends PluginKind>(kind: K, javaClass: string, alias: string) {
  return { kind, javaClass, aliases: [alias], version: '1', config: {} }
}

const headerConverter: HeaderConverterPlugin = {
  ...base('header_converter', 'org.apache.kafka.connect.storage.SimpleHeaderConverter', 'simple'),
  create: () => ({
    write: (_topic, _key, value, out) => new TextConverter().write('', value, out),
    read: (_topic, _key, bytes) => new TextConverter().read('', bytes),
  }),
}

export function registryOf(converter: Converter, ...plugins: readonly Plugin[]): Registry {
  const text: Plugin = { ...base('converter', 'test.TextConverter', 'text'), create: () => converter }
  return createRegistry([headerConverter, text, ...plugins].map(entryOf))
}

export function specOf(
  kind: 'source' | 'sink',
  connectorConfig: Readonly<Record<string, string>> = {},
  more: Partial<TaskSpec> = {},
): TaskSpec {
  return {
    connector: 'c',
    task: 0,
    kind,
    connectorConfig: { 'connector.class': 'scripted', ...connectorConfig },
    taskConfig: {},
    worker: {
      properties: { 'key.converter': 'text', 'value.converter': 'text' },
      offsetsTopic: 'offsets',
      offsetFlushIntervalMs: 1000,
      offsetFlushTimeoutMs: 500,
      topicCreation: true,
    },
    paused: false,
    ...more,
  }
}

export class Heard implements TaskListener {
  readonly states: TaskState[] = []
  readonly topics: string[] = []
  trace: string | null = null

  state(state: TaskState, trace: string | null): void {
    this.states.push(state)
    this.trace = trace
  }

  topic(topic: string): void {
    this.topics.push(topic)
  }

  get last(): TaskState | undefined {
    return this.states.at(-1)
  }
}

export const partition = { server: 'a' }

export function offsetAt(position: number, of = partition): SourceOffset {
  return { partition: of, offset: () => ({ position: BigInt(position) }) }
}

export function recordAt(position: number, more: Partial<SourceRecord> = {}): SourceRecord {
  return {
    topic: 't',
    partition: null,
    key: datum(null, `k${position}`),
    value: datum(null, `v${position}`),
    headers: [],
    timestamp: null,
    from: offsetAt(position),
    ...more,
  }
}
