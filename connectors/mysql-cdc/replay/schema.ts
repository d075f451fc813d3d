/** The schema as of the place where a replay begins; it goes on from there with the replay. */
import type { RawConfig, SourceContext } from '#plugin'
import type { MysqlConfig } from '../config/servers.ts'
import { logOrder } from '../history/index.ts'
import { historyStore, schemaKeeper } from '../parts.ts'
import type { SchemaKeeper } from '../schema-keeper.ts'
import type { ServerFacts } from '../server/index.ts'
import type { Capture } from '../tables/capture.ts'
import type { Spot } from './find.ts'
import { ReplayHistory } from './history.ts'

export interface SchemaParts {
  readonly raw: RawConfig
  readonly config: MysqlConfig
  readonly facts: ServerFacts
  readonly capture: Capture
  readonly context: SourceContext
}

/** Refuses where the history does not reach back to the place. */
export async function schemaAt(spot: Spot, parts: SchemaParts): Promise<SchemaKeeper> {
  const { raw, config, facts, capture, context } = parts
  const history = new ReplayHistory(historyStore(raw, context), config['topic.prefix'])
  const keeper = schemaKeeper(config, context, facts, capture, history)
  try {
    await keeper.recover(logOrder(spot.file, spot.pos))
    history.mustReachBackTo(spot)
    return keeper
  } catch (error) {
    await keeper[Symbol.asyncDispose]()
    throw error
  }
}
