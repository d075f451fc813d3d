/** What came live, once more: the log is read again from a position on, over REST, into topics beside the live ones. */
import { setTimeout as delay } from 'node:timers/promises'
import { ConnectError } from '#errors'
import type { ReplayStatus } from '#worker'
import type { RestClient } from '../client.ts'
import { planText, progressText } from '../replay-text.ts'
import type { Terminal } from './terminal.ts'

export const replaySuffix = '.replay'
const path = '/connectors/shop-source/replay'

/** Where the live changes begin. */
export interface Beginning {
  /** In the log. */
  readonly position: string
  /** Records that were in the topic. */
  readonly records: number
}

export async function recordsIn(topic: string, rest: RestClient): Promise<number> {
  if (!((await rest.get('/topics')) as string[]).includes(topic)) return 0
  const { partitions } = (await rest.get(`/topics/${topic}`)) as { partitions: { next: number | string }[] }
  return partitions.reduce((sum, { next }) => sum + Number(next), 0)
}

/** Resolves to whether as many records came again as had come live. */
export async function replayLive(
  topic: string,
  { position, records }: Beginning,
  rest: RestClient,
  terminal: Terminal,
): Promise<boolean> {
  const order = { from: position, topic_suffix: replaySuffix }
  terminal.line(`\n  POST ${path} ${terminal.bold(JSON.stringify(order))}`)
  const before = await recordsIn(topic + replaySuffix, rest)
  let status = (await rest.send('POST', path, order)) as ReplayStatus
  for (let planned = false; ; status = (await rest.get(path)) as ReplayStatus) {
    if (status.plan !== null && !planned)
      for (const line of planText(status.plan, replaySuffix)) terminal.line(`  ${terminal.dim(line)}`)
    planned ||= status.plan !== null
    const over = status.ended_at !== null
    terminal.status(`  ${terminal.dim(progressText(status))}`, over)
    if (over) break
    await delay(100)
  }
  if (status.state !== 'FINISHED')
    throw new ConnectError(`The replay is ${status.state}: ${status.error ?? 'someone has stopped it'}`)
  const again = (await recordsIn(topic + replaySuffix, rest)) - before
  const live = (await recordsIn(topic, rest)) - records
  terminal.line(
    again === live
      ? `${terminal.green('✓')} ${again} records replayed, as many as came live (a deletion is two)`
      : `${terminal.red('✗')} ${again} records replayed, ${live} came live`,
  )
  return again === live
}
