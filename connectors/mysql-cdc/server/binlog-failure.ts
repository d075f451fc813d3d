/** Why a server sends no more of its log, and what to do about it. */
import { ConnectError, RetriableError } from '#errors'
import { errorNumber, isConnectionLoss } from './failures.ts'
import { type Login, placeOf } from './login.ts'

/**
 * lost: try again. purged: the log no longer reaches back to the start. clash: another reader has our server id.
 * foreign: the start is not of this server's history. other: whatever else the server says.
 */
export type BinlogFailureKind = 'lost' | 'purged' | 'clash' | 'foreign' | 'other'

const retriableClass = new RetriableError('').javaClass
const connectClass = new ConnectError('').javaClass

export class BinlogFailure extends ConnectError {
  override readonly name = 'BinlogFailure'
  override readonly retriable: boolean
  override readonly javaClass: string
  readonly kind: BinlogFailureKind

  constructor(kind: BinlogFailureKind, message: string, details: { remedy?: string; cause?: unknown } = {}) {
    super(message, details)
    this.kind = kind
    this.retriable = kind === 'lost'
    this.javaClass = this.retriable ? retriableClass : connectClass
  }
}

const READING_BINLOG = 1236
/** MariaDB. */
const SAME_SERVER_ID = 4052
const NO_ACCESS: ReadonlySet<number> = new Set([1045, 1142, 1227])

/** Which of the many things that 1236 stands for; the servers say it in words only. */
const words: readonly (readonly [BinlogFailureKind, RegExp])[] = [
  // binlog_checksum was switched on meanwhile: the next session agrees on it.
  ['lost', /can not handle replication events with the checksum/i],
  ['clash', /same server_(uu)?id/i],
  ['purged', /could not find first log file|purged|GTID state requested by slave in any binlog/i],
  [
    'foreign',
    /position > file size|impossible position|not in the (master|source)'s binlog|more GTIDs than|does not (have|contain) .*GTID|diverged/i,
  ],
]

export function failureKind(error: unknown): BinlogFailureKind {
  if (isConnectionLoss(error)) return 'lost'
  const number = errorNumber(error)
  if (number === SAME_SERVER_ID) return 'clash'
  if (number !== READING_BINLOG) return 'other'
  const text = (error as Error).message
  return words.find(([, pattern]) => pattern.test(text))?.[0] ?? 'other'
}

export interface FailurePlace {
  readonly login: Login
  /** In words: `mysql-bin.000003:154`, or `after the GTIDs …`. */
  readonly start: string
  readonly serverId: number
  /** The oldest file of the log; null: nobody knows. */
  readonly oldest: string | null
}

/** The failure to report for what the server or the socket said. */
export function binlogFailure(error: unknown, place: FailurePlace): BinlogFailure {
  const server = placeOf(place.login)
  switch (failureKind(error)) {
    case 'lost':
      return new BinlogFailure('lost', `The log of ${server} cannot be read on: the connection was lost.`, {
        cause: error,
      })
    case 'purged':
      return new BinlogFailure(
        'purged',
        `${server} no longer has its log from ${place.start} on${
          place.oldest === null ? '' : `: the oldest file that is left is ${place.oldest}`
        }. Changes since then are lost to this connector.`,
        {
          remedy:
            'Set snapshot.mode=when_needed, or delete the offsets of the connector, for a new snapshot; and keep logs longer (binlog_expire_logs_seconds).',
          cause: error,
        },
      )
    case 'clash':
      return new BinlogFailure(
        'clash',
        `${server} has closed this reader of its log because another one has come with the same server id ${place.serverId}.`,
        {
          remedy:
            'Give each connector and each replica an id of its own: set database.server.id to one that no other has.',
          cause: error,
        },
      )
    case 'foreign':
      return new BinlogFailure(
        'foreign',
        `${server} has no place in its log for ${place.start}: it is another server, or its log was reset or replaced.`,
        {
          remedy:
            'Connect to the server that the offsets are of, or delete the offsets of the connector for a new snapshot.',
          cause: error,
        },
      )
    case 'other':
      return new BinlogFailure('other', `${server} does not send its log from ${place.start} on.`, {
        ...(NO_ACCESS.has(errorNumber(error) ?? 0)
          ? { remedy: 'Grant the user REPLICATION SLAVE and REPLICATION CLIENT on *.*.' }
          : { remedy: error instanceof Error ? error.message : '' }),
        cause: error,
      })
  }
}
