/**
 * Where the log ends, for marks without a write: by GTIDs where positions have them, else by file and position. And the
 * other way round: what the stream has given out may not be visible to a query yet, since a transaction is in the log a
 * moment before it is committed.
 */
import type { LogEnd } from '#cdc'
import { RetriableError } from '#errors'
import { type ExecutedGtids, executedGtids } from '../log/executed-gtids.ts'
import { isBefore } from '../log/log-cursor.ts'
import type { LogPlace } from '../offset.ts'
import { type Client, type LogPosition, logPosition, type ServerFacts } from '../server/index.ts'
import type { Session } from './session.ts'

export interface StreamEnd {
  readonly facts: ServerFacts
  /** The log is read with gtid.source.includes or .excludes: sets cannot be compared. */
  readonly filtered: boolean
  /** The reader of the log: how far it has given out transactions as a whole, and what it has begun. null: none reads. */
  readonly reader: () => { readonly place: LogPlace; readonly begun: ExecutedGtids | null } | null
}

export function logEnd(session: Session, { facts, filtered, reader }: StreamEnd): LogEnd<LogPosition> {
  return {
    end: () => session.use((client) => logPosition(client, facts)),
    reached: (end) => {
      const place = reader()?.place ?? null
      if (place === null) return false
      return end.gtids !== null && place.gtids !== null && !filtered
        ? executedGtids(facts.server, place.gtids.toString()).contains(end.gtids)
        : !isBefore(place, end)
    },
  }
}

const WAIT_SECONDS = 60

/** MySQL only: MariaDB has no such function for its own transactions. */
export function caughtUp({ facts, reader }: Omit<StreamEnd, 'filtered'>): (client: Client) => Promise<void> {
  if (facts.server !== 'mysql' || !facts.gtids) return async () => {}
  return async (client) => {
    const gtids = reader()?.begun?.toString() ?? ''
    if (gtids === '') return
    const [row] = await client.query('SELECT WAIT_FOR_EXECUTED_GTID_SET(?, ?) AS late', [gtids, WAIT_SECONDS])
    if (row?.['late'] !== '0')
      throw new RetriableError(`The server has not committed what is in its log within ${WAIT_SECONDS} s.`)
  }
}
