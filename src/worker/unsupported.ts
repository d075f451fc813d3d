/**
 * Worker properties of Kafka Connect that this worker does not have. What would change who may do what, or what a user
 * relies on, is refused by name; what merely has no meaning here is named in a warning; so is what nobody knows.
 */
import { ConfigError } from '#errors'
import type { RawConfig } from '#plugin'
import type { WorkerMode } from './properties.ts'

interface Refusal {
  readonly key: string
  /** Values that ask for nothing. */
  readonly harmless: RegExp
  readonly remedy: string
}

const refusals: readonly Refusal[] = [
  {
    key: 'rest.extension.classes',
    harmless: /^$/,
    remedy: 'REST extensions are Java classes. Put a proxy that checks who may call before the worker.',
  },
  {
    key: 'admin.listeners',
    harmless: /^$/,
    remedy: 'The admin resources are on the main listener; an empty value switches them off.',
  },
]

const exactlyOnce = 'exactly.once.source.support'

const onEmbedded: Refusal = {
  key: exactlyOnce,
  harmless: /^(disabled|enabled)$/i,
  remedy: 'Leave it out: the embedded broker stores records and source offsets in one transaction always.',
}

const onKafka: Refusal = {
  key: exactlyOnce,
  harmless: /^disabled$/i,
  remedy:
    'Leave it out: on Kafka source offsets follow their records, so a task that was killed may write its last records twice, and loses none. The embedded broker stores both in one transaction.',
}

const standaloneOnKafka: Refusal = {
  key: 'bootstrap.servers',
  harmless: /^$/,
  remedy:
    'A standalone worker has the embedded broker only. Use `rowtap worker` on Kafka, or remove bootstrap.servers (or unset CONNECT_BOOTSTRAP_SERVERS).',
}

const plugins = 'plugins are part of rowtap'
const metrics = 'metrics are at GET /metrics'
const alone = 'this worker runs its group alone'
const internal = 'internal topics always hold JSON without schemas'

/** Without meaning here, by what comes instead. */
const meaningless: readonly (readonly [key: RegExp, instead: string])[] = [
  [/^plugin\.(path|discovery)$/, plugins],
  [/^(key|value|header)\.converter\.plugin\.version$/, plugins],
  [/^(metric\.reporters|metrics\..*|auto\.include\.jmx\.reporter)$/, metrics],
  [/^internal\.(key|value)\.converter/, internal],
  [/^(session|rebalance|worker\.sync)\.timeout\.ms$/, alone],
  [/^(heartbeat\.interval|worker\.unsync\.backoff|scheduled\.rebalance\.max\.delay)\.ms$/, alone],
  [/^(connect\.protocol|inter\.worker\..*)$/, alone],
]

const meaninglessEmbedded: typeof meaningless = [
  [/^offset\.storage\.file\.filename$/, 'offsets are in the data directory (data.dir)'],
  [
    /^(config|offset|status)\.storage\.(?!topic$|partitions$)/,
    'the embedded broker has one copy of each topic',
  ],
]

const meaninglessOnKafka: typeof meaningless = [
  [/^(rowtap\.)?data\.dir$/, 'with bootstrap.servers everything is in Kafka'],
  [/^broker\./, 'it is for the embedded broker'],
  [/^offset\.storage\.file\.filename$/, 'offsets are in the topic offset.storage.topic'],
]

/** Throws for the first property that must not be passed over. */
export function refuseUnsupported(properties: RawConfig, kafka: boolean, mode: WorkerMode): void {
  const standalone = mode === 'standalone' ? [standaloneOnKafka] : []
  for (const { key, harmless, remedy } of [...standalone, ...refusals, kafka ? onKafka : onEmbedded]) {
    const value = properties[key]?.trim()
    if (value === undefined || harmless.test(value)) continue
    throw new ConfigError(`The worker property ${key} is set to ${value}, which rowtap does not support.`, {
      remedy,
    })
  }
}

/** One sentence for each property that has no effect. */
export function withoutEffect(properties: RawConfig, kafka: boolean): readonly string[] {
  const rules = [...meaningless, ...(kafka ? meaninglessOnKafka : meaninglessEmbedded)]
  return Object.entries(properties).flatMap(([key, value]) => {
    const [, instead] = rules.find(([pattern]) => pattern.test(key)) ?? []
    return instead === undefined || value === ''
      ? []
      : [`The worker property ${key} has no effect: ${instead}.`]
  })
}
