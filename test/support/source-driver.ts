/**
 * Drives a source task as the pipeline does: open, poll, encode, commit, `committed`. Offsets are kept across runs of
 * one driver, as a broker would keep them.
 */
import { ByteBuffer } from '#bytes'
import type { Datum, OffsetMap, SourceOffset, SourceRecord } from '#data'
import { type Logger, type Metrics, taskMetrics } from '#observe'
import type { RawConfig, SourcePlugin, SourceTask } from '#plugin'
import { jsonFormat } from '../../src/converters/json-format.ts'
import { JsonWriter } from '../../src/converters/json-writer.ts'
import { MemoryTopicLogs } from './memory-topic-logs.ts'

export interface Emitted {
  readonly topic: string
  readonly key: string | null
  readonly value: string | null
  readonly headers: readonly (readonly [string, string | null])[]
  readonly offset: OffsetMap | null
}

export interface LogLine {
  readonly level: string
  readonly message: string
}

const writer = new JsonWriter(jsonFormat(false, true))

export function encoded(datum: Datum, schemas: boolean): string | null {
  if (datum.schema === null && datum.value() === null) return null
  const out = new ByteBuffer()
  if (schemas) writer.enveloped(datum, out)
  else writer.payload(datum, out)
  return out.bytes.toString('utf8', 0, out.length)
}

export class SourceDriver {
  readonly emitted: Emitted[] = []
  readonly log: LogLine[] = []
  /** By the partition's JSON: what a restart finds. */
  readonly stored = new Map<string, OffsetMap>()
  readonly logs = new MemoryTopicLogs()
  /** false: records are delivered and never committed. */
  commits = true
  readonly #plugin: SourcePlugin
  readonly #config: RawConfig
  #task: SourceTask | null = null
  #stop = new AbortController()
  #last: SourceOffset | null = null

  constructor(plugin: SourcePlugin, config: RawConfig) {
    this.#plugin = plugin
    this.#config = config
  }

  async start(more: RawConfig = {}): Promise<void> {
    this.#stop = new AbortController()
    this.#task = await this.#plugin.open(
      { ...this.#config, ...more },
      {
        connector: 'driven',
        task: 0,
        log: this.#logger(),
        metrics: taskMetrics('driven', 0) satisfies Metrics,
        signal: this.#stop.signal,
        offset: async (partition) => this.stored.get(JSON.stringify(partition)) ?? null,
        topicLog: (options) => this.logs.open(options),
      },
    )
  }

  /** One poll; what it gave is in `emitted` and, if `commits`, committed. */
  async poll(): Promise<readonly SourceRecord[]> {
    if (this.#task === null) throw new Error('the task is not started')
    const records = await this.#task.poll(this.#stop.signal)
    for (const record of records) this.emitted.push(this.#shown(record))
    this.#last = records.at(-1)?.from ?? this.#last
    if (this.commits && records.length > 0) await this.commit()
    if (this.commits && records.length === 0) await this.#idle()
    return records
  }

  /** Nothing is in flight: the task may have an offset to store. */
  async #idle(): Promise<void> {
    const idle = this.#task?.idle?.() ?? null
    if (idle === null) return
    this.#last = idle
    await this.commit()
  }

  async commit(): Promise<void> {
    const last = this.#last
    if (last === null) return
    const offset = last.offset()
    if (offset !== null) this.stored.set(JSON.stringify(last.partition), offset)
    await this.#task?.committed?.([last])
  }

  /** Polls until there are so many records in all (or `condition` holds); a deadline fails the test. */
  async until(wanted: number | (() => boolean | Promise<boolean>), ms = 90_000): Promise<void> {
    const end = performance.now() + ms
    const met = typeof wanted === 'number' ? () => this.emitted.length >= wanted : wanted
    while (!(await met())) {
      if (performance.now() > end)
        throw new Error(`nothing more after ${this.emitted.length} records; wanted ${String(wanted)}`)
      await this.poll()
    }
  }

  /** Polls on for a while: nothing may come that nobody expects. */
  async quiet(polls = 2): Promise<void> {
    for (let i = 0; i < polls; i++) await this.poll()
  }

  /** `failed`: nobody asked it to stop. */
  async stop({ failed = false } = {}): Promise<void> {
    if (!failed) this.#stop.abort()
    const task = this.#task
    this.#task = null
    this.#last = null
    await task?.[Symbol.asyncDispose]()
  }

  #shown(record: SourceRecord): Emitted {
    const schemas = (part: string) => this.#config[`${part}.converter.schemas.enable`] !== 'false'
    return {
      topic: record.topic,
      key: encoded(record.key, schemas('key')),
      value: encoded(record.value, schemas('value')),
      headers: record.headers.map(({ key, value }) => [key, headerText(value)] as const),
      offset: record.from.offset(),
    }
  }

  #logger(): Logger {
    const at =
      (level: string) =>
      (...parts: unknown[]) => {
        const message = parts.filter((part) => typeof part === 'string').join(' ')
        this.log.push({ level, message })
      }
    return Object.fromEntries(
      ['trace', 'debug', 'info', 'warn', 'error', 'fatal'].map((level) => [level, at(level)]),
    ) as unknown as Logger
  }
}

/** As Connect's SimpleHeaderConverter: strings as they are, structs as JSON. */
function headerText(datum: Datum): string | null {
  const value = datum.value()
  return typeof value === 'string' ? value : encoded(datum, false)
}
