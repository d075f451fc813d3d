/**
 * Offsets over REST: reading, altering and resetting those of a source (records of the offsets topic) and of a sink
 * (its consumer group). Messages are Connect's.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { type Admin, GroupBusyError, type TopicPartition } from '#broker'
import type { OffsetMap } from '#data'
import { ConnectError, DataError } from '#errors'
import { type JsonObject, type JsonValue, jsonText } from '#pipeline'
import type { AlteredOffset, AlterOutcome, RawConfig, SourcePlugin } from '#plugin'
import { type ConnectorOffset, HerderError } from './herder.ts'
import type { OffsetStore } from './offset-store.ts'

type Verb = 'altered' | 'reset'

/** Alters (or, with nulls, resets) the offsets of a stopped source; the answer's message. */
export async function alterSourceOffsets(
  connector: string,
  plugin: SourcePlugin,
  config: RawConfig,
  offsets: readonly ConnectorOffset[],
  store: OffsetStore,
  verb: Verb,
): Promise<string> {
  const altered = lastOfEach(offsets).map(({ partition, offset }) => ({
    partition: primitives(partition),
    offset: primitives(offset),
  }))
  let outcome: AlterOutcome
  try {
    outcome = (await plugin.alterOffsets?.(config, altered)) ?? false
  } catch (error) {
    if (error instanceof ConnectError) throw error
    throw new HerderError(500, `Failed to modify offsets for source connector ${connector}`, { cause: error })
  }
  await store.put(connector, typeof outcome === 'boolean' ? altered : outcome)
  return success(verb, outcome !== false)
}

/** The offsets of a sink's group in the form of the offsets endpoint. */
export async function sinkOffsets(admin: Admin, group: string): Promise<readonly ConnectorOffset[]> {
  const offsets = await admin.groupOffsets(group)
  return offsets.map(({ topic, partition, offset }) => ({
    partition: { kafka_topic: topic, kafka_partition: BigInt(partition) },
    offset: { kafka_offset: offset },
  }))
}

export async function alterSinkOffsets(
  connector: string,
  admin: Admin,
  group: string,
  offsets: readonly ConnectorOffset[],
): Promise<string> {
  const parsed = offsets.map(sinkOffset)
  if (parsed.some(({ offset }) => offset !== null && offset < 0n))
    throw new HerderError(500, `Failed to modify offsets for sink connector ${connector}`)
  try {
    for (const each of parsed) await mustExist(admin, each)
    const altered = [...new Map(parsed.map((each) => [partitionName(each), each])).values()]
    await onceEmpty(() => admin.alterGroupOffsets(group, altered))
  } catch (error) {
    throw groupFailure(error, connector, 'alter')
  }
  return success('altered', true)
}

export async function resetSinkOffsets(connector: string, admin: Admin, group: string): Promise<string> {
  try {
    await onceEmpty(() => admin.deleteGroup(group))
  } catch (error) {
    throw groupFailure(error, connector, 'reset')
  }
  return success('reset', true)
}

/** How long the broker may take to see that a task which has stopped has left its group. */
const leavingMs = 3000

async function onceEmpty(action: () => Promise<void>): Promise<void> {
  const end = performance.now() + leavingMs
  for (;;) {
    try {
      return await action()
    } catch (error) {
      if (!(error instanceof GroupBusyError) || performance.now() > end) throw error
      await delay(50)
    }
  }
}

function success(verb: Verb, checked: boolean): string {
  return checked
    ? `The offsets for this connector have been ${verb} successfully`
    : `The Connect framework-managed offsets for this connector have been ${verb} successfully. However, if this connector manages offsets externally, they will need to be manually ${verb} in the system that the connector uses.`
}

function lastOfEach(offsets: readonly ConnectorOffset[]): readonly ConnectorOffset[] {
  return [...new Map(offsets.map((each) => [jsonText(each.partition), each])).values()]
}

/** Offsets are flat maps of primitives, integers within 64 bits. */
function primitives(map: JsonObject | null): OffsetMap | null {
  if (map === null) return null
  for (const [field, value] of Object.entries(map)) {
    const kind = notPrimitive(value)
    if (kind !== null)
      throw new DataError(
        `Offsets may only contain primitive types as values, but field ${field} contains ${kind}`,
      )
  }
  return map as AlteredOffset['partition']
}

function notPrimitive(value: JsonValue): string | null {
  if (typeof value === 'bigint')
    return BigInt.asIntN(64, value) === value ? null : 'class java.math.BigInteger'
  if (typeof value !== 'object' || value === null) return null
  return Array.isArray(value) ? 'ARRAY' : 'MAP'
}

type SinkOffset = TopicPartition & { readonly offset: bigint | null }

function sinkOffset({ partition, offset }: ConnectorOffset): SinkOffset {
  if (partition === null)
    throw new HerderError(400, 'The partition for a sink connector offset cannot be null or missing')
  if (!('kafka_topic' in partition) || !('kafka_partition' in partition))
    throw new HerderError(
      400,
      "The partition for a sink connector offset must contain the keys 'kafka_topic' and 'kafka_partition'",
    )
  const { kafka_topic: topic, kafka_partition: number } = partition
  if (topic === null || topic === undefined)
    throw new HerderError(400, 'Kafka topic names must be valid strings and may not be null')
  if (number === null || number === undefined)
    throw new HerderError(400, 'Kafka partitions must be valid numbers and may not be null')
  if (!isInteger(number, 31))
    throw new HerderError(
      400,
      `Failed to parse the following Kafka partition value in the provided offsets: '${plain(number)}'. Partition values for sink connectors need to be integers.`,
    )
  return { topic: plain(topic), partition: Number(number), offset: kafkaOffset(offset) }
}

function kafkaOffset(offset: JsonObject | null): bigint | null {
  if (offset === null) return null
  if (!('kafka_offset' in offset))
    throw new HerderError(
      400,
      "The offset for a sink connector should either be null or contain the key 'kafka_offset'",
    )
  const value = offset['kafka_offset'] ?? null
  if (!isInteger(value, 63))
    throw new HerderError(
      400,
      `Failed to parse the following Kafka offset value in the provided offsets: '${plain(value)}'. Offset values for sink connectors need to be integers.`,
    )
  return BigInt(value)
}

/** Numbers and numeric strings, as Java parses them. */
function isInteger(value: JsonValue, bits: number): value is bigint | string {
  if (typeof value === 'bigint') return BigInt.asIntN(bits + 1, value) === value
  return (
    typeof value === 'string' && /^[-+]?\d+$/.test(value) && isInteger(BigInt(value.replace('+', '')), bits)
  )
}

function plain(value: JsonValue): string {
  return typeof value === 'string' ? value : jsonText(value)
}

function partitionName({ topic, partition }: TopicPartition): string {
  return `${topic}-${partition}`
}

async function mustExist(admin: Admin, { topic, partition }: SinkOffset): Promise<void> {
  const described = topic === '' ? null : await admin.describe(topic)
  if (described === null || partition < 0 || partition >= described.partitions)
    throw new ConnectError(`There is no partition ${partition} of topic '${topic}'.`)
}

function groupFailure(error: unknown, connector: string, verb: 'alter' | 'reset'): HerderError {
  if (error instanceof GroupBusyError)
    return new HerderError(
      500,
      `Failed to ${verb} consumer group offsets for connector ${connector} either because its tasks haven't stopped completely yet or the connector was resumed before the request to ${verb} its offsets could be successfully completed. If the connector is in a stopped state, this operation can be safely retried. If it doesn't eventually succeed, the Connect cluster may need to be restarted to get rid of the zombie sink tasks.`,
      { cause: error },
    )
  const kind = verb === 'alter' ? 'connector' : 'sink connector'
  return new HerderError(500, `Failed to ${verb} consumer group offsets for ${kind} ${connector}`, {
    cause: error,
  })
}
