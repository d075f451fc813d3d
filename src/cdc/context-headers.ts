/** The headers that say which connector made a record. One array per task: converters encode it once, by identity. */
import { randomBytes } from 'node:crypto'
import { datum, type Header, type Headers, noHeaders, scalar } from '#data'

const text = scalar('string')

export interface HeaderContext {
  /** topic.prefix */
  readonly logicalName: string
  readonly task: number
  /** `postgresql`, `mysql`: the kind, not the connector's own name. */
  readonly kind: string
  readonly runId: string
}

export function contextHeaders(enabled: boolean, context: HeaderContext): Headers {
  if (!enabled) return noHeaders
  const header = (name: string, value: string): Header => ({
    key: `__debezium.context.${name}`,
    value: datum(text, value),
  })
  return [
    header('connectorLogicalName', context.logicalName),
    header('taskId', String(context.task)),
    header('connectorName', context.kind),
    header('runId', context.runId),
  ]
}

/** A UUID of version 7: sorts by the time of the run's start. */
export function newRunId(now: number = Date.now()): string {
  const bytes = randomBytes(16)
  bytes.writeUIntBE(now, 0, 6)
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x70
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}
