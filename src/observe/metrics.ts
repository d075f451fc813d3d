/**
 * Metrics: prom-client, one registry per thread. Each task gets a view that puts its connector and task on every
 * sample; the worker adds the threads' registries up for `GET /metrics`.
 */
import {
  AggregatorRegistry,
  Counter,
  Gauge,
  type MetricObjectWithValues,
  type MetricValue,
  Registry,
} from 'prom-client'

export interface Metrics {
  counter(name: string, help: string): { inc(by: number): void }
  gauge(name: string, help: string): { set(value: number): void }
}

export const registry = new Registry()

const labelNames = ['connector', 'task'] as const

/** The tasks of this thread by connector and number; each has one set of samples. */
const tasks = new Map<string, TaskMetrics>()

/**
 * Metrics of one task; an earlier one of the same name is released. Names are Prometheus names:
 * `rowtap_source_records_total`.
 */
export function taskMetrics(connector: string, task: number): Metrics {
  const id = `${connector}-${task}`
  tasks.get(id)?.release()
  const made = new TaskMetrics({ connector, task: String(task) }, () => tasks.delete(id))
  tasks.set(id, made)
  return made
}

/** The task is over: its samples go, and whatever it still counts is not heard. */
export function releaseMetrics(made: Metrics): void {
  if (made instanceof TaskMetrics) made.release()
}

class TaskMetrics implements Metrics {
  readonly #labels: Readonly<Record<(typeof labelNames)[number], string>>
  readonly #used = new Set<Counter | Gauge>()
  readonly #forget: () => void
  #released = false

  constructor(labels: Readonly<Record<(typeof labelNames)[number], string>>, forget: () => void) {
    this.#labels = labels
    this.#forget = forget
  }

  counter(name: string, help: string): { inc(by: number): void } {
    const known = registry.getSingleMetric(name)
    const counter =
      known instanceof Counter ? known : new Counter({ name, help, labelNames, registers: [registry] })
    this.#used.add(counter)
    return {
      inc: (by) => {
        if (!this.#released) counter.inc(this.#labels, by)
      },
    }
  }

  gauge(name: string, help: string): { set(value: number): void } {
    const known = registry.getSingleMetric(name)
    const gauge =
      known instanceof Gauge ? known : new Gauge({ name, help, labelNames, registers: [registry] })
    this.#used.add(gauge)
    return {
      set: (value) => {
        if (!this.#released) gauge.set(this.#labels, value)
      },
    }
  }

  release(): void {
    if (this.#released) return
    this.#released = true
    this.#forget()
    for (const metric of this.#used) metric.remove(this.#labels)
  }
}

export type MetricSnapshot = MetricObjectWithValues<MetricValue<string>>[]

/** This thread's metrics as plain data, to be sent to the worker. */
export async function snapshot(): Promise<MetricSnapshot> {
  return (await registry.getMetricsAsJSON()) as MetricSnapshot
}

/** Prometheus text of several threads' snapshots. */
export function exposition(snapshots: readonly MetricSnapshot[]): Promise<string> {
  return AggregatorRegistry.aggregate(snapshots as unknown as object[]).metrics()
}
