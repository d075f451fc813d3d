/** The schema as of a stored offset, out of the history. */
import type { OffsetMap } from '#data'
import type { MysqlConfig } from './config/servers.ts'
import { gtidSources } from './config/settings.ts'
import { historyPosition, logOrder, type PositionOrder, positionOrder } from './history/index.ts'
import { givenOut } from './offset.ts'
import type { SchemaKeeper } from './schema-keeper.ts'
import type { Server } from './server/index.ts'

export async function recoverSchema(
  schema: SchemaKeeper,
  config: MysqlConfig,
  server: Server,
  offset: OffsetMap,
): Promise<void> {
  await schema.recover(recoveredUntil(config, server, givenOut(offset)))
}

/** By files alone where GTIDs are not to be minded. */
function recoveredUntil(config: MysqlConfig, server: Server, offset: OffsetMap): PositionOrder {
  const { file, pos } = offset
  if (config['gtid.ignore.on.recovery'] && typeof file === 'string') return logOrder(file, Number(pos))
  return positionOrder(server, historyPosition(offset), gtidSources(config))
}
