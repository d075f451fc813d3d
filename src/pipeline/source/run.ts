/** One source task from its opening to its release. */
import type { OffsetEntry } from '#broker'
import type { OffsetMap, SourceOffset, SourceRecord } from '#data'
import { messageOf } from '#errors'
import type { SourceContext, SourcePlugin, SourceTask, TopicLog, TopicLogOptions } from '#plugin'
import { type ChainStep, chainOf } from '../chain.ts'
import { convertersOf } from '../converters.ts'
import { type ErrorCounts, errorCounts, sourceCounts } from '../metrics.ts'
import { openTaskOffsets } from '../offset-store.ts'
import { clientSettings } from '../settings.ts'
import { Opened, type TaskEnv, taskName } from '../task-env.ts'
import { type ErrorSettings, errorSettings, Tolerance } from '../tolerance.ts'
import { BrokerTopicLog } from '../topic-log.ts'
import { Committer } from './committer.ts'
import { IdleOffsets } from './idle-offsets.ts'
import { Intake } from './intake.ts'
import { sourceLoop, type SourceLoopParts } from './loop.ts'
import { NewestOffsets } from './newest-offsets.ts'
import { offsetRenderer } from './offset-entries.ts'
import { refuseOwnOffsetsTopic, sourceSettings } from './settings.ts'
import { topicCreation } from './topic-creation.ts'

/** Resolves after a graceful stop; rejects with what failed the task. Everything is released then. */
export async function runSource(env: TaskEnv, plugin: SourcePlugin): Promise<void> {
  await using opened = new Opened(env)
  const parts = await openSource(env, opened, {
    openTask: () => openTask(env, plugin),
    lastSteps: [],
    render: offsetRenderer(env.spec.connector),
  })
  await runToEnd(parts)
}

/** What a task and a replay do each in its way. */
export interface SourceForm<T extends SourceTask = SourceTask> {
  openTask(): Promise<T>
  /** After the connector's transforms. */
  readonly lastSteps: readonly ChainStep[]
  readonly render: (offsets: readonly SourceOffset[]) => OffsetEntry[]
}

/** Runs the loop, with everything committed behind it as far as that is possible. */
export async function runToEnd(parts: SourceLoopParts, over?: () => boolean): Promise<void> {
  if (parts.env.control.stopping.aborted) return
  parts.env.state('RUNNING')
  try {
    await sourceLoop(parts, over)
  } catch (error) {
    await lastCommit(parts)
    throw error
  }
  await parts.committer.finish()
}

export async function openSource<T extends SourceTask>(
  env: TaskEnv,
  opened: Opened,
  form: SourceForm<T>,
): Promise<SourceLoopParts & { readonly task: T }> {
  const { spec, broker, control, clock } = env
  const { connectorConfig: config, worker } = spec
  refuseOwnOffsetsTopic(spec)
  const errors = errorSettings(config)
  const chain = [...(await chainOf(config, env.plugins)), ...form.lastSteps]
  const converters = await convertersOf(config, worker.properties, env.plugins)
  const writer = opened.keep(
    'writer to the broker',
    await broker.sourceWriter({
      task: taskName(spec),
      offsetsTopic: worker.offsetsTopic,
      newTopic: topicCreation(config, worker.topicCreation),
      overrides: clientSettings(spec, 'producer'),
    }),
  )
  env.onCut(writer)
  const settings = sourceSettings(spec, writer)
  const task = opened.keep('task', await form.openTask())
  const counts = sourceCounts(env.metrics)
  const ofErrors = errorCounts(env.metrics)
  const newest = new NewestOffsets()
  const tolerance = toleranceOf(env, errors, ofErrors)
  const intake = new Intake({
    writer,
    chain,
    converters,
    tolerance,
    aside: errors.tolerateAll || errors.retryTimeoutMs !== 0,
    newest,
    clock,
    stopping: control.stopping,
    topics: env.topics,
  })
  const committer = new Committer({
    writer,
    task,
    newest,
    render: form.render,
    intervalMs: settings.commitIntervalMs,
    counts,
    clock,
  })
  const { idleIntervalMs: intervalMs } = settings
  const idleOffsets = new IdleOffsets({ task, newest, committer, intervalMs, clock })
  return {
    env,
    task,
    writer,
    intake,
    committer,
    idleOffsets,
    settings,
    errors,
    counts,
    errorCounts: ofErrors,
  }
}

function toleranceOf(
  { spec, log, clock, control }: TaskEnv,
  settings: ErrorSettings,
  counts: ErrorCounts,
): Tolerance<SourceRecord> {
  return new Tolerance({
    ...{ task: taskName(spec), settings, counts, log, clock },
    signal: control.stopping,
    deadLetters: null,
    placeOf: ({ topic, timestamp, from }) => ({
      topic,
      timestamp: timestamp === null ? null : String(timestamp),
      sourcePartition: readable(from.partition),
      sourceOffset: readable(from.offset()),
    }),
  })
}

/** Stored offsets are read once for all the questions a task asks while it opens. */
async function openTask(env: TaskEnv, plugin: SourcePlugin): Promise<SourceTask> {
  const { spec, broker } = env
  await using offsets = openTaskOffsets(broker, spec.worker.offsetsTopic, spec.connector)
  return await plugin.open(
    spec.taskConfig,
    sourceContext(env, (partition) => offsets.offset(partition)),
  )
}

/** `offset` answers what is stored of a source partition. */
export function sourceContext(
  { spec, broker, control, log, metrics, onCut }: TaskEnv,
  offset: (partition: OffsetMap) => Promise<OffsetMap | null>,
): SourceContext {
  const { connector, task } = spec
  const topicLog = (options: TopicLogOptions): TopicLog => {
    const opened = new BrokerTopicLog(broker, options)
    onCut(opened)
    return opened
  }
  return { connector, task, log, metrics, signal: control.stopping, offset, topicLog }
}

/** After a failure the records before it are still good: they are committed if that is quickly done. */
async function lastCommit({ env, committer }: SourceLoopParts): Promise<void> {
  if (committer.broken.aborted) return
  const timeout = new AbortController()
  const finished = committer.finish().catch((error: unknown) => {
    env.log.warn({ err: error }, `The last commit of a failed task failed too: ${messageOf(error)}`)
  })
  await Promise.race([finished, env.clock.sleep(env.spec.worker.offsetFlushTimeoutMs, timeout.signal)])
  timeout.abort()
}

function readable(map: Readonly<Record<string, unknown>> | null): string {
  return map === null
    ? 'null'
    : Object.entries(map)
        .map(([key, value]) => `${key}=${String(value)}`)
        .join(', ')
}
