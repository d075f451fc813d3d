/**
 * The errors of rowtap. Every error names the thing, the cause and, where one exists, the remedy; `javaClass` is the
 * class that Kafka Connect's clients look for in traces and messages, `retriable` decides whether a stage tries again.
 */

export interface ErrorDetails {
  /** What to do about it, as a full sentence or a statement to run. */
  readonly remedy?: string
  readonly cause?: unknown
}

/** Base of all errors that rowtap raises on purpose. */
export class ConnectError extends Error {
  readonly javaClass: string = 'org.apache.kafka.connect.errors.ConnectException'
  readonly retriable: boolean = false
  readonly remedy: string | undefined
  override readonly name: string = 'ConnectError'

  constructor(message: string, details: ErrorDetails = {}) {
    super(details.remedy === undefined ? message : `${message} ${details.remedy}`, { cause: details.cause })
    this.remedy = details.remedy
  }
}

/** A passing fault: the stage that met it tries again with backoff. */
export class RetriableError extends ConnectError {
  override readonly javaClass = 'org.apache.kafka.connect.errors.RetriableException'
  override readonly retriable = true
  override readonly name = 'RetriableError'
}

/** A record or value that does not fit its schema or its target. `errors.tolerance=all` may skip it. */
export class DataError extends ConnectError {
  override readonly javaClass = 'org.apache.kafka.connect.errors.DataException'
  override readonly name = 'DataError'
}

/** A configuration that cannot be used; the message names the property. */
export class ConfigError extends ConnectError {
  override readonly javaClass = 'org.apache.kafka.common.config.ConfigException'
  override readonly name = 'ConfigError'
}

/** Bytes that no decoder of ours understands: the log cannot be read on, the task halts (invariant 4). */
export class DecodeError extends ConnectError {
  override readonly name = 'DecodeError'
}

/** The message of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}

/** The trace of a FAILED status: Java's class first, as Connect's clients expect, then our stack and its causes. */
export function traceOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return `java.lang.RuntimeException: ${String(thrown)}`
  const javaClass = thrown instanceof ConnectError ? thrown.javaClass : 'java.lang.RuntimeException'
  const frames = (thrown.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line))
  const head = `${javaClass}: ${thrown.message}\n${frames.map((line) => `\t${line.trim()}`).join('\n')}`
  return thrown.cause === undefined || thrown.cause === null
    ? head
    : `${head}\nCaused by: ${traceOf(thrown.cause)}`
}
