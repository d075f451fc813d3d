/** The names of all that the data plane counts. Times are seconds, as Prometheus wants them. */
import type { Metrics } from '#observe'

export interface Count {
  inc(by: number): void
}

/** How often, and how long in total. */
export interface Timing {
  took(ms: number): void
}

function timing(metrics: Metrics, name: string, what: string): Timing {
  const times = metrics.counter(`${name}_total`, `Number of ${what}`)
  const seconds = metrics.counter(`${name}_seconds_total`, `Seconds spent in ${what}`)
  return {
    took: (ms) => {
      times.inc(1)
      seconds.inc(ms / 1000)
    },
  }
}

export interface ErrorCounts {
  readonly failures: Count
  readonly skipped: Count
  readonly retries: Count
  readonly logged: Count
  readonly deadLetters: Count
  readonly deadLetterFailures: Count
}

export function errorCounts(metrics: Metrics): ErrorCounts {
  return {
    failures: metrics.counter('rowtap_record_failures_total', 'Operations on records that failed for good'),
    skipped: metrics.counter('rowtap_records_skipped_total', 'Records skipped by errors.tolerance=all'),
    retries: metrics.counter('rowtap_retries_total', 'Operations tried again'),
    logged: metrics.counter('rowtap_errors_logged_total', 'Errors written to the log by errors.log.enable'),
    deadLetters: metrics.counter('rowtap_dead_letters_total', 'Records sent to the dead letter queue'),
    deadLetterFailures: metrics.counter(
      'rowtap_dead_letter_failures_total',
      'Records that the dead letter queue did not take',
    ),
  }
}

/** A source's lag is its task's to report, as the gauge `rowtap_source_lag_ms`. */
export interface SourceCounts {
  readonly records: Count
  readonly bytes: Count
  readonly filtered: Count
  readonly polls: Timing
  readonly commits: Timing
  readonly pending: { set(value: number): void }
}

export function sourceCounts(metrics: Metrics): SourceCounts {
  return {
    records: metrics.counter('rowtap_source_records_total', 'Records given to the broker'),
    bytes: metrics.counter('rowtap_source_bytes_total', 'Bytes of records given to the broker'),
    filtered: metrics.counter('rowtap_source_filtered_total', 'Records dropped by transforms'),
    polls: timing(metrics, 'rowtap_source_polls', 'polls of the task'),
    commits: timing(metrics, 'rowtap_source_commits', 'commits of records and offsets'),
    pending: metrics.gauge(
      'rowtap_source_pending_bytes',
      'Bytes given to the broker that are not durable yet',
    ),
  }
}

export interface SinkCounts {
  readonly read: Count
  readonly records: Count
  readonly filtered: Count
  readonly puts: Timing
  readonly commits: Timing
  readonly partitions: { set(value: number): void }
}

export function sinkCounts(metrics: Metrics): SinkCounts {
  return {
    read: metrics.counter('rowtap_sink_read_total', 'Records read from the broker'),
    records: metrics.counter('rowtap_sink_records_total', 'Records put into the target'),
    filtered: metrics.counter('rowtap_sink_filtered_total', 'Records dropped by transforms'),
    puts: timing(metrics, 'rowtap_sink_puts', 'puts to the task'),
    commits: timing(metrics, 'rowtap_sink_commits', 'flushes and offset commits'),
    partitions: metrics.gauge('rowtap_sink_partitions', 'Partitions assigned to the task'),
  }
}
