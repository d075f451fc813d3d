/**
 * The owner's side of one task thread. Whatever ends the thread (an uncaught error, its heap's limit, process.exit in a
 * task), the tasks that were on it are told of, once each.
 */
import { transferOf } from '#broker'
import { setFlagsFromString } from 'node:v8'
import { Worker } from 'node:worker_threads'
import type { MetricSnapshot } from '#observe'
import type { Command, Report, ThreadData } from './messages.ts'

export interface ThreadOptions {
  readonly name: string
  readonly data: ThreadData
  readonly heapMb: number
  /** The thread has ended by itself; `cause` where it is known. */
  readonly died: (code: number, cause: unknown) => void
  readonly report: (report: Exclude<Report, { is: 'metrics' }>) => void
}

const fromSource = import.meta.url.endsWith('.ts')
const entry = new URL(fromSource ? './task-thread.ts' : './task-thread.js', import.meta.url)
const metricsTimeoutMs = 1000

// Records die young. V8 sees a batch of them outlive two collections when a task begins, and from then on puts all of
// them among the old: marking those costs a third of a source's CPU.
setFlagsFromString('--no-allocation-site-pretenuring')

export class TaskThread {
  readonly #worker: Worker
  readonly #questions = new Map<number, (snapshot: MetricSnapshot | null) => void>()
  #lastRequest = 0
  #cause: unknown = null
  #over = false

  constructor(options: ThreadOptions) {
    this.#worker = new Worker(entry, {
      name: options.name,
      workerData: options.data,
      transferList: [...transferOf(options.data.broker)],
      execArgv: fromSource ? ['--conditions=rowtap-source'] : [],
      // Records die young and batches live outside the heap: half of V8's default costs nothing measurable.
      resourceLimits: {
        maxOldGenerationSizeMb: options.heapMb,
        maxYoungGenerationSizeMb: 24,
        stackSizeMb: 4,
      },
    })
    this.#worker.on('message', (report: Report) => {
      if (report.is !== 'metrics') return options.report(report)
      this.#questions.get(report.request)?.(report.snapshot)
    })
    this.#worker.on('error', (error) => {
      this.#cause = error
    })
    this.#worker.on('exit', (code) => {
      for (const answer of this.#questions.values()) answer(null)
      if (this.#over) return
      this.#over = true
      options.died(code, this.#cause)
    })
  }

  post(command: Command): void {
    this.#worker.postMessage(command)
  }

  /** null: the thread is busy or gone. */
  metrics(): Promise<MetricSnapshot | null> {
    if (this.#over) return Promise.resolve(null)
    const request = ++this.#lastRequest
    return new Promise((resolve) => {
      const answer = (snapshot: MetricSnapshot | null) => {
        clearTimeout(timer)
        this.#questions.delete(request)
        resolve(snapshot)
      }
      const timer = setTimeout(() => answer(null), metricsTimeoutMs)
      this.#questions.set(request, answer)
      this.post({ do: 'metrics', request })
    })
  }

  /** Ends it now, without a word to `died`. */
  async terminate(): Promise<void> {
    this.#over = true
    await this.#worker.terminate()
  }
}
