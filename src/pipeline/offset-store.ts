/** Stored source offsets, read for a task that asks where it was. */
import type { Broker } from '#broker'
import type { OffsetMap } from '#data'
import { offsetKeyPrefix, offsetKeyText, parseOffset } from './offset-json.ts'

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

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
}
