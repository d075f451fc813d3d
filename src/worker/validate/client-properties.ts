/**
 * The well-known properties of Kafka's clients, as `config/validate` describes them where a connector overrides one.
 * A property that is not in these tables is answered without a definition.
 */
import {
  boolean,
  type ConfigField,
  type ConfigFields,
  type Importance,
  int,
  list,
  long,
  password,
  string,
} from '#plugin'

export type Client = 'producer' | 'consumer' | 'admin'

type Text = string | null
const doc = "A property of Kafka's clients; see Kafka's documentation."
const spec = <T>(importance: Importance, given: T) => ({ default: given, importance, doc })
const text = (importance: Importance, given: Text = null): ConfigField => string(spec(importance, given))
const whole = (importance: Importance, given: number): ConfigField => int(spec(importance, given))
const wide = (importance: Importance, given: number): ConfigField => long(spec(importance, given))
const flag = (importance: Importance, given: boolean): ConfigField => boolean(spec(importance, given))
const secret = (importance: Importance): ConfigField => password(spec(importance, null))

const shared: ConfigFields = {
  'bootstrap.servers': list({ importance: 'HIGH', doc }),
  'client.id': text('MEDIUM', ''),
  'request.timeout.ms': whole('MEDIUM', 30_000),
  'retry.backoff.ms': wide('LOW', 100),
  'send.buffer.bytes': whole('MEDIUM', 131_072),
  'security.protocol': text('MEDIUM', 'PLAINTEXT'),
  'sasl.mechanism': text('MEDIUM', 'GSSAPI'),
  'sasl.jaas.config': secret('MEDIUM'),
  'ssl.truststore.location': text('HIGH'),
  'ssl.truststore.password': secret('HIGH'),
  'ssl.truststore.certificates': secret('HIGH'),
  'ssl.keystore.location': text('HIGH'),
  'ssl.keystore.password': secret('HIGH'),
  'ssl.keystore.key': secret('HIGH'),
  'ssl.key.password': secret('HIGH'),
  'ssl.endpoint.identification.algorithm': text('LOW', 'https'),
}

export const clientProperties: Readonly<Record<Client, ConfigFields>> = {
  producer: {
    ...shared,
    acks: text('LOW', 'all'),
    'batch.size': whole('MEDIUM', 16_384),
    'buffer.memory': wide('HIGH', 33_554_432),
    'compression.type': text('HIGH', 'none'),
    'delivery.timeout.ms': whole('MEDIUM', 120_000),
    'enable.idempotence': flag('LOW', true),
    'linger.ms': wide('MEDIUM', 5),
    'max.block.ms': wide('MEDIUM', 60_000),
    'max.in.flight.requests.per.connection': whole('LOW', 5),
    'max.request.size': whole('MEDIUM', 1_048_576),
    retries: whole('HIGH', 2_147_483_647),
    'transaction.timeout.ms': whole('LOW', 60_000),
    'transactional.id': text('LOW'),
  },
  consumer: {
    ...shared,
    'client.id': text('LOW', ''),
    'auto.commit.interval.ms': whole('LOW', 5000),
    'auto.offset.reset': text('MEDIUM', 'latest'),
    'enable.auto.commit': flag('MEDIUM', true),
    'fetch.max.bytes': whole('MEDIUM', 52_428_800),
    'fetch.max.wait.ms': whole('LOW', 500),
    'fetch.min.bytes': whole('HIGH', 1),
    'group.id': text('HIGH'),
    'group.instance.id': text('MEDIUM'),
    'heartbeat.interval.ms': whole('HIGH', 3000),
    'isolation.level': text('MEDIUM', 'read_uncommitted'),
    'max.partition.fetch.bytes': whole('HIGH', 1_048_576),
    'max.poll.interval.ms': whole('MEDIUM', 300_000),
    'max.poll.records': whole('MEDIUM', 500),
    'session.timeout.ms': whole('HIGH', 45_000),
  },
  admin: { ...shared, retries: whole('LOW', 2_147_483_647) },
}
