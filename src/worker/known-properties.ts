/** Which worker properties mean anything to anybody, so that a misspelt one does not pass unseen. */
import type { RawConfig } from '#plugin'

/** The worker's own, and Connect's that have an answer here. */
const own = new Set([
  ...['group.id', 'data.dir', 'rowtap.data.dir', 'task.max.pending.bytes', 'listeners', 'admin.listeners'],
  ...['offset.flush.interval.ms', 'offset.flush.timeout.ms', 'task.shutdown.graceful.timeout.ms'],
  ...['topic.creation.enable', 'topic.tracking.enable', 'topic.tracking.allow.reset'],
  ...['rest.host.name', 'rest.port', 'rest.advertised.host.name', 'rest.advertised.port'],
  ...['rest.advertised.listener', 'rest.extension.classes', 'response.http.headers.config'],
  ...['access.control.allow.origin', 'access.control.allow.methods', 'exactly.once.source.support'],
  ...['connector.client.config.override.policy', 'connector.client.config.override.allowlist'],
  ...['plugin.path', 'plugin.discovery', 'metric.reporters', 'auto.include.jmx.reporter', 'connect.protocol'],
  ...['session.timeout.ms', 'rebalance.timeout.ms', 'heartbeat.interval.ms', 'worker.sync.timeout.ms'],
  ...['worker.unsync.backoff.ms', 'scheduled.rebalance.max.delay.ms'],
])

/** Of the Kafka client that the worker itself is. */
const client = new Set([
  ...['bootstrap.servers', 'client.id', 'client.dns.lookup', 'client.rack', 'security.protocol'],
  ...['security.providers', 'request.timeout.ms', 'default.api.timeout.ms', 'connections.max.idle.ms'],
  ...['send.buffer.bytes', 'receive.buffer.bytes', 'metadata.max.age.ms', 'metadata.recovery.strategy'],
  ...['metadata.recovery.rebootstrap.trigger.ms', 'reconnect.backoff.ms', 'reconnect.backoff.max.ms'],
  ...['retry.backoff.ms', 'retry.backoff.max.ms', 'socket.connection.setup.timeout.ms'],
  'socket.connection.setup.timeout.max.ms',
])

const families =
  /^((producer|consumer|admin|broker|ssl|sasl|metrics|inter\.worker|config\.providers|listeners\.https|admin\.listeners\.https)\.|(config|offset|status)\.storage\.|((internal\.)?(key|value)|header)\.converter(\.|$)|config\.providers$)/

/** One sentence for each property that nobody reads. */
export function unknownProperties(properties: RawConfig): readonly string[] {
  return Object.keys(properties)
    .filter((key) => !own.has(key) && !client.has(key) && !families.test(key))
    .map((key) => `The worker property ${key} is not known, and has no effect.`)
}
