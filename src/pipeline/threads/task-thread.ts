/**
 * Entry of a task thread: a connection to the broker of its own, the plugins by the module it is told, and a local
 * runner that does what the owner says. A fault that no task caught ends the thread; its owner tells the tasks' fate.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { connectBroker } from '#broker'
import { setLevel, snapshot } from '#observe'
import type { Registry } from '#plugin'
import { createLocalRunner } from '../local-runner.ts'
import type { TaskHandle, TaskRunner } from '../runner.ts'
import type { Command, Report, ThreadData } from './messages.ts'

const data = workerData as ThreadData
for (const [name, level] of data.levels) setLevel(name, level)
const { registry } = (await import(data.registryModule)) as { readonly registry: Registry }
const broker = await connectBroker(data.broker)
const tasks = new Map<number, TaskHandle>()
const runner: TaskRunner = createLocalRunner({
  broker,
  plugins: registry,
  ended: (handle) => {
    for (const [id, each] of tasks) if (each === handle) finish(id)
  },
})

parentPort?.on('message', (command: Command) => {
  switch (command.do) {
    case 'start':
      return start(command)
    case 'stop':
      return void tasks
        .get(command.id)
        ?.stop(command.timeoutMs)
        .then(() => finish(command.id))
    case 'level':
      return setLevel(command.logger, command.level)
    case 'metrics':
      return void snapshot().then((taken) =>
        tell({ is: 'metrics', request: command.request, snapshot: taken }),
      )
    default:
      return tasks.get(command.id)?.[command.do]()
  }
})

function start({ id, spec }: Extract<Command, { do: 'start' }>): void {
  const handle = runner.start(spec, {
    state: (state, trace) => tell({ is: 'state', id, state, trace }),
    topic: (topic) => tell({ is: 'topic', id, topic }),
    replay: (report) => tell({ is: 'replay', id, report }),
  })
  tasks.set(id, handle)
}

function finish(id: number): void {
  if (tasks.delete(id)) tell({ is: 'ended', id })
}

function tell(report: Report): void {
  parentPort?.postMessage(report)
}
