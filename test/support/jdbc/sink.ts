/** Runs a JDBC sink's task as the sink loop would: batches in, retries brought again, reports collected. */
import type { SinkRecord } from '#data'
import { messageOf } from '#errors'
import type { SinkContext, SinkPlugin, SinkTask } from '#plugin'

export interface RunningSink extends AsyncDisposable {
  readonly warnings: string[]
  readonly reported: { readonly offset: bigint; readonly message: string }[]
  readonly retries: number[]
  put(...records: readonly SinkRecord[]): Promise<void>
}

const quiet = (): void => {}
const never = new AbortController().signal

export interface SinkOptions {
  /** With a dead letter queue: records that are refused are collected. */
  readonly reports?: boolean
}

export async function startSink(
  plugin: SinkPlugin,
  config: Readonly<Record<string, string>>,
  options: SinkOptions = {},
): Promise<RunningSink> {
  const sink = {
    warnings: [] as string[],
    reported: [] as { offset: bigint; message: string }[],
    retries: [] as number[],
  }
  const warn = (message: unknown): void => void sink.warnings.push(String(message))
  const context: SinkContext = {
    connector: 'test',
    task: 0,
    log: { trace: quiet, debug: quiet, info: quiet, warn, error: warn, fatal: warn } as SinkContext['log'],
    metrics: { counter: () => ({ inc: quiet }), gauge: () => ({ set: quiet }) },
    signal: never,
    report:
      options.reports === true
        ? async (record, error) =>
            void sink.reported.push({ offset: record.offset, message: messageOf(error) })
        : null,
    retryAfter: (ms) => void sink.retries.push(ms),
  }
  const task: SinkTask = await plugin.open(config, context)
  return {
    ...sink,
    put: async (...records) => {
      for (;;) {
        try {
          return await task.put(records, never)
        } catch (error) {
          if (!(error instanceof Error) || error.name !== 'RetriableError') throw error
        }
      }
    },
    [Symbol.asyncDispose]: () => task[Symbol.asyncDispose](),
  }
}

/** The message of what a promise is rejected with. */
export async function refusal(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'not refused',
    (error: unknown) => messageOf(error),
  )
}
