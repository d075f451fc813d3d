/** Stored source offsets: read for a task that asks where it was, and for REST; encoded for whoever alters them. */
import type { Broker, OffsetEntry } from '#broker'
import type { OffsetMap } from '#data'
import { mapText, offsetKeyPrefix, offsetKeyText, parseOffset, parseOffsetKey } from './offset-json.ts'

export interface StoredOffset {
  readonly partition: OffsetMap
  readonly offset: OffsetMap
}

/** The offsets topic as a table: every key's last value. */
export interface OffsetTable {
  entries(): Iterable<readonly [key: string | Uint8Array, value: Uint8Array | null]>
}

/** All offsets of a connector, in the order they were stored. Entries of other shapes are not ours and passed over. */
export function readOffsets(table: OffsetTable, connector: string): StoredOffset[] {
  const stored: StoredOffset[] = []
  for (const [key, value] of table.entries()) {
    if (value === null) continue
    const parsed = parseOffsetKey(textOf(key))
    if (parsed?.connector !== connector) continue
    stored.push({ partition: parsed.partition, offset: parseOffset(textOf(value)) })
  }
  return stored
}

/** An entry for the offsets topic; null removes the partition's offset. */
export function encodeOffset(connector: string, partition: OffsetMap, offset: OffsetMap | null): OffsetEntry {
  return {
    key: Buffer.from(offsetKeyText(connector, partition)),
    value: offset === null ? null : Buffer.from(mapText(offset)),
  }
}

function textOf(bytes: string | Uint8Array): string {
  return typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString('utf8')
}

export interface TaskOffsets extends AsyncDisposable {
  offset(partition: OffsetMap): Promise<OffsetMap | null>
}

/**
 * The stored offsets of one connector for a task that opens. The topic is read once, up to its present end, at the
 * first question; after disposal every question reads anew, as the task itself writes by then.
 */
export function openTaskOffsets(broker: Broker, topic: string, connector: string): TaskOffsets {
  const prefix = offsetKeyPrefix(connector)
  let opening = true
  let known: Promise<ReadonlyMap<string, Uint8Array>> | null = null
  return {
    async offset(partition) {
      const stored = opening ? (known ??= readTopic(broker, topic, prefix)) : readTopic(broker, topic, prefix)
      const value = (await stored).get(offsetKeyText(connector, partition))
      return value === undefined ? null : parseOffset(textOf(value))
    },
    async [Symbol.asyncDispose]() {
      opening = false
      known = null
    },
  }
}

/** The last value of each key that begins with the prefix. */
async function readTopic(
  broker: Broker,
  topic: string,
  prefix: string,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const values = new Map<string, Uint8Array>()
  if ((await broker.admin.describe(topic)) === null) return values
  await using reader = await broker.reader({ topics: [topic], from: 'earliest' })
  const done = new AbortController()
  let failure: unknown = null
  const caughtUp = reader.caughtUp().then(
    () => done.abort(),
    (error: unknown) => {
      failure = error
      done.abort()
    },
  )
  while (!done.signal.aborted)
    for (const { key, value } of await reader.poll(1000, done.signal)) {
      const name = key === null ? '' : textOf(key)
      if (!name.startsWith(prefix)) continue
      if (value === null) values.delete(name)
      // A copy: the bytes are a part of a whole batch, which would stay in memory with them.
      else values.set(name, Uint8Array.from(value))
    }
  await caughtUp
  if (failure !== null) throw failure
  return values
}
