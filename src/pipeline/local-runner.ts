/** Runs tasks in this very thread: what each task thread does, and what tests use. */
import type { Broker } from '#broker'
import { exposition, setLevel, snapshot } from '#observe'
import { type Clock, realClock } from './clock.ts'
import type { Plugins } from './plugins.ts'
import type { TaskHandle, TaskListener, TaskRunner, TaskSpec } from './runner.ts'
import { type RunningTask, runTask } from './task.ts'

export interface LocalRunnerOptions {
  readonly broker: Broker
  readonly plugins: Plugins
  readonly clock?: Clock
  /** A task is over by itself or because it was stopped, and holds nothing any more. */
  readonly ended?: (handle: TaskHandle) => void
}

const lastGraceMs = 5000

export function createLocalRunner(options: LocalRunnerOptions): TaskRunner {
  const { broker, plugins, clock = realClock } = options
  const running = new Set<RunningTask>()
  return {
    start(spec: TaskSpec, listener: TaskListener): TaskHandle {
      const task = runTask(spec, listener, { broker, plugins, clock })
      running.add(task)
      const handle: TaskHandle = {
        pause: () => task.control.pause(),
        resume: () => task.control.resume(),
        forgetTopics: () => task.forgetTopics(),
        stop: async (timeoutMs) => {
          await stopTask(task, timeoutMs, clock)
          // One that was cut off holds nothing any more, whatever its code still does.
          running.delete(task)
        },
      }
      void task.ended.then(() => {
        running.delete(task)
        options.ended?.(handle)
      })
      return handle
    },
    metrics: async () => exposition([await snapshot()]),
    logLevel: setLevel,
    async [Symbol.asyncDispose]() {
      await Promise.all([...running].map((task) => stopTask(task, lastGraceMs, clock)))
    },
  }
}

/** Resolves when the task has ended, or was cut off after `timeoutMs`. */
export async function stopTask(task: RunningTask, timeoutMs: number, clock: Clock): Promise<void> {
  task.control.stop()
  const timer = new AbortController()
  const late = clock.sleep(timeoutMs, timer.signal).then(() => !timer.signal.aborted)
  const cut = await Promise.race([task.ended.then(() => false), late])
  timer.abort()
  if (cut) task.cut()
}
