/** A sink task that keeps what it is given, and fails as the test says. */
import type { SinkRecord } from '#data'
import type { SinkContext, SinkPartition, SinkPlugin, SinkTask } from '#plugin'
import { base } from './script.ts'

export class ScriptedSink implements SinkTask {
  readonly puts: (readonly SinkRecord[])[] = []
  readonly events: string[] = []
  /** One for each coming put; null lets it pass. */
  readonly failures: (Error | null)[] = []
  failFlush: Error | null = null
  /** Waited for within put. */
  gate: Promise<void> = Promise.resolve()
  retryAfterMs: number | null = null
  open = 0
  context: SinkContext | null = null

  get plugin(): SinkPlugin {
    return {
      ...base('sink', 'test.ScriptedSink', 'scripted-sink'),
      taskClass: 'test.ScriptedSinkTask',
      taskConfigs: (config) => [config],
      open: async (_config, context) => {
        this.context = context
        this.open++
        return this
      },
    }
  }

  /** Values of all records that were put with success. */
  get values(): unknown[] {
    return this.puts.flat().map((record) => record.value.value())
  }

  async put(records: readonly SinkRecord[]): Promise<void> {
    await this.gate
    const failure = this.failures.shift() ?? null
    if (failure !== null) {
      if (this.retryAfterMs !== null) this.context?.retryAfter(this.retryAfterMs)
      this.events.push(`failed ${records.length}`)
      throw failure
    }
    this.puts.push(records)
    if (records.length > 0) this.events.push(`put ${records.length}`)
  }

  async flush(): Promise<void> {
    if (this.failFlush !== null) throw this.failFlush
    this.events.push('flush')
  }

  async assigned(partitions: readonly SinkPartition[]): Promise<void> {
    this.events.push(`assigned ${named(partitions)}`)
  }

  async revoked(partitions: readonly SinkPartition[]): Promise<void> {
    this.events.push(`revoked ${named(partitions)}`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.open--
    this.events.push('closed')
  }
}

function named(partitions: readonly SinkPartition[]): string {
  return partitions.map(({ topic, partition }) => `${topic}-${partition}`).join(' ')
}
