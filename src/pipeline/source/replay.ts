/**
 * One replay from its plan to its end: a source task whose offsets nobody stores, and whose records go through the
 * connector's own transforms and converters, into the topics that they went to or into topics beside these.
 */
import { ConfigError } from '#errors'
import type { ReplayTask, SourcePlugin } from '#plugin'
import type { ChainStep } from '../chain.ts'
import type { ReplaySpec } from '../runner.ts'
import { Opened, type TaskEnv } from '../task-env.ts'
import type { SourceLoopParts } from './loop.ts'
import { openSource, runToEnd, sourceContext } from './run.ts'

const progressIntervalMs = 500

export async function runReplay(env: TaskEnv, plugin: SourcePlugin, spec: ReplaySpec): Promise<void> {
  const { replay } = plugin
  if (replay === undefined || typeof replay === 'string')
    throw new ConfigError(`${plugin.javaClass} cannot replay its log.`)
  const { taskConfig } = env.spec
  const context = sourceContext(env, async () => null)
  const plan = await replay.plan(taskConfig, spec.request, context)
  env.report({ is: 'planned', plan })
  if (spec.planOnly || env.control.stopping.aborted) return
  await using opened = new Opened(env)
  const parts = await openSource(env, opened, {
    openTask: () => replay.open(taskConfig, spec.request, plan, context),
    lastSteps: spec.topicSuffix === '' ? [] : [suffixed(spec.topicSuffix)],
    render: () => [],
  })
  const counted = countingRecords(parts)
  const over = progressTold(env, parts.task, counted.records)
  await runToEnd(counted.parts, over)
  env.report({ is: 'done', progress: parts.task.progress, records: counted.records() })
}

function suffixed(suffix: string): ChainStep {
  const known = new Map<string, string>()
  return {
    javaClass: 'rowtap.ReplayTopics',
    when: null,
    negate: false,
    transform: (record) => {
      const topic = known.get(record.topic) ?? record.topic + suffix
      known.set(record.topic, topic)
      return { ...record, topic }
    },
  }
}

function countingRecords(parts: SourceLoopParts): {
  readonly parts: SourceLoopParts
  readonly records: () => number
} {
  let count = 0
  const { records } = parts.counts
  const inc = (by: number) => {
    count += by
    records.inc(by)
  }
  return { parts: { ...parts, counts: { ...parts.counts, records: { inc } } }, records: () => count }
}

/** Whether the replay is over; tells how far it is now and then. */
function progressTold(env: TaskEnv, task: ReplayTask, records: () => number): () => boolean {
  let last = env.clock.now()
  return () => {
    const now = env.clock.now()
    if (now - last >= progressIntervalMs) {
      last = now
      env.report({ is: 'progress', progress: task.progress, records: records() })
    }
    return task.finished
  }
}
