/**
 * Where the log ends, for marks without a write: by GTIDs where positions have them, else by file and position. And the
 * other way round: what the stream has given out may not be visible to a query yet, since a transaction is in the log a
 * moment before it is committed.
 */
import type { LogEnd } from '#cdc'
import { isBefore } from '../log/log-cursor.ts'
import type { ExecutedGtids } from '../log/executed-gtids.ts'
import { type Client, type LogPosition, logPosition, type ServerFacts } from '../server/index.ts'
import type { Session } from './session.ts'

/** How far the stream is. */
export interface StreamPlace {
  readonly file: string
  readonly pos: number
  /** Transactions that were given out as a whole; null: there are no GTIDs. */
  readonly executed: ExecutedGtids | null
  /** With the one that is given out now. */
  readonly begun: ExecutedGtids | null
}

export interface StreamEnd {
  readonly facts: ServerFacts
  /** The log is read with gtid.source.includes or .excludes: sets cannot be compared. */
  readonly filtered: boolean
  readonly place: () => StreamPlace
}

export function logEnd(session: Session, { facts, filtered, place }: StreamEnd): LogEnd<LogPosition> {
  return {
    end: () => session.use((client) => logPosition(client, facts)),
    reached: (end) => {
      const { file, pos, executed } = place()
      return end.gtids !== null && executed !== null && !filtered
        ? executed.contains(end.gtids)
        : !isBefore({ file, pos }, end)
    },
  }
}

const WAIT_SECONDS = 60

/** MySQL only: MariaDB has no such function for its own transactions. */
export function caughtUp({
  facts,
  place,
}: Pick<StreamEnd, 'facts' | 'place'>): (client: Client) => Promise<void> {
  if (facts.server !== 'mysql' || !facts.gtids) return async () => {}
  return async (client) => {
    const gtids = place().begun?.toString() ?? ''
    if (gtids === '') return
    await client.query('SELECT WAIT_FOR_EXECUTED_GTID_SET(?, ?)', [gtids, WAIT_SECONDS])
  }
}
