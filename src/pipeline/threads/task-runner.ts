/**
 * Runs tasks on threads. A source that asks for it (`dedicatedThread`) has a thread of its own, which ends with it; all
 * other tasks share a few threads, started when they are needed. When a thread dies its tasks are FAILED and all others
 * go on; a thread that does not answer a stop is ended.
 */
import { availableParallelism } from 'node:os'
import type { BrokerAddress } from '#broker'
import { ConnectError, traceOf } from '#errors'
import { exposition, setLevel, snapshot } from '#observe'
import type { Plugins } from '../plugins.ts'
import type { TaskHandle, TaskListener, TaskRunner, TaskSpec } from '../runner.ts'
import type { Command, Report } from './messages.ts'
import { TaskThread } from './thread.ts'

export interface BrokerOwner {
  /** An address for one thread, which takes it to `connectBroker`. */
  connect(): BrokerAddress
}

export interface TaskRunnerOptions {
  readonly broker: BrokerOwner
  /** The plugins in this thread: only asked whether a task wants a thread of its own. */
  readonly plugins: Plugins
  /** URL of a module that exports `registry`: the plugins in the task threads. */
  readonly registryModule: string
  /** Shared threads at most; default: one per core. */
  readonly sharedThreads?: number
  /** Heap of a thread at most, in MiB; buffers are not counted. */
  readonly heapMb?: number
}

/** How long after its timeout a stop may still be answered, before the thread counts as stuck. */
const stuckAfterMs = 1000
const defaultHeapMb = 256
const lastGraceMs = 5000

/** A task as the runner sees it. */
interface Placed {
  readonly id: number
  readonly spec: TaskSpec
  readonly listener: TaskListener
  thread: Host | null
  over: boolean
  readonly ended: PromiseWithResolvers<void>
}

interface Host {
  readonly thread: TaskThread
  readonly dedicated: boolean
  readonly tasks: Map<number, Placed>
}

export function createTaskRunner(options: TaskRunnerOptions): TaskRunner {
  return new ThreadedRunner(options)
}

class ThreadedRunner implements TaskRunner {
  readonly #options: TaskRunnerOptions
  readonly #hosts = new Set<Host>()
  readonly #tasks = new Set<Placed>()
  readonly #levels = new Map<string, string>()
  #lastId = 0

  constructor(options: TaskRunnerOptions) {
    this.#options = options
  }

  start(spec: TaskSpec, listener: TaskListener): TaskHandle {
    const id = ++this.#lastId
    const ended = Promise.withResolvers<void>()
    const task: Placed = { id, spec, listener, thread: null, over: false, ended }
    this.#tasks.add(task)
    const placed = this.#place(task).catch((error: unknown) => this.#fail(task, error))
    const send = (command: Command) => {
      void placed.then(() => {
        if (!task.over) task.thread?.thread.post(command)
      })
    }
    return {
      pause: () => send({ do: 'pause', id }),
      resume: () => send({ do: 'resume', id }),
      forgetTopics: () => send({ do: 'forgetTopics', id }),
      stop: async (timeoutMs) => {
        await placed
        await this.#stop(task, timeoutMs)
      },
    }
  }

  async metrics(): Promise<string> {
    const snapshots = await Promise.all([...this.#hosts].map((host) => host.thread.metrics()))
    return exposition([await snapshot(), ...snapshots.filter((each) => each !== null)])
  }

  logLevel(logger: string, level: string): void {
    if (logger === 'root') this.#levels.clear()
    this.#levels.set(logger, level)
    setLevel(logger, level)
    for (const { thread } of this.#hosts) thread.post({ do: 'level', logger, level })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#tasks].map((task) => this.#stop(task, lastGraceMs)))
    await Promise.all([...this.#hosts].map((host) => this.#close(host)))
  }

  async #place(task: Placed): Promise<void> {
    const plugin = await this.#options.plugins.connector(task.spec.connectorConfig['connector.class'] ?? '')
    if (task.over) return
    const dedicated = plugin.kind === 'source' && plugin.dedicatedThread === true
    const host = dedicated ? this.#host(`${task.spec.connector}-${task.spec.task}`, true) : this.#sharedHost()
    host.tasks.set(task.id, task)
    task.thread = host
    host.thread.post({ do: 'start', id: task.id, spec: task.spec })
  }

  /** An idle shared thread, else a new one, else the one with the fewest tasks. */
  #sharedHost(): Host {
    const shared = [...this.#hosts].filter((host) => !host.dedicated)
    const least = shared.sort((a, b) => a.tasks.size - b.tasks.size)[0]
    const most = this.#options.sharedThreads ?? availableParallelism()
    if (least !== undefined && (least.tasks.size === 0 || shared.length >= most)) return least
    return this.#host(`tasks-${shared.length}`, false)
  }

  #host(name: string, dedicated: boolean): Host {
    const { broker, registryModule, heapMb = defaultHeapMb } = this.#options
    const address = broker.connect()
    const tasks = new Map<number, Placed>()
    const thread = new TaskThread({
      name,
      data: { registryModule, broker: address, levels: [...this.#levels] },
      heapMb,
      report: (report) => this.#heard(host, report),
      died: (code, cause) => this.#died(host, name, code, cause),
    })
    const host: Host = { thread, dedicated, tasks }
    this.#hosts.add(host)
    return host
  }

  #heard(host: Host, report: Exclude<Report, { is: 'metrics' }>): void {
    const task = host.tasks.get(report.id)
    if (task === undefined) return
    if (report.is === 'state') task.listener.state(report.state, report.trace)
    else if (report.is === 'topic') task.listener.topic(report.topic)
    else if (report.is === 'replay') task.listener.replay?.(report.report)
    else this.#end(task)
  }

  #died(host: Host, name: string, code: number, cause: unknown): void {
    this.#hosts.delete(host)
    const error = new ConnectError(`The thread '${name}' ended unexpectedly with code ${code}.`, {
      remedy: 'Restart the task; the log says more where the thread wrote something before it ended.',
      cause,
    })
    for (const task of [...host.tasks.values()]) this.#fail(task, error)
  }

  #fail(task: Placed, error: unknown): void {
    if (task.over) return
    this.#end(task)
    task.listener.state('FAILED', traceOf(error))
  }

  #end(task: Placed): void {
    if (task.over) return
    task.over = true
    this.#tasks.delete(task)
    const host = task.thread
    host?.tasks.delete(task.id)
    if (host?.dedicated) void this.#close(host).then(() => task.ended.resolve())
    else task.ended.resolve()
  }

  async #stop(task: Placed, timeoutMs: number): Promise<void> {
    const host = task.thread
    if (!task.over && host !== null) {
      host.thread.post({ do: 'stop', id: task.id, timeoutMs })
      const stuck = setTimeout(() => this.#stuck(host, task), timeoutMs + stuckAfterMs)
      await task.ended.promise
      clearTimeout(stuck)
    }
    if (host === null) this.#end(task)
    await task.ended.promise
  }

  /** The thread does not even answer: it is busy for ever. Its other tasks were as stuck as this one. */
  #stuck(host: Host, task: Placed): void {
    if (task.over) return
    this.#end(task)
    const error = new ConnectError(
      `The thread of this task was ended: it was blocked by task ${task.spec.connector}-${task.spec.task}, which did not stop.`,
      { remedy: 'Restart the task.' },
    )
    for (const other of [...host.tasks.values()]) this.#fail(other, error)
    void this.#close(host)
  }

  async #close(host: Host): Promise<void> {
    this.#hosts.delete(host)
    await host.thread.terminate()
  }
}
