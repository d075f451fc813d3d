/** The schema as of the place where a replay begins; it goes on from there with the replay. */
import type { RawConfig, SourceContext } from '#plugin'
import type { MysqlConfig } from '../config/servers.ts'
import {
  ddlFilter,
  defaultDdlFilter,
  logOrder,
  openHistoryStore,
  parseHistorySettings,
} from '../history/index.ts'
import { SchemaKeeper } from '../schema-keeper.ts'
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

const history = 'schema.history.internal'

/** Refuses where the history does not reach back to the place. */
export async function schemaAt(spot: Spot, parts: SchemaParts): Promise<SchemaKeeper> {
  const { raw, config, facts, capture, context } = parts
  const { topicLog, log, metrics } = context
  const prefix = config['topic.prefix']
  const store = new ReplayHistory(openHistoryStore(parseHistorySettings(raw), topicLog, log), prefix)
  const keeper = new SchemaKeeper({
    server: facts.server,
    topicPrefix: prefix,
    foldsCase: facts.foldsCase,
    capture: capture.ddl,
    filter: ddlFilter(config[`${history}.ddl.filter`] ?? defaultDdlFilter),
    prefersDdl: config[`${history}.prefer.ddl`],
    skipsUnparseable: config[`${history}.skip.unparseable.ddl`],
    comments: config['include.schema.comments'],
    store,
    log,
    metrics,
  })
  try {
    await keeper.recover(logOrder(spot.file, spot.pos))
    store.mustReachBackTo(spot)
    return keeper
  } catch (error) {
    await keeper[Symbol.asyncDispose]()
    throw error
  }
}
