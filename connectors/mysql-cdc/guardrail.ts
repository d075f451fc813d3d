/** guardrail.collections.max: a filter that takes in more tables than anybody meant is told before it costs something. */
import { ConfigError } from '#errors'
import type { Logger } from '#observe'
import type { MysqlConfig } from './config/servers.ts'

const property = 'guardrail.collections.max'

export type GuardrailConfig = Pick<MysqlConfig, typeof property | 'guardrail.collections.limit.action'>

/** `count`: asked only where there is a limit. */
export async function guardTables(
  config: GuardrailConfig,
  count: () => Promise<number>,
  log: Pick<Logger, 'warn'>,
): Promise<void> {
  const most = config[property]
  if (most === 0) return
  const tables = await count()
  if (tables <= most) return
  const message = `${tables} tables are captured, and ${property} allows ${most}.`
  if (config['guardrail.collections.limit.action'] === 'fail')
    throw new ConfigError(message, {
      remedy: `Narrow table.include.list, raise ${property}, or set guardrail.collections.limit.action=warn.`,
    })
  log.warn({ tables, most }, message)
}
