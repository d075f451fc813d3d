import { expect, test } from 'vitest'
import { GroupBusyError } from '#broker'
import { ConnectError } from '#errors'
import type { AlteredOffset } from '#plugin'
import { recordingTable, testSource, testWorker } from '../../support/worker.ts'

const source = { 'connector.class': 'test.Source' }
const sink = { 'connector.class': 'test.Sink', topics: 't' }
const stopped = 'STOPPED' as const

test('offsets change only while the connector is stopped', async () => {
  await using made = await testWorker()
  const { worker } = made
  await worker.create({ name: 'c', config: source })
  const refusal = {
    status: 400,
    message:
      "Connectors must be in the STOPPED state before their offsets can be modified. This can be done for the specified connector by issuing a 'PUT' request to the '/connectors/c/stop' endpoint",
  }
  await expect(worker.resetOffsets('c')).rejects.toMatchObject(refusal)
  await worker.pause('c')
  await expect(worker.alterOffsets('c', [{ partition: {}, offset: null }])).rejects.toMatchObject(refusal)
  await expect(worker.alterOffsets('c', [])).rejects.toMatchObject({ status: 400 })
  await expect(worker.alterOffsets('x', [{ partition: {}, offset: null }])).rejects.toMatchObject({
    status: 404,
  })
})

test('of a source: the plugin is asked first, the last of one partition counts', async () => {
  const asked: (readonly AlteredOffset[])[] = []
  const plugin = testSource({
    alterOffsets: (_config, offsets) => {
      asked.push(offsets)
      if (offsets.some(({ offset }) => offset?.['position'] === '2'))
        throw new ConnectError('expected to be a Long')
      return true
    },
  })
  const offsets = recordingTable([{ key: '["c",{"f":"x"}]', value: '{"position":6}' }])
  await using made = await testWorker({ source: plugin, tables: { 'connect-offsets': offsets } })
  const { worker } = made
  await worker.create({ name: 'c', config: source, targetState: stopped })
  const at = (position: bigint | string | null) => ({ partition: { f: 'x' }, offset: { position } })
  expect(await worker.alterOffsets('c', [at(1n), at(4n)])).toBe(
    'The offsets for this connector have been altered successfully',
  )
  expect(asked[0]).toEqual([at(4n)])
  expect(await worker.offsets('c')).toEqual([at(4n)])
  await expect(worker.alterOffsets('c', [at('2')])).rejects.toThrow('expected to be a Long')
  await expect(worker.alterOffsets('c', [{ partition: { f: { a: 1n } }, offset: null }])).rejects.toThrow(
    'Offsets may only contain primitive types as values, but field f contains MAP',
  )
  await expect(worker.alterOffsets('c', [at(2n ** 63n)])).rejects.toThrow(
    'Offsets may only contain primitive types as values, but field position contains class java.math.BigInteger',
  )
  expect(await worker.resetOffsets('c')).toBe('The offsets for this connector have been reset successfully')
  expect(await worker.offsets('c')).toEqual([])
  expect(asked.at(-1)).toEqual([{ partition: { f: 'x' }, offset: null }])
})

test('of a source that checks nothing the longer message tells so', async () => {
  await using made = await testWorker()
  await made.worker.create({ name: 'c', config: source, targetState: stopped })
  expect(await made.worker.alterOffsets('c', [{ partition: { a: 'b' }, offset: { c: 1n } }])).toBe(
    'The Connect framework-managed offsets for this connector have been altered successfully. However, if this connector manages offsets externally, they will need to be manually altered in the system that the connector uses.',
  )
  expect(made.offsets.log).toEqual([{ key: '["c",{"a":"b"}]', value: '{"c":1}' }])
})

test('a source with odd failures of its own answers 500 with the connector in it', async () => {
  const plugin = testSource({
    alterOffsets: () => {
      throw new TypeError('x is undefined')
    },
  })
  await using made = await testWorker({ source: plugin })
  await made.worker.create({ name: 'c', config: source, targetState: stopped })
  await expect(made.worker.resetOffsets('c')).rejects.toMatchObject({
    status: 500,
    message: 'Failed to modify offsets for source connector c',
  })
})

test('of a sink: those of its group, by its default or its own name', async () => {
  const altered: unknown[] = []
  const admin = {
    describe: async (topic: string) => (topic === 't' ? { topic, partitions: 2, config: {} } : null),
    groupOffsets: async (group: string) =>
      group === 'connect-c' ? [{ topic: 't', partition: 1, offset: 5n }] : [],
    alterGroupOffsets: async (group: string, offsets: readonly unknown[]) => {
      altered.push(group, offsets)
    },
    deleteGroup: async (group: string) => {
      altered.push(`deleted ${group}`)
    },
  }
  await using made = await testWorker({ admin })
  const { worker } = made
  await worker.create({ name: 'c', config: sink, targetState: stopped })
  const own = { ...sink, 'consumer.override.group.id': 'own' }
  await worker.create({ name: 'd', config: own, targetState: stopped })
  const partition = { kafka_topic: 't', kafka_partition: 1n }
  expect(await worker.offsets('c')).toEqual([{ partition, offset: { kafka_offset: 5n } }])
  expect(await worker.offsets('d')).toEqual([])
  const asText = { kafka_topic: 't', kafka_partition: '0' }
  await worker.alterOffsets('d', [
    { partition, offset: { kafka_offset: '7' } },
    { partition: asText, offset: null },
  ])
  expect(altered).toEqual([
    'own',
    [
      { topic: 't', partition: 1, offset: 7n },
      { topic: 't', partition: 0, offset: null },
    ],
  ])
  expect(await worker.resetOffsets('c')).toBe('The offsets for this connector have been reset successfully')
  expect(altered.at(-1)).toBe('deleted connect-c')
  await expect(
    worker.alterOffsets('c', [{ partition, offset: { kafka_offset: -1n } }]),
  ).rejects.toMatchObject({
    status: 500,
    message: 'Failed to modify offsets for sink connector c',
  })
  const nowhere = { kafka_topic: 'nope', kafka_partition: 0n }
  await expect(worker.alterOffsets('c', [{ partition: nowhere, offset: null }])).rejects.toMatchObject({
    status: 500,
    message: 'Failed to alter consumer group offsets for connector c',
  })
})

test.each([
  [null, null, 'The partition for a sink connector offset cannot be null or missing'],
  [
    { topic: 't' },
    null,
    "The partition for a sink connector offset must contain the keys 'kafka_topic' and 'kafka_partition'",
  ],
  [
    { kafka_topic: null, kafka_partition: 0n },
    null,
    'Kafka topic names must be valid strings and may not be null',
  ],
  [
    { kafka_topic: 't', kafka_partition: null },
    null,
    'Kafka partitions must be valid numbers and may not be null',
  ],
  [
    { kafka_topic: 't', kafka_partition: 'x' },
    null,
    "Failed to parse the following Kafka partition value in the provided offsets: 'x'. Partition values for sink connectors need to be integers.",
  ],
  [
    { kafka_topic: 't', kafka_partition: 2n ** 31n },
    null,
    "Failed to parse the following Kafka partition value in the provided offsets: '2147483648'. Partition values for sink connectors need to be integers.",
  ],
  [
    { kafka_topic: 't', kafka_partition: 0n },
    {},
    "The offset for a sink connector should either be null or contain the key 'kafka_offset'",
  ],
  [
    { kafka_topic: 't', kafka_partition: 0n },
    { kafka_offset: null },
    "Failed to parse the following Kafka offset value in the provided offsets: 'null'. Offset values for sink connectors need to be integers.",
  ],
  [
    { kafka_topic: 't', kafka_partition: 0n },
    { kafka_offset: 1.5 },
    "Failed to parse the following Kafka offset value in the provided offsets: '1.5'. Offset values for sink connectors need to be integers.",
  ],
])('a sink offset that is none is refused (%#)', async (partition, offset, message) => {
  await using made = await testWorker()
  await made.worker.create({ name: 'c', config: sink, targetState: stopped })
  await expect(made.worker.alterOffsets('c', [{ partition, offset }])).rejects.toMatchObject({
    status: 400,
    message,
  })
})

test('a group that still has members: the answer says that it can be tried again', async () => {
  const busy = new GroupBusyError('The group has members.')
  await using made = await testWorker({ admin: { deleteGroup: () => Promise.reject(busy) } })
  await made.worker.create({ name: 'c', config: sink, targetState: stopped })
  await expect(made.worker.resetOffsets('c')).rejects.toThrow(
    "Failed to reset consumer group offsets for connector c either because its tasks haven't stopped completely yet",
  )
})
