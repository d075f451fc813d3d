/** Replays of the connectors for MySQL and MariaDB, and offsets that are set by hand. */
import type { TopicNames } from '#cdc'
import { topicNames } from '#cdc'
import {
  type ConfigFields,
  parseConfig,
  type RawConfig,
  type ReplayPlan,
  type ReplayRequest,
  type SourceContext,
  type SourcePlugin,
  type SourceReplay,
} from '#plugin'
import { gtidSources } from '../config/settings.ts'
import type { MysqlConfig } from '../config/servers.ts'
import type { SchemaKeeper } from '../schema-keeper.ts'
import type { Server } from '../server/index.ts'
import { pathOf } from '../tables/capture.ts'
import { alteredOffsets } from './alter-offsets.ts'
import { ReplayCapture } from './capture.ts'
import type { Spot } from './find.ts'
import { type LiveLog, liveLog } from './live-log.ts'
import { logAccess, replayServerId } from './options.ts'
import { type PlannedTable, planReplay, spotOf } from './plan.ts'
import { MysqlReplay, type ReplayLog } from './run.ts'
import { type SchemaParts, schemaAt } from './schema.ts'

export { ReplayCapture } from './capture.ts'
export type { ReplayLog } from './run.ts'

/** What the connector opens its log with, for a replay. */
export interface ReplayStart extends SchemaParts {
  /** With the replay's own database.server.id. */
  readonly raw: RawConfig
  readonly capture: ReplayCapture
  /** As of `from`; its statements are recorded nowhere. Closed with the log. */
  readonly schema: SchemaKeeper
  readonly from: Spot
  /** Nothing that begins there is given out. */
  readonly until: Spot
}

export type OpenReplayLog = (start: ReplayStart) => Promise<ReplayLog>

export function sourceReplay(server: Server, fields: ConfigFields, openLog: OpenReplayLog): SourceReplay {
  return {
    async plan(raw, request, context) {
      const { parts, log } = await opened(server, fields, raw, request, context)
      const topics = topicNames(parts.config)
      return planReplay(log, request, async (spot) => {
        await using schema = await schemaAt(spot, parts)
        return capturedTables(schema, parts.capture, topics)
      })
    },
    async open(raw, request, plan: ReplayPlan, context) {
      const { parts, log } = await opened(server, fields, raw, request, context)
      const [from, until] = [spotOf(plan.start), spotOf(plan.end)]
      const schema = await schemaAt(from, parts)
      try {
        return new MysqlReplay(plan, await openLog({ ...parts, schema, from, until }), log)
      } catch (error) {
        await schema[Symbol.asyncDispose]()
        throw error
      }
    },
  }
}

async function opened(
  server: Server,
  fields: ConfigFields,
  raw: RawConfig,
  request: ReplayRequest,
  context: SourceContext,
): Promise<{ parts: Omit<ReplayStart, 'schema' | 'from' | 'until'>; log: LiveLog }> {
  const serverId = replayServerId(parseConfig(fields, raw) as unknown as MysqlConfig)
  const own = {
    ...raw,
    'database.server.id': String(serverId),
    // Who asks for some tables asks for their rows.
    ...(request.tables.length === 0 ? {} : { 'include.schema.changes': 'false' }),
  }
  const config = parseConfig(fields, own) as unknown as MysqlConfig
  const signals = { 'signal.data.collection': raw['signal.data.collection'] ?? null }
  const capture = new ReplayCapture({ ...config, ...signals }, request.tables)
  const log = await liveLog(logAccess(server, config, serverId, context.signal))
  return { parts: { raw: own, config, facts: log.facts, capture, context }, log }
}

function capturedTables(
  { catalog }: SchemaKeeper,
  capture: ReplayCapture,
  topics: Pick<TopicNames, 'table'>,
): readonly PlannedTable[] {
  return [...catalog.tables()]
    .filter(({ id }) => capture.table(id))
    .map(({ id }) => ({ name: pathOf(id), topic: topics.table(id.database, id.table) }))
}

/** As long as REST waits for an answer. */
const alterMs = 85_000

export function alterOffsets(
  server: Server,
  fields: ConfigFields,
): NonNullable<SourcePlugin['alterOffsets']> {
  return (raw, offsets) => {
    const config = parseConfig(fields, raw) as unknown as MysqlConfig
    // The connector is stopped: nobody else reads under its number.
    const access = logAccess(server, config, config['database.server.id'], AbortSignal.timeout(alterMs))
    return alteredOffsets({ ...access, prefix: config['topic.prefix'], counts: gtidSources(config) }, offsets)
  }
}
