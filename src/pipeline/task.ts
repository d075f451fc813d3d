/**
 * One running task: waits while it is to start paused, runs its loop, and tells its listener how it fares. A task that
 * was cut off says nothing more and holds nothing of the broker, whatever its code still does.
 */
import type { Broker } from '#broker'
import { ConfigError, messageOf, traceOf } from '#errors'
import { logger, release, releaseMetrics, taskMetrics } from '#observe'
import type { Clock } from './clock.ts'
import { isStop, TaskControl } from './control.ts'
import type { Plugins } from './plugins.ts'
import type { TaskListener, TaskSpec } from './runner.ts'
import { adminOverrides } from './settings.ts'
import { runSink } from './sink/run.ts'
import { runReplay } from './source/replay.ts'
import { runSource } from './source/run.ts'
import { type TaskEnv, taskName } from './task-env.ts'
import { UsedTopics } from './used-topics.ts'

export interface TaskParts {
  readonly broker: Broker
  readonly plugins: Plugins
  readonly clock: Clock
}

export interface RunningTask {
  readonly control: TaskControl
  forgetTopics(): void
  /** Resolves when the task has ended, by whatever cause, and released all that it held. */
  readonly ended: Promise<void>
  /** Gives up on a task that does not end. */
  cut(): void
}

export function runTask(spec: TaskSpec, listener: TaskListener, parts: TaskParts): RunningTask {
  const control = new TaskControl(spec.paused)
  const holds = new Set<AsyncDisposable>()
  let isCut = false
  const topics = new UsedTopics((topic) => {
    if (!isCut) listener.topic(topic)
  })
  const log = logger(`rowtap.${spec.kind}`, { connector: spec.connector, task: spec.task })
  const env: TaskEnv = {
    ...parts,
    spec,
    control,
    log,
    topics,
    metrics: taskMetrics(spec.connector, spec.task),
    state: (state) => {
      if (!isCut && !control.stopping.aborted) listener.state(state, null)
    },
    report: (report) => {
      if (!isCut && !control.stopping.aborted) listener.replay?.(report)
    },
    onCut: (held) => {
      if (isCut) letGo(held)
      holds.add(held)
    },
  }
  const ended = whole(env)
    .catch((error: unknown) => {
      if (!isCut && !control.stopping.aborted) {
        const stays = spec.replay === undefined ? ' and stays so until it is restarted' : ''
        log.error({ err: error }, `Task ${taskName(spec)} has failed${stays}.`)
        listener.state('FAILED', traceOf(error))
      } else if (!isStop(error, control.stopping))
        log.warn(
          { err: error },
          `Task ${taskName(spec)} was told to stop and then failed: ${messageOf(error)}`,
        )
    })
    .finally(() => {
      releaseMetrics(env.metrics)
      release(log)
    })
  return {
    control,
    ended,
    forgetTopics: () => topics.forget(),
    cut: () => {
      isCut = true
      control.stop()
      for (const held of holds) letGo(held)
      log.warn(`Task ${taskName(spec)} did not stop in time and was cut off.`)
    },
  }
}

async function whole(env: TaskEnv): Promise<void> {
  const { spec, control, plugins } = env
  if (control.paused) {
    env.state('PAUSED')
    await control.unpaused()
  }
  if (control.stopping.aborted) return
  const name = spec.connectorConfig['connector.class'] ?? ''
  const plugin = await plugins.connector(name)
  if (plugin.kind !== spec.kind)
    throw new ConfigError(`${name} is a ${plugin.kind} connector, but the task is a ${spec.kind} task.`)
  const idle = adminOverrides(spec.connectorConfig)
  if (idle.length > 0)
    env.log.warn(
      `${idle.join(', ')}: without effect, topics are made with the worker's own admin properties.`,
    )
  if (plugin.kind === 'sink') await runSink(env, plugin)
  else if (spec.replay !== undefined) await runReplay(env, plugin, spec.replay)
  else await runSource(env, plugin)
}

function letGo(held: AsyncDisposable): void {
  Promise.resolve(held[Symbol.asyncDispose]()).catch(() => {})
}
