/** The channels of signals and notifications that a configuration turns on. */
import { ConfigError } from '#errors'
import type { RawConfig, SourceContext } from '#plugin'
import type { SnapshotProgressState } from '../incremental/incremental-offset.ts'
import { Notifier } from '../notifications/notification.ts'
import { notificationChannels, type SignalConfig, signalChannels } from '../signal-config.ts'
import type { SignalChannel } from './signal-channel.ts'
import { SignalFile } from './signal-file.ts'
import { SignalTopic } from './signal-topic.ts'

type NamedConfig = SignalConfig & { readonly 'topic.prefix': string }

/** Those beside the stream. */
export function signalChannelsOf(
  raw: RawConfig,
  config: NamedConfig,
  context: SourceContext,
  { signalOffset }: SnapshotProgressState,
): readonly SignalChannel[] {
  const names = signalChannels(config)
  const { log } = context
  const prefix = config['topic.prefix']
  const channels: SignalChannel[] = []
  if (names.has('file')) channels.push(new SignalFile(config['signal.file']))
  if (names.has('kafka')) {
    const topic = context.topicLog({
      topic: config['signal.kafka.topic'] ?? `${prefix}-signal`,
      bootstrapServers: config['signal.kafka.bootstrap.servers'],
      producer: {},
      consumer: consumerProperties(raw),
    })
    channels.push(new SignalTopic(topic, prefix, signalOffset, log))
  }
  return channels
}

const consumerPrefix = 'signal.consumer.'

function consumerProperties(raw: RawConfig): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(raw).flatMap(([name, value]) =>
      name.startsWith(consumerPrefix) && value !== null ? [[name.slice(consumerPrefix.length), value]] : [],
    ),
  )
}

export function notifierOf(config: NamedConfig, { log }: Pick<SourceContext, 'log'>): Notifier {
  const names = notificationChannels(config)
  const topic = config['notification.sink.topic.name']
  if (names.has('sink') && topic === null)
    throw new ConfigError('notification.sink.topic.name is missing: notification.enabled.channels has sink.')
  return new Notifier({
    server: config['topic.prefix'],
    topic: names.has('sink') ? topic : null,
    logs: names.has('log'),
    log,
  })
}
