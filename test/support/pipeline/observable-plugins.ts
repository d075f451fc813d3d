/** Connectors that tests of task threads can watch: what they do is in their configuration, what they did in a file. */
import { appendFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { datum, type SourceRecord } from '#data'
import { DataError } from '#errors'
import type { RawConfig, SinkPlugin, SourceContext, SourcePlugin } from '#plugin'
import { base, registryOf, TextConverter } from './script.ts'

const partition = { counter: 'one' }

/**
 * Records `from, from + 1, …`, `batch` at a time up to `count`; then it does as `atEnd` says. What was confirmed is told in
 * a file, and in a log of its own.
 */
async function countingTask(config: RawConfig, context: SourceContext) {
  const stored = await context.offset(partition)
  const count = Number(config['count'] ?? 0)
  const log = config['log'] === undefined ? null : context.topicLog(ownLog(config['log']))
  await log?.create({})
  let next = stored === null ? 0 : Number(stored['next'])
  const record = (at: number): SourceRecord => ({
    topic: config['topic'] ?? 'out',
    partition: null,
    key: datum(null, String(at)),
    value: datum(null, config['bytes'] === undefined ? `row ${at}` : 'x'.repeat(Number(config['bytes']))),
    headers: [],
    timestamp: null,
    from: { partition, offset: () => ({ next: BigInt(at + 1) }) },
  })
  return {
    async poll(signal: AbortSignal): Promise<SourceRecord[]> {
      if (next >= count) {
        await deed(config['atEnd'] ?? 'rest', signal)
        return []
      }
      const from = next
      next = Math.min(count, next + Number(config['batch'] ?? 10))
      return Array.from({ length: next - from }, (_, i) => record(from + i))
    },
    async committed(offsets: readonly SourceRecord['from'][]): Promise<void> {
      if (config['confirmed'] !== undefined)
        for (const offset of offsets) appendFileSync(config['confirmed'], `${offset.offset()?.['next']}\n`)
      await log?.append(
        offsets.map((offset) => ({ key: null, value: Buffer.from(`${offset.offset()?.['next']}`) })),
      )
    },
    async [Symbol.asyncDispose]() {
      await log?.[Symbol.asyncDispose]()
    },
  }
}

const ownLog = (topic: string) => ({ topic, bootstrapServers: null, producer: {}, consumer: {} })

async function deed(name: string, signal: AbortSignal): Promise<void> {
  switch (name) {
    case 'throw':
      throw new DataError('the log was purged')
    case 'exit':
      return process.exit(3)
    case 'crash':
      setImmediate(() => {
        throw new Error('nobody caught this')
      })
      return
    case 'hoard': {
      const kept: unknown[] = []
      for (;;) kept.push(new Array(1e6).fill(kept.length))
    }
    case 'spin':
      for (;;);
    case 'deaf':
      return new Promise(() => {})
    default:
      await wait(1000, undefined, { signal }).catch(() => {})
  }
}

const counting = (dedicatedThread: boolean): SourcePlugin => ({
  ...base(
    'source',
    dedicatedThread ? 'test.OwnThreadSource' : 'test.SharedSource',
    dedicatedThread ? 'own' : 'shared',
  ),
  taskClass: 'test.CountingTask',
  taskConfigs: (config) => [config],
  dedicatedThread,
  open: countingTask,
})

/** Writes each record's value as a line of the file. */
const collecting: SinkPlugin = {
  ...base('sink', 'test.CollectingSink', 'collect'),
  taskClass: 'test.CollectingTask',
  taskConfigs: (config) => [config],
  open: async (config) => ({
    async put(records) {
      for (const record of records) appendFileSync(config['file'] ?? '', `${String(record.value.value())}\n`)
    },
    async [Symbol.asyncDispose]() {},
  }),
}

export const registry = registryOf(new TextConverter(), counting(true), counting(false), collecting)
