/**
 * The way in for a source task. Without a transactional id records go to Kafka as they come, and a commit stores offsets
 * once every record before it is acknowledged by all replicas in sync (invariant 1): a task that ends in between begins
 * again from its stored offsets, and gives the records behind them once more. With one, records and offsets of a commit
 * become visible together, and whoever had the id before is shut out.
 */
import { ConnectError } from '#errors'
import { logger } from '#observe'
import type { Admin, OffsetEntry, OutgoingRecord, SourceWriter, SourceWriterOptions } from '../../broker.ts'
import { type KafkaConnection, propertiesOf } from '../properties/client-properties.ts'
import { producerSettings } from '../properties/producer-settings.ts'
import { type Commit, commitAfterwards, commitTogether } from './commits.ts'
import { type Line, openLine } from './line.ts'
import { offsetsTopicAs, prepareOffsetsTopic } from './offsets-topic.ts'

/** `admin` makes and describes topics, for as long as the writer is used. */
export async function openKafkaSourceWriter(
  connection: KafkaConnection,
  options: SourceWriterOptions,
  admin: Admin,
): Promise<SourceWriter> {
  const { task, offsetsTopic, overrides } = options
  const properties = propertiesOf(connection, 'producer', overrides)
  const transactionalId = options.transactionalId ?? null
  const asked = producerSettings(properties, `connector-producer-${task}`)
  if (asked.transactionalId !== null && asked.transactionalId !== transactionalId)
    logger('rowtap.broker.kafka').warn(
      `transactional.id=${asked.transactionalId} of ${task} changes nothing: the worker chooses it`,
    )
  const settings = { ...asked, transactionalId }
  await prepareOffsetsTopic(admin, offsetsTopic)
  const newTopic = (topic: string) =>
    topic === offsetsTopic ? offsetsTopicAs(topic) : options.newTopic(topic)
  const line = await openLine({ settings, newTopic, admin })
  try {
    await line.learn(offsetsTopic)
  } catch (error) {
    line[Symbol.dispose]()
    throw error
  }
  return new KafkaSourceWriter(options, line)
}

class KafkaSourceWriter implements SourceWriter {
  readonly atomic: boolean
  readonly #task: string
  readonly #line: Line
  readonly #commit: Commit

  constructor({ task, offsetsTopic }: SourceWriterOptions, line: Line) {
    const { transaction } = line
    this.#task = task
    this.#line = line
    this.atomic = transaction !== null
    this.#commit =
      transaction === null
        ? commitAfterwards(line, offsetsTopic)
        : commitTogether(line, transaction, offsetsTopic)
  }

  get pendingBytes(): number {
    return this.#line.pendingBytes
  }

  append(record: OutgoingRecord): Promise<void> | null {
    if (this.#line.failure !== null) throw this.#failed(this.#line.failure)
    return this.#line.add(record)
  }

  async commit(offsets: readonly OffsetEntry[]): Promise<void> {
    try {
      await this.#commit(offsets)
    } catch (error) {
      throw this.#failed(this.#line.fail(error))
    }
  }

  /** What was not committed is aborted; without transactions it may be stored or not. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#line.close()
  }

  #failed(cause: ConnectError): ConnectError {
    return new ConnectError(
      `The task ${this.#task} could not store its records and offsets: ${cause.message}`,
      { remedy: 'Restart the task: it begins again from its stored offsets.', cause },
    )
  }
}
