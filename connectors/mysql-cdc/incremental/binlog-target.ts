/**
 * Where `set-binlog-position` sends the connector:
 *
 *   {"binlog_filename": "mysql-bin.000003", "binlog_position": 154}        or        {"gtid_set": "uuid:1-10"}
 */
import { type Signal, SignalProblem } from '#cdc'
import { messageOf } from '#errors'
import type { Dialect } from '../ddl/index.ts'
import { executedGtids } from '../log/executed-gtids.ts'

export type BinlogTarget = { readonly file: string; readonly pos: number } | { readonly gtids: string }

export function binlogTarget(server: Dialect['server'], { data }: Signal): BinlogTarget {
  const { binlog_filename: file, binlog_position: pos, gtid_set: gtids } = data
  const isPlace = file !== undefined || pos !== undefined
  if (isPlace === (gtids !== undefined))
    throw new SignalProblem('it needs binlog_filename and binlog_position, or gtid_set alone')
  if (!isPlace) return { gtids: gtidText(server, gtids) }
  if (typeof file !== 'string' || !/^.+\.\d{6,}$/.test(file))
    throw new SignalProblem('binlog_filename is no name of a binlog (mysql-bin.000001)')
  if (typeof pos !== 'number' || !Number.isSafeInteger(pos) || pos < 4)
    throw new SignalProblem('binlog_position is no position in a binlog')
  return { file, pos }
}

function gtidText(server: Dialect['server'], given: unknown): string {
  if (typeof given !== 'string' || given.trim() === '') throw new SignalProblem('gtid_set is no text')
  try {
    return executedGtids(server, given.trim()).toString()
  } catch (error) {
    throw new SignalProblem(`gtid_set cannot be read: ${messageOf(error)}`)
  }
}
