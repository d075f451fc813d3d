/**
 * `producer.override.…`, `consumer.override.…` and `admin.override.…`: listed for the clients that a connector uses,
 * and held against the worker's policy on them.
 */
import { type RawConfig, type ConfigValue, validateConfig } from '#plugin'
import { type ConfigInfo, HerderError } from '../herder.ts'
import { notAllowed, type OverridePolicy, overridePolicy } from '../override-policy.ts'
import { type Client, clientProperties } from './client-properties.ts'
import { exactlyOnceEnabled } from './connector-rules.ts'
import { Sheet } from './sheet.ts'

/** The rows of all overrides that apply, prefixed; in the order producer, consumer, admin. */
export function overrideInfos(kind: 'source' | 'sink', config: RawConfig, worker: RawConfig): ConfigInfo[] {
  const policy = overridePolicy(worker)
  return clientsOf(kind, config, worker).flatMap((client) => section(client, config, policy))
}

/** A source produces; a sink consumes; dead letters and topic creation need the rest. */
function clientsOf(kind: 'source' | 'sink', config: RawConfig, worker: RawConfig): Client[] {
  if (kind === 'sink') {
    const deadLetters = (config['errors.deadletterqueue.topic.name'] ?? '').trim() !== ''
    return deadLetters ? ['producer', 'consumer', 'admin'] : ['consumer']
  }
  const ownOffsets = config['offsets.storage.topic'] !== undefined || exactlyOnceEnabled(worker)
  const makesTopics = Object.keys(config).some((key) => key.startsWith('topic.creation.'))
  return [
    'producer',
    ...(ownOffsets ? ['consumer' as const] : []),
    ...(ownOffsets || makesTopics ? ['admin' as const] : []),
  ]
}

function section(client: Client, config: RawConfig, policy: OverridePolicy): ConfigInfo[] {
  const prefix = `${client}.override.`
  const own: RawConfig = Object.fromEntries(
    Object.entries(config)
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, value]) => [key.slice(prefix.length), value]),
  )
  const known = clientProperties[client]
  const sheet = new Sheet()
  for (const [key, given] of Object.entries(own)) {
    const field = known[key]
    if (field === undefined) sheet.note(key, given)
    else sheet.define({ [key]: field }, validateConfig({ [key]: field }, own).map(readable))
    if (!policy.allows(key)) sheet.addError(key, notAllowed(policy, key))
  }
  return sheet.infos(prefix)
}

/** Connect stumbles over a number that is none, instead of listing it: clients know the answer. */
function readable(value: ConfigValue): ConfigValue {
  const [error] = value.errors
  if (error !== undefined)
    throw new HerderError(500, `org.apache.kafka.common.config.ConfigException: ${error}`)
  return value
}
