/**
 * The way in for few records, one send after the other, each durable on return. A send that failed may have stored a
 * part of its records; the next one begins with a line of its own.
 */
import { ConnectError } from '#errors'
import { producedRecord } from '../../batching/outgoing.ts'
import type { Admin, ProducedRecord, Producer, ProducerOptions } from '../../broker.ts'
import { type KafkaConnection, propertiesOf } from '../properties/client-properties.ts'
import { type ProducerSettings, producerSettings } from '../properties/producer-settings.ts'
import { type Line, openLine } from './line.ts'

export async function openKafkaProducer(
  connection: KafkaConnection,
  options: ProducerOptions,
  admin: Admin,
): Promise<Producer> {
  const properties = propertiesOf(connection, 'producer', options.overrides)
  // Few records, each send for itself: there is nothing that transactions could hold together.
  const settings = { ...producerSettings(properties, 'rowtap-producer'), transactionalId: null }
  const producer = new KafkaProducer(settings, admin)
  await producer.open()
  return producer
}

class KafkaProducer implements Producer {
  readonly #settings: ProducerSettings
  readonly #admin: Admin
  #line: Line | null = null
  #tail: Promise<unknown> = Promise.resolve()
  #closed = false

  constructor(settings: ProducerSettings, admin: Admin) {
    this.#settings = settings
    this.#admin = admin
  }

  async open(): Promise<Line> {
    if (this.#closed) throw new ConnectError('The producer is closed.')
    this.#line ??= await openLine({ settings: this.#settings, admin: this.#admin, newTopic: () => null })
    return this.#line
  }

  send(records: readonly ProducedRecord[]): Promise<void> {
    const sent = this.#tail.then(() => this.#send(records))
    this.#tail = sent.catch(() => {}) // its caller hears of it
    return sent
  }

  async #send(records: readonly ProducedRecord[]): Promise<void> {
    const line = await this.open()
    try {
      for (const record of records) {
        const outgoing = producedRecord(record)
        while (!line.put(outgoing)) await line.learn(record.topic)
      }
      await line.flush()
    } catch (error) {
      this.#line = null
      line[Symbol.dispose]()
      throw error
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    this.#line?.[Symbol.dispose]()
  }
}
