/** How a source task is run: its commits, its byte budget, and what of exactly-once it asks for. */
import type { SourceWriter } from '#broker'
import { ConfigError } from '#errors'
import type { TaskSpec } from '../runner.ts'
import { choiceOf, integerOf } from '../settings.ts'

export interface SourceSettings {
  /** null: each batch is committed. */
  readonly commitIntervalMs: number | null
  /** Between two offsets that are stored without a record. */
  readonly idleIntervalMs: number
  /** Polling rests while more than this is not durable. */
  readonly budgetBytes: number
}

const budgetProperty = 'task.max.pending.bytes'
const mostIdleMs = 10_000
const defaultBudget = 32 * 1024 * 1024
/** A single batch of more budgets than this fails the task: its raw form is in memory as well. */
const mostBudgetsPerBatch = 4

export function sourceSettings(spec: TaskSpec, writer: SourceWriter): SourceSettings {
  const { connectorConfig: config, worker } = spec
  const boundary = choiceOf(config, 'transaction.boundary', ['poll', 'interval', 'connector'])
  if (boundary === 'connector')
    throw new ConfigError('transaction.boundary=connector is not supported.', {
      remedy: "Use 'poll' or 'interval'.",
    })
  if (choiceOf(config, 'exactly.once.support', ['requested', 'required']) === 'required' && !writer.atomic)
    throw new ConfigError(
      'exactly.once.support=required, but this broker does not store records and offsets in one transaction.',
      { remedy: 'Use the embedded broker, or exactly.once.support=requested.' },
    )
  const fallback = integerOf(worker.properties, budgetProperty, defaultBudget)
  const budgetBytes = integerOf(config, budgetProperty, fallback)
  if (budgetBytes < 1)
    throw new ConfigError(
      `Invalid value ${budgetBytes} for configuration ${budgetProperty}: Value must be at least 1`,
    )
  return {
    commitIntervalMs: commitInterval(spec, writer, boundary),
    idleIntervalMs: Math.min(worker.offsetFlushIntervalMs, mostIdleMs),
    budgetBytes,
  }
}

function commitInterval(spec: TaskSpec, writer: SourceWriter, boundary: 'poll' | 'interval'): number | null {
  if (!writer.atomic) return spec.worker.offsetFlushIntervalMs
  if (boundary === 'poll') return null
  return integerOf(
    spec.connectorConfig,
    'transaction.boundary.interval.ms',
    spec.worker.offsetFlushIntervalMs,
  )
}

/** Refused by name: rowtap keeps the offsets of all connectors in the worker's topic. */
export function refuseOwnOffsetsTopic(spec: TaskSpec): void {
  const topic = spec.connectorConfig['offsets.storage.topic']?.trim()
  if (topic !== undefined && topic !== spec.worker.offsetsTopic)
    throw new ConfigError(`offsets.storage.topic=${topic} is not supported.`, {
      remedy: `Remove it: offsets are stored in the worker's topic ${spec.worker.offsetsTopic}.`,
    })
}

export function isFarBeyond(batchBytes: number, settings: SourceSettings): boolean {
  return batchBytes > settings.budgetBytes * mostBudgetsPerBatch
}

export function beyondBudget(task: string, batchBytes: number, settings: SourceSettings): ConfigError {
  return new ConfigError(
    `One batch of task ${task} came to more than ${batchBytes} bytes, but the task may hold ${settings.budgetBytes} bytes that are not durable yet.`,
    { remedy: `Let the connector return smaller batches (max.batch.size), or raise ${budgetProperty}.` },
  )
}
