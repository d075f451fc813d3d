/**
 * The way in for a source task: records go to Kafka as they come, and a commit stores offsets once every record before
 * it is acknowledged by all replicas in sync (invariant 1). A task that ends in between begins again from its stored
 * offsets, and gives the records behind them once more.
 */
import { ConnectError } from '#errors'
import { offsetRecord } from '../../batching/outgoing.ts'
import type { Admin, OffsetEntry, OutgoingRecord, SourceWriter, SourceWriterOptions } from '../../broker.ts'
import { type KafkaConnection, propertiesOf } from '../properties/client-properties.ts'
import { producerSettings } from '../properties/producer-settings.ts'
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
  const settings = producerSettings(properties, `connector-producer-${task}`)
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
  readonly atomic = false
  readonly #options: SourceWriterOptions
  readonly #line: Line

  constructor(options: SourceWriterOptions, line: Line) {
    this.#options = options
    this.#line = line
  }

  get pendingBytes(): number {
    return this.#line.pendingBytes
  }

  append(record: OutgoingRecord): Promise<void> | null {
    if (this.#line.failure !== null) throw this.#failed(this.#line.failure)
    return this.#line.add(record)
  }

  async commit(offsets: readonly OffsetEntry[]): Promise<void> {
    const line = this.#line
    try {
      // Waiting ends in the order of the commits, so their offsets are written in this order too.
      await line.flush()
      for (const entry of offsets) line.put(offsetRecord(this.#options.offsetsTopic, entry))
      await line.flush()
    } catch (error) {
      throw this.#failed(line.fail(error))
    }
  }

  /** What was not committed may be stored or not. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#line[Symbol.dispose]()
  }

  #failed(cause: ConnectError): ConnectError {
    return new ConnectError(
      `The task ${this.#options.task} could not store its records and offsets: ${cause.message}`,
      { remedy: 'Restart the task: it begins again from its stored offsets.', cause },
    )
  }
}
