import { expect, test } from 'vitest'
import { propertiesOf } from '../../../../../src/broker/kafka/properties/client-properties.ts'
import { consumerSettings } from '../../../../../src/broker/kafka/properties/consumer-settings.ts'
import { producerSettings } from '../../../../../src/broker/kafka/properties/producer-settings.ts'
import { kafkaConnection } from '../../../../../src/broker/kafka/properties/worker-connection.ts'

const producer = (more: Record<string, string>) =>
  producerSettings({ 'bootstrap.servers': 'b:1', ...more }, 'p')
const consumer = (more: Record<string, string>) =>
  consumerSettings({ 'bootstrap.servers': 'b:1', ...more }, 'c')

test('a producer by default', () => {
  expect(producer({})).toMatchObject({
    ...{ compression: 'none', compressionLevel: null, batchBytes: 262_144 },
    ...{ maxRequestBytes: 1_048_576, bufferBytes: 33_554_432, maxBlockMs: 60_000, maxInFlight: 5 },
    ...{ deliveryTimeoutMs: 2 ** 31 - 1, transactionalId: null, transactionTimeoutMs: 60_000 },
    ...{ metadataMaxAgeMs: 300_000, ignoreKeys: false },
    connection: { clientId: 'p', deadlineMs: 2 ** 31 - 1 },
  })
})

test('a consumer by default', () => {
  expect(consumer({})).toMatchObject({
    ...{
      offsetReset: null,
      maxRecords: null,
      committedOnly: false,
      fetchMinBytes: 1,
      fetchMaxBytes: 52_428_800,
    },
    ...{ fetchMaxWaitMs: 500, partitionFetchBytes: 1_048_576, checkCrcs: true, rack: '' },
    ...{ assignors: ['range', 'cooperative-sticky'], sessionTimeoutMs: 45_000, heartbeatMs: 3000 },
    ...{ maxPollIntervalMs: 300_000, groupInstanceId: null, createTopics: true, excludeInternal: true },
    connection: { clientId: 'c', deadlineMs: 60_000 },
  })
})

test('idempotence keeps order with five requests in flight at most', () => {
  expect(producer({ 'max.in.flight.requests.per.connection': '20' }).maxInFlight).toBe(5)
  expect(producer({ 'max.in.flight.requests.per.connection': '1' }).maxInFlight).toBe(1)
})

test.each([
  [{ 'compression.type': 'gzip', 'compression.gzip.level': '9' }, 9],
  [{ 'compression.type': 'gzip', 'compression.gzip.level': '-1' }, null],
  [{ 'compression.type': 'zstd', 'compression.zstd.level': '-5', 'compression.gzip.level': '9' }, -5],
  [{ 'compression.type': 'snappy', 'compression.zstd.level': '3' }, null],
])('the level of %j is %j', (properties, level) => {
  expect(producer(properties).compressionLevel).toBe(level)
})

test("Java's longest waiting time is no error", () => {
  expect(producer({ 'max.block.ms': '9223372036854775807' }).maxBlockMs).toBe(Number.MAX_SAFE_INTEGER)
})

test('assignors by their class or its simple name', () => {
  const names = 'org.apache.kafka.clients.consumer.CooperativeStickyAssignor, RoundRobinAssignor'
  expect(consumer({ 'partition.assignment.strategy': names }).assignors).toEqual([
    'cooperative-sticky',
    'roundrobin',
  ])
})

test.each([
  [() => producer({ acks: '2' }), /configuration acks: String must be one of: all, -1, 1, 0/],
  [() => producer({ 'compression.type': 'brotli' }), /compression\.type/],
  [() => producer({ 'compression.gzip.level': '0' }), /compression\.gzip\.level/],
  [() => producer({ 'partitioner.class': 'x.Mine' }), /partitioner\.class/],
  [() => consumer({ 'auto.offset.reset': 'by_duration:PT1H' }), /by_duration/],
  [() => consumer({ 'group.protocol': 'consumer' }), /group\.protocol/],
  [() => consumer({ 'max.poll.records': '0' }), /at least 1/],
  [() => consumer({ 'heartbeat.interval.ms': '45000' }), /below session\.timeout\.ms/],
  [() => consumer({ 'partition.assignment.strategy': 'x.Mine' }), /partition\.assignment\.strategy/],
])('%s', (make, why) => {
  expect(make).toThrow(why)
})

test("a worker's own clients take its top level; connectors' have theirs in their overrides", () => {
  const connection = kafkaConnection({
    'bootstrap.servers': 'b:1',
    'group.id': 'the-worker',
    'client.id': 'the-worker',
    'key.converter': 'x',
    'ssl.truststore.password': 's',
    'admin.request.timeout.ms': '5',
    'producer.linger.ms': '7',
    acks: 'all',
  })
  const shared = { 'bootstrap.servers': 'b:1', 'ssl.truststore.password': 's' }
  expect(connection.properties).toEqual({
    producer: { ...shared, acks: 'all' },
    consumer: shared,
    admin: { ...shared, 'request.timeout.ms': '5' },
  })
  expect(propertiesOf(connection, 'producer', { 'bootstrap.servers': 'other:1' })).toEqual({
    ...shared,
    acks: 'all',
    'bootstrap.servers': 'other:1',
  })
})
