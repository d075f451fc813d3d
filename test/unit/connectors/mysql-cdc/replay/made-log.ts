/** Logs for the finder: recorded files of real servers, and files of transactions that a test lists. */
import { GtidSet } from '../../../../../connectors/mysql-cdc/decode/gtid-set.ts'
import { eventType as E } from '../../../../../connectors/mysql-cdc/decode/event-types.ts'
import type { LogFiles } from '../../../../../connectors/mysql-cdc/replay/find.ts'
import { LogCursor, type LogEvent } from '../../../../../connectors/mysql-cdc/replay/log-events.ts'
import type { Server } from '../../../../../connectors/mysql-cdc/server/index.ts'
import { golden, spans } from '../golden.ts'

export function recordedLog(name: string, server: Server): LogFiles & { readonly all: readonly LogEvent[] } {
  const bytes = golden(`${name}.binlog`)
  const cursor = new LogCursor('log.000001', 4, false)
  const all = spans(bytes).flatMap(([from, to]) => cursor.take(bytes, from, to) ?? [])
  return logOf(server, [['log.000001', all]], all)
}

export const uuid = '11111111-2222-3333-4444-555555555555'

export interface MadeTransaction {
  readonly number: bigint
  /** Of its events: GTID, rows, commit. */
  readonly times: readonly [number, number, number]
}

/** Each transaction takes 100 bytes behind a head of 96; GTID, rows and commit of 20, 50 and 30. */
export function madeFile(
  file: string,
  begun: number,
  previous: string,
  transactions: readonly MadeTransaction[],
): readonly [string, readonly LogEvent[]] {
  const made: LogEvent[] = []
  const add = (type: number, size: number, timestamp: number, more: Partial<LogEvent> = {}) => {
    const start = made.at(-1)?.end ?? 4
    made.push({ file, start, end: start + size, type, timestamp, gtid: null, previous: null, ...more })
  }
  add(E.FORMAT_DESCRIPTION, 46, begun)
  add(E.PREVIOUS_GTIDS, 50, begun, { previous: GtidSet.parse(previous) })
  for (const { number, times } of transactions) {
    const gtid = { uuid, tag: '', number, originalCommit: null, immediateCommit: null }
    add(E.GTID, 20, times[0], { gtid })
    add(E.WRITE_ROWS, 50, times[1])
    add(E.XID, 30, times[2])
  }
  add(E.ROTATE, 10, transactions.at(-1)?.times[2] ?? begun)
  return [file, made]
}

export function logOf(
  server: Server,
  files: readonly (readonly [string, readonly LogEvent[]])[],
  all: readonly LogEvent[] = [],
): LogFiles & { readonly all: readonly LogEvent[]; readonly opened: string[] } {
  const opened: string[] = []
  return {
    server,
    all,
    opened,
    files: files.map(([file, events]) => ({ file, size: events.at(-1)?.end ?? 4 })),
    async *events(file, from) {
      opened.push(file)
      const events = files.find(([name]) => name === file)?.[1] ?? []
      const wanted = events.filter(({ start }) => start >= from)
      // A batch may end within a transaction.
      for (let at = 0; at < wanted.length; at += 4) yield wanted.slice(at, at + 4)
    },
  }
}
