/** A source task that polls what the test feeds it. */
import type { OffsetMap, SourceOffset, SourceRecord } from '#data'
import type { RawConfig, SourceContext, SourcePlugin, SourceTask } from '#plugin'
import { base } from './script.ts'

export class ScriptedSource implements SourceTask {
  readonly #queue: (readonly SourceRecord[] | Error)[] = []
  #wake: () => void = () => {}
  readonly committedOffsets: (OffsetMap | null)[] = []
  polls = 0
  open = 0
  /** Ignores the signal, as a badly written task does. */
  deaf = false
  /** What `idle` gives next. */
  idleAt: SourceOffset | null = null
  /** Waited for when the task is closed. */
  closing: Promise<void> = Promise.resolve()
  failCommitted: Error | null = null
  context: SourceContext | null = null
  config: RawConfig | null = null

  get plugin(): SourcePlugin {
    return {
      ...base('source', 'test.ScriptedSource', 'scripted'),
      taskClass: 'test.ScriptedTask',
      taskConfigs: (config) => [config],
      open: async (config, context) => {
        this.config = config
        this.context = context
        this.open++
        return this
      },
    }
  }

  feed(...records: readonly SourceRecord[]): void {
    this.#push(records)
  }

  fail(error: Error): void {
    this.#push(error)
  }

  #push(next: readonly SourceRecord[] | Error): void {
    this.#queue.push(next)
    this.#wake()
  }

  async poll(signal: AbortSignal): Promise<readonly SourceRecord[]> {
    this.polls++
    if (this.#queue.length === 0)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
        if (!this.deaf) signal.addEventListener('abort', () => resolve(), { once: true })
      })
    const next = this.#queue.shift()
    if (next instanceof Error) throw next
    return next ?? []
  }

  /** Ends a poll with nothing. */
  feedNothing(): void {
    this.#push([])
  }

  idle(): SourceOffset | null {
    return this.idleAt
  }

  async committed(offsets: readonly SourceOffset[]): Promise<void> {
    if (this.failCommitted !== null) throw this.failCommitted
    this.committedOffsets.push(...offsets.map((each) => each.offset()))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.closing
    this.open--
  }
}
