/** Heartbeats: records that carry nothing but the position of the log, so that offsets move without changes. */
import { datum, noHeaders, scalar, type SourceOffset, type SourceRecord, Struct, struct } from '#data'

const keySchema = struct([['serverName', scalar('string')]], {
  name: 'io.debezium.connector.common.ServerNameKey',
  version: 1,
})
const valueSchema = struct([['ts_ms', scalar('int64')]], {
  name: 'io.debezium.connector.common.Heartbeat',
  version: 1,
})

export function heartbeatRecord(
  topic: string,
  server: string,
  from: SourceOffset,
  now: number = Date.now(),
): SourceRecord {
  return {
    topic,
    partition: 0,
    key: datum(keySchema, new Struct(keySchema, [server])),
    value: datum(valueSchema, new Struct(valueSchema, [BigInt(now)])),
    headers: noHeaders,
    timestamp: null,
    from,
  }
}

/** Says when the next heartbeat is due. */
export class HeartbeatClock {
  readonly #interval: number
  readonly #now: () => number
  #last: number

  /** `interval` 0: never. */
  constructor(interval: number, now: () => number = () => performance.now()) {
    this.#interval = interval
    this.#now = now
    this.#last = now()
  }

  get enabled(): boolean {
    return this.#interval > 0
  }

  /** True at most once per interval. */
  due(): boolean {
    if (!this.enabled || this.#now() - this.#last < this.#interval) return false
    this.#last = this.#now()
    return true
  }

  /** Milliseconds until `due` can be true; Infinity when heartbeats are off. */
  remaining(): number {
    return this.enabled ? Math.max(0, this.#interval - (this.#now() - this.#last)) : Number.POSITIVE_INFINITY
  }
}
