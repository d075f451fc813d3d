import { type Logger, logger } from '#observe'

let own: Logger | null = null

/** One for all consumers and readers of this thread. */
export function log(): Logger {
  return (own ??= logger('rowtap.broker.kafka.consumer'))
}
