/** The way in: consumers and readers as the properties of the worker, and of a connector over them, say. */
import type { Consumer, ConsumerOptions, Reader, ReaderOptions } from '../../broker.ts'
import { type KafkaConnection, propertiesOf } from '../properties/client-properties.ts'
import { consumerSettings } from '../properties/consumer-settings.ts'
import { openConsumer } from './consumer.ts'
import { openReader } from './reader.ts'

const clientId = 'rowtap'

/** Nothing is asked of the broker before the first `poll`, which joins the group. */
export function openKafkaConsumer(connection: KafkaConnection, options: ConsumerOptions): Consumer {
  return openConsumer(
    consumerSettings(propertiesOf(connection, 'consumer', options.overrides), clientId),
    options,
  )
}

/** Fails with an `UnknownTopicError` where a topic does not exist. */
export function openKafkaReader(connection: KafkaConnection, options: ReaderOptions): Promise<Reader> {
  return openReader(consumerSettings(propertiesOf(connection, 'consumer'), clientId), options)
}
