/**
 * The dead letter queue of a sink: the record as it was read (bytes, headers, time) and, if asked for, headers that say
 * where and why it failed. They are appended: a record that fails again tells its whole story.
 */
import type { Broker, ConsumedRecord, Producer, RawHeader } from '#broker'
import { ConfigError, ConnectError, messageOf, traceOf } from '#errors'
import type { TaskSpec } from './runner.ts'
import { clientSettings, flagOf, integerOf } from './settings.ts'
import type { DeadLetterQueue, Failure } from './tolerance.ts'

export interface DeadLetters extends DeadLetterQueue<ConsumedRecord>, AsyncDisposable {}

/** null where the connector names no queue. Makes the topic if it is not there. */
export async function openDeadLetters(broker: Broker, spec: TaskSpec): Promise<DeadLetters | null> {
  const { connector, task, connectorConfig: config } = spec
  const topic = config['errors.deadletterqueue.topic.name']?.trim() ?? ''
  if (topic === '') return null
  // Connect's default is 3; a broker in one process has nothing to replicate to.
  const usual = broker.kind === 'kafka' ? 3 : -1
  const replicationFactor = integerOf(config, 'errors.deadletterqueue.topic.replication.factor', usual)
  if (replicationFactor < 1 && replicationFactor !== -1)
    throw new ConfigError(
      `Invalid value ${replicationFactor} for configuration errors.deadletterqueue.topic.replication.factor: Value must be at least 1`,
    )
  if ((await broker.admin.describe(topic)) === null)
    await broker.admin.create({ topic, partitions: 1, replicationFactor, config: {} })
  const overrides = clientSettings(spec, 'producer', 'dlq-producer')
  const producer: Producer = await broker.producer({ overrides })
  const withContext = flagOf(config, 'errors.deadletterqueue.context.headers.enable')
  return {
    async send(record, failure) {
      const context = withContext ? contextHeaders(connector, task, record, failure) : []
      const headers = [...record.headers, ...context]
      const { key, value, timestamp } = record
      await producer.send([{ topic, key, value, headers, timestamp: timestamp < 0n ? null : timestamp }])
    },
    [Symbol.asyncDispose]: () => producer[Symbol.asyncDispose](),
  }
}

function contextHeaders(
  connector: string,
  task: number,
  record: ConsumedRecord,
  { stage, javaClass, error }: Failure,
): RawHeader[] {
  const header = (name: string, value: string): RawHeader => ({
    key: `__connect.errors.${name}`,
    value: Buffer.from(value, 'utf8'),
  })
  return [
    header('topic', record.topic),
    header('partition', String(record.partition)),
    header('offset', String(record.offset)),
    header('connector.name', connector),
    header('task.id', String(task)),
    header('stage', stage),
    header('class.name', javaClass),
    header(
      'exception.class.name',
      error instanceof ConnectError ? error.javaClass : 'java.lang.RuntimeException',
    ),
    header('exception.message', messageOf(error)),
    header('exception.stacktrace', traceOf(error)),
  ]
}
