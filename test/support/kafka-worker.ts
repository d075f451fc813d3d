/** Properties of a worker on a Kafka of one broker, with a group and topics of its own, so that the Kafka may be shared. */

/** Topics are named as those of `startConnect`: GROUP-configs, GROUP-offsets, GROUP-status. */
export function kafkaWorkerProperties(bootstrap: string, group: string): Readonly<Record<string, string>> {
  const topics = { config: 'configs', offset: 'offsets', status: 'status' }
  return {
    'bootstrap.servers': bootstrap,
    'group.id': group,
    ...Object.fromEntries(
      Object.entries(topics).flatMap(([store, name]) => [
        [`${store}.storage.topic`, `${group}-${name}`],
        [`${store}.storage.replication.factor`, '1'],
      ]),
    ),
  }
}
