/**
 * Client properties (`producer.override.*`, `consumer.override.*`) at the embedded broker: a few are honoured, those
 * that tune a network which is not there are named in a warning, and all others are refused by name.
 */
import { ConfigError } from '#errors'
import { type Logger, logger } from '#observe'
import type { Compression } from '../record/compression.ts'

const mostInt = 2 ** 31 - 1
let ownLog: Logger | null = null

type Properties = Readonly<Record<string, string>>

interface Known {
  /** Honoured; the values accepted, or null for a whole number as Java's int holds it. (`client.id` is a name.) */
  readonly honoured: Readonly<Record<string, readonly string[] | null>>
  readonly withoutEffect: ReadonlySet<string>
}

const network = [
  ...['connections.max.idle.ms', 'metadata.max.age.ms', 'receive.buffer.bytes', 'send.buffer.bytes'],
  ...['reconnect.backoff.ms', 'reconnect.backoff.max.ms', 'request.timeout.ms', 'retry.backoff.ms'],
  ...['retry.backoff.max.ms', 'socket.connection.setup.timeout.ms', 'socket.connection.setup.timeout.max.ms'],
]

const producer: Known = {
  // Every send is durable, in order and once, whatever these ask for.
  honoured: {
    acks: ['all', '-1', '1', '0'],
    // Asked for by nobody, batches are compressed: it costs less than storing them as they are.
    'compression.type': ['none', 'zstd'],
    'enable.idempotence': ['true', 'false'],
    'max.request.size': null,
  },
  withoutEffect: new Set([
    ...network,
    ...['batch.size', 'linger.ms', 'buffer.memory', 'compression.gzip.level'],
    ...['compression.lz4.level', 'compression.zstd.level', 'delivery.timeout.ms', 'max.block.ms', 'retries'],
    ...['max.in.flight.requests.per.connection', 'metadata.max.idle.ms'],
  ]),
}

const consumer: Known = {
  honoured: {
    'auto.offset.reset': ['earliest', 'latest'],
    'enable.auto.commit': ['false'],
    'fetch.max.bytes': null,
    'isolation.level': ['read_committed', 'read_uncommitted'],
    'max.poll.interval.ms': null,
    'max.poll.records': null,
  },
  withoutEffect: new Set([
    ...network,
    ...[
      'check.crcs',
      'default.api.timeout.ms',
      'fetch.max.wait.ms',
      'fetch.min.bytes',
      'heartbeat.interval.ms',
    ],
    ...['max.partition.fetch.bytes', 'partition.assignment.strategy', 'session.timeout.ms'],
  ]),
}

export interface ProducerOverrides {
  readonly maxRequestBytes: number
  readonly compression: Compression
}

/** Codecs that Kafka knows and the store does not write: it takes zstd in their place. */
const otherCodecs = ['gzip', 'snappy', 'lz4']

export function producerOverrides(properties: Properties, whose: string): ProducerOverrides {
  const codec = properties['compression.type'] ?? 'zstd'
  const instead = otherCodecs.includes(codec)
  check({ ...properties, 'compression.type': instead ? 'zstd' : codec }, producer, 'producer', whose)
  if (instead) log().warn(`The embedded broker takes zstd in place of compression.type=${codec} of ${whose}`)
  return {
    maxRequestBytes: Number(properties['max.request.size'] ?? Number.POSITIVE_INFINITY),
    compression: codec === 'none' ? 'none' : 'zstd',
  }
}

export interface ConsumerOverrides {
  readonly from: 'earliest' | 'latest' | null
  readonly maxRecords: number | null
  readonly maxPollIntervalMs: number
  readonly fetchBytes: number
}

export function consumerOverrides(properties: Properties, whose: string): ConsumerOverrides {
  check(properties, consumer, 'consumer', whose)
  const number = (name: string) => (properties[name] === undefined ? null : Number(properties[name]))
  const reset = properties['auto.offset.reset']
  return {
    from: reset === 'earliest' || reset === 'latest' ? reset : null,
    maxRecords: number('max.poll.records'),
    maxPollIntervalMs: number('max.poll.interval.ms') ?? 300_000,
    fetchBytes: number('fetch.max.bytes') ?? 2 << 20,
  }
}

function check(
  properties: Properties,
  { honoured, withoutEffect }: Known,
  kind: string,
  whose: string,
): void {
  const idle: string[] = []
  for (const [name, value] of Object.entries(properties)) {
    const allowed = honoured[name]
    if (name === 'client.id') continue
    if (withoutEffect.has(name)) idle.push(name)
    else if (allowed === undefined)
      throw new ConfigError(`The embedded broker cannot honour the ${kind} property ${name} of ${whose}.`, {
        remedy: 'Leave it out, or set bootstrap.servers to use a Kafka.',
      })
    else if (allowed === null ? !isCount(value) : !allowed.includes(value))
      throw new ConfigError(
        `The embedded broker cannot honour ${name}=${value} of ${whose}: it takes ${allowed?.join(', ') ?? `a whole number from 1 up to ${mostInt}`}.`,
      )
  }
  if (idle.length > 0)
    log().warn(`The ${kind} properties ${idle.join(', ')} of ${whose} change nothing at the embedded broker`)
}

function isCount(value: string): boolean {
  return /^[1-9]\d{0,9}$/.test(value) && Number(value) <= mostInt
}

function log(): Logger {
  return (ownLog ??= logger('rowtap.broker.embedded'))
}
