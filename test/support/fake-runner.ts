/** A runner of tasks for tests of the control plane: tasks run when told to, and say what the test lets them say. */
import type { TaskHandle, TaskListener, TaskRunner, TaskSpec } from '#pipeline'

export interface FakeTask {
  readonly spec: TaskSpec
  readonly listener: TaskListener
  readonly calls: string[]
  stopped: boolean
}

export class FakeRunner implements TaskRunner {
  readonly started: FakeTask[] = []
  /** Say RUNNING (or PAUSED) by themselves, as real tasks do. */
  automatic = true
  /** Awaited by every stop. */
  stopping: Promise<void> = Promise.resolve()

  start(spec: TaskSpec, listener: TaskListener): TaskHandle {
    const task: FakeTask = { spec, listener, calls: [], stopped: false }
    this.started.push(task)
    if (this.automatic) listener.state(spec.paused ? 'PAUSED' : 'RUNNING', null)
    return {
      pause: () => {
        task.calls.push('pause')
        if (this.automatic) listener.state('PAUSED', null)
      },
      resume: () => {
        task.calls.push('resume')
        if (this.automatic) listener.state('RUNNING', null)
      },
      forgetTopics: () => {
        task.calls.push('forgetTopics')
      },
      stop: async () => {
        task.calls.push('stop')
        await this.stopping
        task.stopped = true
      },
    }
  }

  /** Tasks of a connector that have not been stopped. */
  running(connector: string): readonly FakeTask[] {
    return this.started.filter(({ spec, stopped }) => spec.connector === connector && !stopped)
  }

  async metrics(): Promise<string> {
    return '# tasks\n'
  }

  readonly levels: [string, string][] = []

  logLevel(logger: string, level: string): void {
    this.levels.push([logger, level])
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}
