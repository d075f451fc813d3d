/**
 * What a connector tells of its snapshots, as Debezium does: records of a topic (`sink`), lines of the log (`log`).
 * The entries of `additional_data` come in the order of a Java HashMap, a copy that `connector_name` was added to.
 */
import { randomUUID } from 'node:crypto'
import { datum, map, noHeaders, scalar, type SourceOffset, type SourceRecord, Struct, struct } from '#data'
import type { Logger } from '#observe'
import { hashMapOrder } from '#plugin'

export type NotificationAggregate = 'Initial Snapshot' | 'Incremental Snapshot'
export type NotificationType =
  | 'STARTED'
  | 'PAUSED'
  | 'RESUMED'
  | 'ABORTED'
  | 'SKIPPED'
  | 'IN_PROGRESS'
  | 'TABLE_SCAN_COMPLETED'
  | 'COMPLETED'
/** How the reading of a table ended. */
export type ScanStatus =
  | 'SUCCEEDED'
  | 'EMPTY'
  | 'NO_PRIMARY_KEY'
  | 'SKIPPED'
  | 'SQL_EXCEPTION'
  | 'UNKNOWN_SCHEMA'
  | 'STOPPED'

const keySchema = struct([['id', scalar('string')]], {
  name: 'io.debezium.connector.common.NotificationKey',
  version: 1,
})
const valueSchema = struct(
  [
    ['id', scalar('string')],
    ['type', scalar('string')],
    ['aggregate_type', scalar('string')],
    ['additional_data', map(scalar('string'), scalar('string'), { optional: true })],
    ['timestamp', scalar('int64')],
  ],
  { name: 'io.debezium.connector.common.Notification', version: 1 },
)

export interface Notification {
  readonly id: string
  readonly aggregate: NotificationAggregate
  readonly type: NotificationType
  readonly data: Readonly<Record<string, string>>
  readonly timestamp: number
}

export interface NotifierOptions {
  /** topic.prefix: the `connector_name` of every notification. */
  readonly server: string
  /** notification.sink.topic.name; null: the channel `sink` is off. */
  readonly topic: string | null
  /** The channel `log` is on. */
  readonly logs: boolean
  readonly log: Logger
}

export class Notifier {
  readonly #options: NotifierOptions
  #waiting: Notification[] = []

  constructor(options: NotifierOptions) {
    this.#options = options
  }

  /** `id`: that of the signal; absent: one of its own. */
  notify(
    aggregate: NotificationAggregate,
    type: NotificationType,
    data: Readonly<Record<string, string>> = {},
    id: string = randomUUID(),
  ): void {
    const { server, topic, logs, log } = this.#options
    const notification = {
      id,
      aggregate,
      type,
      data: { ...data, connector_name: server },
      timestamp: Date.now(),
    }
    if (logs) log.info(notification, 'notification')
    if (topic !== null) this.#waiting.push(notification)
  }

  /** There is something to drain. */
  get waiting(): boolean {
    return this.#waiting.length > 0
  }

  /** The records of what was told since; `from`: how far the log has been given out. */
  drain(from: SourceOffset): readonly SourceRecord[] {
    const { topic } = this.#options
    if (topic === null || this.#waiting.length === 0) return []
    const waiting = this.#waiting
    this.#waiting = []
    return waiting.map((each) => notificationRecord(topic, each, from))
  }
}

export function notificationRecord(topic: string, told: Notification, from: SourceOffset): SourceRecord {
  const { id, type, aggregate, data, timestamp } = told
  const names = Object.keys(data)
  const entries = hashMapOrder(names, names.length - 1).map((key) => [key, data[key]] as const)
  const value = [id, type, aggregate, new Map(entries), BigInt(timestamp)]
  return {
    topic,
    partition: null,
    key: datum(keySchema, new Struct(keySchema, [id])),
    value: datum(valueSchema, new Struct(valueSchema, value)),
    headers: noHeaders,
    timestamp: null,
    from,
  }
}
