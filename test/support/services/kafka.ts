/**
 * A real Apache Kafka for tests, one broker that is its own controller. `kafkaServer()` is one for the whole run,
 * started when the first test asks: the one named by ROWTAP_TEST_KAFKA (`host:port`, without security), else one of this
 * machine's Java with jars from Maven Central. `secureKafka()` is the same broker's listeners with passwords and TLS; it
 * is always our own, since it needs our certificates. `startOwnKafka()` is for a test that stops and kills its broker.
 */
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Certificates, makeCertificates } from './certificates.ts'
import {
  java,
  javaLibraries,
  javaServersAvailable,
  type Properties,
  quickStart,
  writeProperties,
} from './java.ts'
import { freePort } from './ports.ts'
import { type ServerProcess, startProcess } from './process.ts'
import { type RunningServer, sharedServer } from './shared.ts'

export interface SecureKafka {
  /** SASL without TLS: SCRAM-SHA-256, SCRAM-SHA-512, PLAIN. */
  readonly sasl: string
  /** SASL over TLS, the same mechanisms. */
  readonly saslTls: string
  /** TLS that asks for no client certificate. */
  readonly tls: string
  /** TLS that requires a client certificate from the authority. */
  readonly mutualTls: string
  /** Known to every mechanism. */
  readonly user: string
  readonly password: string
  readonly certificates: Certificates
}

export interface KafkaAddresses extends SecureKafka {
  readonly bootstrap: string
}

const given = process.env['ROWTAP_TEST_KAFKA']

/** For `describe.skipIf(!kafkaAvailable)`. */
export const kafkaAvailable = given !== undefined || javaServersAvailable
export const secureKafkaAvailable = javaServersAvailable
export const ownKafkaAvailable = javaServersAvailable

/** The address of the run's Kafka, for `bootstrap.servers`. */
export async function kafkaServer(): Promise<string> {
  return given ?? (await sharedServer<KafkaAddresses>('kafka')).bootstrap
}

export function secureKafka(): Promise<SecureKafka> {
  return sharedServer<KafkaAddresses>('kafka')
}

const user = 'alice'
const password = 'alice-secret'

/** What the run shares. */
export async function startKafka(): Promise<RunningServer<KafkaAddresses>> {
  const directory = mkdtempSync(join(tmpdir(), 'rowtap-kafka-'))
  const certificates = join(directory, 'certificates')
  mkdirSync(certificates)
  const made = await makeCertificates(certificates)
  const ports = { PLAIN: await freePort(), SASL: await freePort(), SASLTLS: await freePort() }
  const tlsPorts = { TLS: await freePort(), MUTUALTLS: await freePort() }
  const listeners = { ...ports, ...tlsPorts }
  const broker = await startBroker(directory, listeners, securityProperties(made))
  const at = (listener: keyof typeof listeners): string => `127.0.0.1:${listeners[listener]}`
  const addresses: KafkaAddresses = {
    bootstrap: at('PLAIN'),
    sasl: at('SASL'),
    saslTls: at('SASLTLS'),
    tls: at('TLS'),
    mutualTls: at('MUTUALTLS'),
    user,
    password,
    certificates: made,
  }
  const stop = async (): Promise<void> => {
    await broker.end('KILL')
    rmSync(directory, { recursive: true, force: true })
  }
  return { address: addresses, stop }
}

export interface OwnKafka {
  readonly bootstrap: string
  /** After `stop` or `kill`: the same port, the same data. */
  start(): Promise<void>
  /** A clean end. */
  stop(): Promise<void>
  kill(): Promise<void>
  /** Ends it for good and removes its data. */
  remove(): Promise<void>
}

/** A broker that one test has for itself, without security; `properties` are the broker's (`message.max.bytes`). */
export async function startOwnKafka(
  options: { port?: number; properties?: Properties } = {},
): Promise<OwnKafka> {
  const directory = mkdtempSync(join(tmpdir(), 'rowtap-kafka-'))
  const port = options.port ?? (await freePort())
  // A killed broker is let in again when its former session is over.
  const session = { 'broker.session.timeout.ms': '3000', 'broker.heartbeat.interval.ms': '500' }
  const properties = { ...session, ...options.properties }
  const start = (): Promise<ServerProcess> => startBroker(directory, { PLAIN: port }, properties)
  let broker = await start()
  const kill = (): Promise<void> => broker.end('KILL')
  return {
    bootstrap: `127.0.0.1:${port}`,
    start: async () => {
      broker = await start()
    },
    stop: () => broker.end('TERM'),
    kill,
    remove: async () => {
      await kill()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

/** Formats the directory at the first start; resolves when the broker serves. */
async function startBroker(
  directory: string,
  listeners: Readonly<Record<string, number>>,
  properties: Properties,
): Promise<ServerProcess> {
  if (java === null) throw new Error('Kafka needs Java 17 or later: install it, or set ROWTAP_TEST_KAFKA.')
  const { classPath } = await javaLibraries()
  const file = join(directory, 'server.properties')
  const data = join(directory, 'data')
  if (!existsSync(data)) {
    const controller = await freePort()
    const all = { ...brokerProperties(data, { ...listeners, CONTROLLER: controller }), ...properties }
    writeProperties(file, all)
    const scram = ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((mechanism) => [
      ...['--add-scram', `${mechanism}=[name=${user},password=${password}]`],
    ])
    const format = ['kafka.tools.StorageTool', 'format', '-c', file, '-t', clusterId(), ...scram]
    await promisify(execFile)(java, [...quickStart, '-cp', classPath, ...format])
  }
  const logging = [
    '-Dorg.slf4j.simpleLogger.defaultLogLevel=error',
    `${logger}.kafka.server.KafkaRaftServer=info`,
  ]
  const flags = ['-Xmx512m', ...quickStart, ...logging]
  const broker = startProcess(java, [...flags, '-cp', classPath, 'kafka.Kafka', file], directory)
  await broker.wrote('Kafka Server started')
  return broker
}

const logger = '-Dorg.slf4j.simpleLogger.log'

/** Kafka's own form of a UUID; one that begins with a dash would be taken for an option. */
function clusterId(): string {
  return `r${randomBytes(16).toString('base64url').slice(1)}`
}

function brokerProperties(data: string, ports: Readonly<Record<string, number>>): Properties {
  const all = Object.entries(ports).map(([name, port]) => `${name}://127.0.0.1:${port}`)
  return {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.voters': `1@127.0.0.1:${ports['CONTROLLER']}`,
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAIN',
    listeners: all.join(','),
    'advertised.listeners': all.filter((listener) => !listener.startsWith('CONTROLLER')).join(','),
    'listener.security.protocol.map': [
      ...['CONTROLLER:PLAINTEXT', 'PLAIN:PLAINTEXT', 'SASL:SASL_PLAINTEXT'],
      ...['SASLTLS:SASL_SSL', 'TLS:SSL', 'MUTUALTLS:SSL'],
    ].join(','),
    'log.dirs': data,
    // One broker, many short tests.
    'offsets.topic.replication.factor': '1',
    'offsets.topic.num.partitions': '5',
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    'transaction.state.log.num.partitions': '5',
    'share.coordinator.state.topic.replication.factor': '1',
    'share.coordinator.state.topic.min.isr': '1',
    'group.initial.rebalance.delay.ms': '0',
    // Recorded records are years old: a look for what is too old, every five minutes, would take them away unread.
    'log.retention.ms': '-1',
    'log.cleaner.dedupe.buffer.size': String(4 << 20),
    'num.network.threads': '2',
  }
}

function securityProperties(certificates: Certificates): Properties {
  const mechanisms = ['SCRAM-SHA-256', 'SCRAM-SHA-512', 'PLAIN']
  const scram = 'org.apache.kafka.common.security.scram.ScramLoginModule required;'
  const plain = `org.apache.kafka.common.security.plain.PlainLoginModule required user_${user}="${password}";`
  const jaas = ['sasl', 'sasltls'].flatMap((listener) =>
    mechanisms.map((mechanism) => [
      `listener.name.${listener}.${mechanism.toLowerCase()}.sasl.jaas.config`,
      mechanism === 'PLAIN' ? plain : scram,
    ]),
  )
  return {
    'sasl.enabled.mechanisms': mechanisms.join(','),
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.location': certificates.serverPem,
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.location': certificates.authority,
    'listener.name.mutualtls.ssl.client.auth': 'required',
    ...Object.fromEntries(jaas),
  }
}
