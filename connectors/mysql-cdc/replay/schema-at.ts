/**
 * The schema as of a place in the log, out of the connector's history, which is only read. A history begins with the
 * connector's first snapshot: before that nobody knows what the tables looked like.
 */
import { ConfigError } from '#errors'
import { type HistoryPosition, HistoryRecovery, logOrder, type RecoveryOptions } from '../history/index.ts'
import type { HistoryRecord } from '../history/index.ts'
import type { Catalog } from '../ddl/index.ts'
import type { Spot } from './find.ts'
import { spotText } from './plan.ts'

export interface ReadableHistory {
  readonly name: string
  records(): AsyncIterable<readonly HistoryRecord[]>
}

export async function schemaAt(
  history: ReadableHistory,
  spot: Spot,
  options: Omit<RecoveryOptions, 'until'>,
): Promise<Catalog> {
  const recovery = new HistoryRecovery({ ...options, until: logOrder(spot.file, spot.pos) })
  let first: HistoryPosition | null = null
  for await (const records of history.records())
    for (const record of records) {
      if (record.server === options.server) first ??= record.position
      recovery.apply(record)
    }
  if (recovery.applied > 0) return recovery.finish()
  if (first === null)
    throw new ConfigError(`The schema history (${history.name}) has nothing of this connector.`, {
      remedy: 'A replay needs the history of a connector that has run: start the connector first.',
    })
  const begin = `${String(first['file'])}:${String(first['pos'] ?? 0)}`
  throw new ConfigError(
    `The schema history (${history.name}) does not reach back to ${spotText(spot)}: it begins at ${begin}.`,
    {
      remedy: `Begin at ${begin} or later: what the tables looked like before is not known.`,
    },
  )
}
