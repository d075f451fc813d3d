/** The transactions of one file of the log, in their order. A transaction never spans files. */
import type { Gtid, MariadbGtidEntry } from '../decode/gtid-events.ts'
import { GtidSet } from '../decode/gtid-set.ts'
import { MariadbGtidPosition } from '../decode/mariadb-gtid.ts'
import type { Server } from '../server/index.ts'
import { isBetweenTransactions, type LogEvent } from './log-events.ts'

export interface Transaction {
  readonly gtid: Gtid | MariadbGtidEntry
  readonly begin: number
  /** The latest time of its events: that of its commit. */
  readonly timestamp: number
  /** Behind its last event. */
  readonly end: number
}

/** In batches, as they come. */
export async function* transactionsOf(
  batches: AsyncIterable<readonly LogEvent[]>,
): AsyncIterable<readonly Transaction[]> {
  let open: { -readonly [K in keyof Transaction]: Transaction[K] } | null = null
  for await (const batch of batches) {
    const closed: Transaction[] = []
    for (const event of batch) {
      const { gtid, start, end, timestamp } = event
      if (open !== null && isBetweenTransactions(event)) {
        closed.push(open)
        open = null
      }
      if (gtid !== null) open = { gtid, begin: start, end, timestamp }
      else if (open !== null) {
        open.end = end
        open.timestamp = Math.max(open.timestamp, timestamp)
      }
    }
    if (closed.length > 0) yield closed
  }
  if (open !== null) yield [open]
}

/** What was executed before a place: a set of MySQL or a position of MariaDB. */
export type Executed = GtidSet | MariadbGtidPosition

export function parseExecuted(text: string, server: Server): Executed {
  return server === 'mysql' ? GtidSet.parse(text) : MariadbGtidPosition.parse(text)
}

export function isExecuted(executed: Executed, gtid: Transaction['gtid']): boolean {
  if (executed instanceof GtidSet)
    return 'uuid' in gtid && gtid.uuid !== null && executed.has(gtid.uuid, gtid.tag, gtid.number)
  return 'domain' in gtid && executed.has(gtid)
}

export function withExecuted(executed: Executed, gtid: Transaction['gtid']): Executed {
  if (executed instanceof GtidSet)
    return 'uuid' in gtid && gtid.uuid !== null ? executed.with(gtid.uuid, gtid.tag, gtid.number) : executed
  return 'domain' in gtid ? executed.with(gtid) : executed
}

/** What of `wanted` is not in `executed`; null: nothing. */
export function missingFrom(executed: Executed, wanted: Executed): string | null {
  const missing =
    executed instanceof GtidSet
      ? wanted instanceof GtidSet
        ? wanted.subtract(executed)
        : GtidSet.empty
      : wanted instanceof MariadbGtidPosition
        ? wanted.subtract(executed)
        : MariadbGtidPosition.empty
  return missing.isEmpty ? null : missing.toString()
}
