/** Properties of Kafka's clients as a Java user writes them, and which of them count for which client. */

export type ClientProperties = Readonly<Record<string, string>>

export type ClientRole = 'producer' | 'consumer' | 'admin'

/** How a worker reaches its Kafka: plain data, sent to other threads as it is. */
export interface KafkaConnection {
  /** The worker's own, with what it says for that role (`producer.…`) over them. */
  readonly properties: Readonly<Record<ClientRole, ClientProperties>>
}

/** Those of one client: the worker's for its role, and over them what the connector asks for (`producer.override.*`). */
export function propertiesOf(
  connection: KafkaConnection,
  role: ClientRole,
  overrides: ClientProperties = {},
): ClientProperties {
  return { ...connection.properties[role], ...overrides }
}
