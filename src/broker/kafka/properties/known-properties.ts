/**
 * Every property of Kafka 4.3's producer, consumer and admin clients, and what rowtap makes of it. The README's section
 * "Client properties on Kafka" is made from this table.
 */
import type { ClientRole } from './client-properties.ts'
import { securityProperties } from './known-security.ts'
import {
  everyClient,
  honoured,
  mapped,
  type PropertyGroup,
  refused,
  withoutEffect,
} from './property-group.ts'

const shared: readonly PropertyGroup[] = [
  honoured(everyClient, 'bootstrap.servers', 'An override may name another cluster.'),
  honoured(everyClient, 'client.id', 'By default it names rowtap and the task.'),
  honoured(everyClient, 'request.timeout.ms', 'Default 30000.'),
  honoured(
    everyClient,
    'socket.connection.setup.timeout.ms',
    'Default 10000; for TCP, TLS and the login each.',
  ),
  honoured(
    everyClient,
    'retry.backoff.ms retry.backoff.max.ms',
    'Defaults 100 and 1000; connections are tried again at the same pace.',
  ),
  honoured('consumer admin', 'default.api.timeout.ms', 'Default 60000.'),
  honoured('producer consumer', 'metadata.max.age.ms', 'Default 300000.'),
  withoutEffect('admin', 'metadata.max.age.ms', 'Each call asks anew.'),
  withoutEffect(
    everyClient,
    'metadata.recovery.strategy metadata.recovery.rebootstrap.trigger.ms',
    'Brokers that cannot be reached always make it turn to bootstrap.servers again.',
  ),
  withoutEffect(
    everyClient,
    'reconnect.backoff.ms reconnect.backoff.max.ms socket.connection.setup.timeout.max.ms',
    'retry.backoff.ms holds for connections too.',
  ),
  withoutEffect(
    everyClient,
    'client.dns.lookup connections.max.idle.ms receive.buffer.bytes send.buffer.bytes',
    'The operating system and the broker decide.',
  ),
  withoutEffect(
    everyClient,
    `
    enable.metrics.push metric.reporters metrics.num.samples metrics.recording.level
    metrics.sample.window.ms
    `,
    "Metrics are the worker's own, at `GET /metrics`.",
  ),
  withoutEffect(
    everyClient,
    'config.providers',
    "References are resolved by the worker's own config.providers before.",
  ),
  refused('producer consumer', 'interceptor.classes', 'It names Java code.'),
  refused('admin', 'bootstrap.controllers', 'Brokers are asked, by bootstrap.servers.'),
]

const producers: readonly PropertyGroup[] = [
  honoured('producer', 'compression.type', 'none, gzip, snappy, lz4, zstd. Default none.'),
  honoured('producer', 'compression.gzip.level compression.zstd.level', "Default: the codec's own."),
  withoutEffect('producer', 'compression.lz4.level', 'lz4 has its fast mode only.'),
  honoured('producer', 'batch.size', "Default 262144; Java's is 16384. Larger batches cost the broker less."),
  withoutEffect(
    'producer',
    'linger.ms',
    'A broker that is idle is not kept waiting; batches grow while others are under way.',
  ),
  honoured('producer', 'max.request.size', 'Default 1048576.'),
  honoured('producer', 'buffer.memory', 'Default 33554432.'),
  honoured('producer', 'max.block.ms', 'Default 60000.'),
  honoured('producer', 'delivery.timeout.ms', "Default 2147483647, as Connect's; Java's is 120000."),
  mapped(
    'producer',
    'max.in.flight.requests.per.connection',
    'Default 5, which is also the most: idempotence keeps no order beyond.',
  ),
  mapped(
    'producer',
    'acks',
    'Always all: a position in the log is confirmed only for what all replicas have.',
  ),
  mapped('producer', 'enable.idempotence', 'Always true: order and no duplicates cost nothing.'),
  withoutEffect('producer', 'retries', 'delivery.timeout.ms bounds the trying.'),
  withoutEffect('admin', 'retries', 'default.api.timeout.ms bounds the trying.'),
  honoured('producer', 'transactional.id transaction.timeout.ms', 'Default of the timeout: 60000.'),
  refused('producer', 'transaction.two.phase.commit.enable', 'A transaction ends with its commit.', 'false'),
  honoured('producer', 'partitioner.ignore.keys', 'Default false.'),
  refused(
    'producer',
    'partitioner.class',
    "It names Java code; partitions are chosen as by Kafka's default.",
  ),
  withoutEffect(
    'producer',
    'partitioner.adaptive.partitioning.enable partitioner.availability.timeout.ms',
    'Records without a key go to all partitions in turn.',
  ),
  withoutEffect('producer', 'metadata.max.idle.ms', 'What is known of a topic is kept.'),
  withoutEffect('producer', 'key.serializer value.serializer', 'Converters make the bytes.'),
]

const consumers: readonly PropertyGroup[] = [
  honoured('consumer', 'group.id max.poll.records', 'Defaults connect-NAME and 500.'),
  mapped(
    'consumer',
    'auto.offset.reset',
    "earliest, latest, none; by_duration is refused. Default earliest, as Connect's.",
  ),
  honoured('consumer', 'isolation.level', 'Default read_uncommitted.'),
  honoured(
    'consumer',
    'fetch.min.bytes fetch.max.bytes fetch.max.wait.ms max.partition.fetch.bytes',
    'Defaults 1, 52428800, 500, 1048576.',
  ),
  honoured('consumer', 'check.crcs', 'Default true.'),
  honoured('consumer', 'client.rack', 'Default empty.'),
  mapped(
    'consumer',
    'partition.assignment.strategy',
    "Kafka's own four (Range, RoundRobin, Sticky, CooperativeSticky); others are refused. Default Range, CooperativeSticky.",
  ),
  honoured(
    'consumer',
    'session.timeout.ms heartbeat.interval.ms max.poll.interval.ms',
    'Defaults 45000, 3000, 300000.',
  ),
  honoured('consumer', 'group.instance.id', 'Brokers from 2.3 on.'),
  refused('consumer', 'group.protocol', 'Only the classic protocol is spoken.', 'classic'),
  withoutEffect('consumer', 'group.remote.assignor', 'It belongs to group.protocol=consumer.'),
  honoured('consumer', 'allow.auto.create.topics exclude.internal.topics', 'Default true.'),
  withoutEffect(
    'consumer',
    'enable.auto.commit auto.commit.interval.ms',
    'Offsets are committed once the sink has flushed, by offset.flush.interval.ms.',
  ),
  withoutEffect('consumer', 'key.deserializer value.deserializer', 'Converters read the bytes.'),
  withoutEffect(
    'consumer',
    `
    internal.throw.on.fetch.stable.offset.unsupported share.acknowledgement.mode share.acquire.mode
    `,
    'They belong to Kafka Streams and to share groups.',
  ),
]

export const propertyGroups: readonly PropertyGroup[] = [
  ...shared,
  ...securityProperties,
  ...producers,
  ...consumers,
]

/** By name, for each kind of client. */
export const knownProperties: Readonly<Record<ClientRole, ReadonlyMap<string, PropertyGroup>>> = {
  producer: known('producer'),
  consumer: known('consumer'),
  admin: known('admin'),
}

function known(role: ClientRole): ReadonlyMap<string, PropertyGroup> {
  const groups = propertyGroups.filter(({ clients }) => clients.includes(role))
  return new Map(groups.flatMap((group) => group.names.map((name) => [name, group] as const)))
}
