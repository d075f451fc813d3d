/**
 * What we use of kafkajs 2.2.4 beyond its public interface, as far as we use it: its pool of sockets to one broker,
 * which negotiates versions and authenticates. `test/contract/kafka/kafkajs-hooks.test.ts` holds these shapes
 * against the package; a new version of it is taken only with that test.
 */
import { connect, isIP, type Socket } from 'node:net'
import { connect as connectTls, type ConnectionOptions as TlsConnectionOptions } from 'node:tls'
import { type ISocketFactory, Kafka, type KafkaConfig, type SASLOptions } from 'kafkajs'
import { logger } from '#observe'
import type { ConnectionOptions, TlsOptions } from '../connection-options.ts'

/** kafkajs numbers its two sockets per broker: fetches, which are held back, have one of their own. */
export interface KafkajsPool {
  readonly pool: readonly [KafkajsConnection, KafkajsConnection]
}

export interface KafkajsConnection {
  readonly clientId: string
  readonly sasl: unknown
  readonly socket: Socket | undefined
  readonly requestQueue: KafkajsRequestQueue
  isConnected(): boolean
  isAuthenticated(): boolean
  connect(): Promise<unknown>
  authenticate(): Promise<void>
  disconnect(): Promise<unknown>
  nextCorrelationId(): number
  rejectRequests(error: Error): void
}

export interface KafkajsRequestQueue {
  push(request: {
    readonly entry: {
      readonly apiKey: number
      readonly apiName: string
      readonly apiVersion: number
      readonly correlationId: number
      resolve(answer: { readonly payload: Buffer }): void
      reject(error: Error): void
    }
    readonly expectResponse: boolean
    readonly requestTimeout: number | null
    sendRequest(): void
  }): void
  waitForPendingRequests(): Promise<void>
  /** Of requests that wait because of a quota. */
  pending: readonly unknown[]
  throttledUntil: number
  maybeThrottle(milliseconds: number): void
  scheduleCheckPendingRequests(): void
}

export interface KafkajsBroker {
  readonly connectionPool: KafkajsPool
  /** Versions the broker knows, by API key. */
  readonly versions: Readonly<
    Record<number, { readonly minVersion: number; readonly maxVersion: number }>
  > | null
  connect(): Promise<void>
  disconnect(): Promise<void>
}

export interface KafkajsCluster {
  readonly rootLogger: unknown
  readonly connectionPoolBuilder: {
    build(address: { readonly host: string; readonly port: number }): Promise<KafkajsPool>
  }
  readonly brokerPool: {
    createBroker(options: { readonly connectionPool: KafkajsPool; readonly logger: unknown }): KafkajsBroker
  }
}

/** kafkajs' own cluster; nothing is connected yet. */
export function createCluster(options: ConnectionOptions): KafkajsCluster {
  const log = logger('rowtap.broker.kafka.socket')
  const config: KafkaConfig = {
    brokers: [...options.bootstrap],
    clientId: options.clientId,
    connectionTimeout: options.connectMs,
    authenticationTimeout: options.connectMs,
    requestTimeout: options.requestMs,
    retry: { retries: 0 },
    socketFactory: openSocket,
    // What goes wrong reaches us as an error; its own log would tell it twice.
    logCreator: () => (entry) => log.debug({ kafkajs: entry.log }, entry.log.message),
    ...(options.tls === null ? {} : { ssl: tlsOptions(options.tls) }),
    ...(options.sasl === null ? {} : { sasl: options.sasl as SASLOptions }),
  }
  const kafka = new Kafka(config)
  const hook = Object.getOwnPropertySymbols(kafka).find((symbol) => String(symbol).includes('createCluster'))
  const create = hook === undefined ? undefined : (Reflect.get(kafka, hook) as (options: object) => unknown)
  if (create === undefined) throw new Error('kafkajs has no createCluster hook: another version than 2.2.4?')
  return create({ metadataMaxAge: 300_000, allowAutoTopicCreation: false }) as KafkajsCluster
}

const keepAliveMs = 60_000

/** As kafkajs' own, but that a request goes out at once: it is written as a whole, and many of them are small. */
const openSocket: ISocketFactory = ({ host, port, ssl, onConnect }) => {
  const name = isIP(host) === 0 ? { servername: host } : {}
  const socket =
    ssl === null || ssl === undefined
      ? connect({ host, port }, onConnect)
      : connectTls({ host, port, ...name, ...ssl }, onConnect)
  return socket.setNoDelay(true).setKeepAlive(true, keepAliveMs)
}

function tlsOptions({ checkHostname, ...rest }: TlsOptions): TlsConnectionOptions {
  return checkHostname ? rest : { ...rest, checkServerIdentity: () => undefined }
}
