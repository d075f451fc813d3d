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

/** Metrics of one task. Names are Prometheus names: `rowtap_source_records_total`. */
export function taskMetrics(connector: string, task: number): Metrics {
  const labels = { connector, task: String(task) }
  return {
    counter: (name, help) => {
      const known = registry.getSingleMetric(name)
      const counter =
        known instanceof Counter ? known : new Counter({ name, help, labelNames, registers: [registry] })
      return { inc: (by) => counter.inc(labels, by) }
    },
    gauge: (name, help) => {
      const known = registry.getSingleMetric(name)
      const gauge =
        known instanceof Gauge ? known : new Gauge({ name, help, labelNames, registers: [registry] })
      return { set: (value) => gauge.set(labels, value) }
    },
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
