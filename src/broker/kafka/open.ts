/**
 * A Kafka as a broker. Nothing is shared between its clients: each producer, consumer, reader and the admin has
 * connections of its own, and an address is only how to make them.
 */
import type { KafkaAddress, KafkaBrokerOptions, KafkaClients, OwnedBroker } from '../address.ts'
import type { Admin, Broker, ConsumerOptions, ReaderOptions } from '../broker.ts'
import { groupAdmin } from './admin/groups.ts'
import { topicAdmin } from './admin/topics.ts'
import { openConsumer } from './consume/consumer.ts'
import { openReader } from './consume/reader.ts'
import { openKafkaProducer } from './produce/producer.ts'
import { openKafkaSourceWriter } from './produce/source-writer.ts'
import { adminSettings } from './properties/admin-settings.ts'
import { type ClientProperties, type KafkaConnection, propertiesOf } from './properties/client-properties.ts'
import { type ConsumerSettings, consumerSettings } from './properties/consumer-settings.ts'
import { kafkaConnection } from './properties/worker-connection.ts'
import { type KafkaCluster, openCluster } from './transport/cluster.ts'
import { retrying } from './transport/retry.ts'

/** Fails with what is wrong within default.api.timeout.ms. */
export async function openKafkaBroker({
  properties,
}: KafkaBrokerOptions): Promise<OwnedBroker<KafkaAddress>> {
  const connection = kafkaConnection(properties)
  const address: KafkaAddress = { kind: 'kafka', connection, clusterId: await askClusterId(connection) }
  return {
    ...connectKafka(address),
    connect: () => address,
    // A Kafka that is away may come back: each client tries again for as long as its properties say.
    failed: new Promise<never>(() => {}),
  }
}

export async function openKafkaClients({ producer, consumer }: KafkaClients): Promise<Broker> {
  const admin = { ...wayThere(producer), ...matching(consumer, /^(default\.api|request)\.timeout\.ms$/) }
  const connection = { properties: { producer, consumer, admin } }
  return connectKafka({ kind: 'kafka', connection, clusterId: await askClusterId(connection) })
}

/** What says how to reach a Kafka, and as whom. */
function wayThere(properties: ClientProperties): ClientProperties {
  return matching(properties, /^(bootstrap\.servers$|security\.|ssl\.|sasl\.)/)
}

function matching(properties: ClientProperties, names: RegExp): ClientProperties {
  return Object.fromEntries(Object.entries(properties).filter(([name]) => names.test(name)))
}

async function askClusterId(connection: KafkaConnection): Promise<string> {
  using cluster = openCluster(adminSettings(connection.properties.admin, 'rowtap-admin'))
  const { clusterId } = await retrying(cluster.options, () => cluster.metadata([], false))
  return clusterId
}

export function connectKafka({ connection, clusterId }: KafkaAddress): Broker {
  const admins = new Admins(connection)
  const consuming = (overrides: ClientProperties, clientId: string): ConsumerSettings =>
    consumerSettings(propertiesOf(connection, 'consumer', overrides), clientId)
  return {
    kind: 'kafka',
    clusterId,
    admin: admins.of({}),
    sourceWriter: (options) => openKafkaSourceWriter(connection, options, admins.of(options.overrides)),
    producer: (options = { overrides: {} }) =>
      openKafkaProducer(connection, options, admins.of(options.overrides)),
    consumer: async (options: ConsumerOptions) =>
      openConsumer(consuming(options.overrides, `rowtap-consumer-${options.group}`), options),
    reader: async (options: ReaderOptions) =>
      openReader(consuming(options.overrides ?? {}, 'rowtap-reader'), options),
    [Symbol.asyncDispose]: async () => admins[Symbol.dispose](),
  }
}

/** Topics are made where a client writes: overrides may name another cluster, or another user. */
class Admins implements Disposable {
  readonly #connection: KafkaConnection
  readonly #clusters = new Map<string, KafkaCluster>()

  constructor(connection: KafkaConnection) {
    this.#connection = connection
  }

  of(overrides: ClientProperties): Admin {
    const properties = { ...this.#connection.properties.admin, ...wayThere(overrides) }
    const key = JSON.stringify(Object.entries(properties).sort())
    const cluster = this.#clusters.get(key) ?? openCluster(adminSettings(properties, 'rowtap-admin'))
    this.#clusters.set(key, cluster)
    return { ...topicAdmin(cluster), ...groupAdmin(cluster) }
  }

  [Symbol.dispose](): void {
    for (const cluster of this.#clusters.values()) cluster[Symbol.dispose]()
  }
}
