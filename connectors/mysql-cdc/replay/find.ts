/**
 * Finds places in the log. All that it finds is between two transactions of a file that is left; what lies before the
 * oldest one is refused with what is left (invariant 4).
 *
 * Of a time: file by file the log is in the order of its commits, and each file begins with the time it was begun at.
 * The last file that was begun before the time is searched from its beginning on: what has an event of that time or
 * later is not before the place.
 */
import { ConfigError } from '#errors'
import type { BinaryLog, Server } from '../server/index.ts'
import type { LogEvent } from './log-events.ts'
import { logBegin, type Place } from './place.ts'
import {
  type Executed,
  isExecuted,
  missingFrom,
  parseExecuted,
  type Transaction,
  transactionsOf,
  withExecuted,
} from './transactions.ts'

/** The log as of now. */
export interface LogFiles {
  readonly server: Server
  /** The oldest first; the last one's size is where the log ends. */
  readonly files: readonly BinaryLog[]
  /** From a place of the file to its end, in batches as they come. */
  events(file: string, from: number): AsyncIterable<readonly LogEvent[]>
}

export interface Spot {
  readonly file: string
  readonly pos: number
}

export interface Found extends Spot {
  /** What differs from what was asked for, as a sentence. */
  readonly note: string | null
}

/** `side`: where a place inside a transaction goes to. A time at the end counts as a whole: its second is included. */
export async function findPlace(log: LogFiles, place: Place, side: 'from' | 'to'): Promise<Found> {
  if (log.files.length === 0) throw new ConfigError('The server has no log.', { remedy: 'Set log_bin.' })
  if (place.kind === 'position') return atPosition(log, { file: place.file, pos: place.pos }, side)
  if (place.kind === 'gtids') return firstNotIn(log, parseExecuted(place.gtids, log.server))
  return sinceTime(log, side === 'from' ? place.seconds : place.seconds + 1, place.text, side)
}

export function logEnd({ files }: LogFiles): Spot {
  const last = files.at(-1)
  return { file: last?.file ?? '', pos: last?.size ?? logBegin }
}

async function atPosition(log: LogFiles, wanted: Spot, side: 'from' | 'to'): Promise<Found> {
  const file = log.files.find((each) => each.file === wanted.file)
  if (file === undefined) throw unknownFile(log, wanted.file)
  if (wanted.pos > file.size)
    throw new ConfigError(`The log ${file.file} ends at ${file.size}: it has no position ${wanted.pos}.`)
  if (wanted.pos === file.size) return { ...wanted, note: null }
  const { before, within } = await around(log, wanted)
  if (within !== null) {
    const pos = side === 'from' ? within.begin : within.end
    const what = side === 'from' ? 'beginning' : 'end'
    const note = `${wanted.file}:${wanted.pos} is inside a transaction; taken is its ${what}, ${wanted.file}:${pos}.`
    return { file: wanted.file, pos, note }
  }
  // Between the transactions are events of the server's own: what does not begin one of them cannot be read from.
  return (await beginsEvent(log, wanted, before))
    ? { ...wanted, note: null }
    : {
        ...wanted,
        pos: before,
        note: `${wanted.file}:${wanted.pos} is inside an event; taken is ${wanted.file}:${before}.`,
      }
}

interface Around {
  /** Where the last transaction before it ends, or the file begins. */
  readonly before: number
  readonly within: Transaction | null
}

async function around(log: LogFiles, { file, pos }: Spot): Promise<Around> {
  let before = logBegin
  for await (const batch of transactionsOf(log.events(file, logBegin)))
    for (const transaction of batch) {
      if (transaction.begin >= pos) return { before, within: null }
      if (transaction.end > pos) return { before, within: transaction }
      before = transaction.end
    }
  return { before, within: null }
}

/** The end of the last transaction before a place between two: behind it a reader may wait for ever. */
export async function endBefore(log: LogFiles, spot: Spot): Promise<Spot> {
  return { file: spot.file, pos: (await around(log, spot)).before }
}

async function beginsEvent(log: LogFiles, { file, pos }: Spot, from: number): Promise<boolean> {
  if (pos === from) return true
  for await (const batch of log.events(file, from))
    for (const { start } of batch) {
      if (start === pos) return true
      if (start > pos) return false
    }
  return false
}

function unknownFile({ files }: LogFiles, file: string): ConfigError {
  const [oldest, newest] = [files[0]?.file ?? '', files.at(-1)?.file ?? '']
  return isBefore(file, oldest)
    ? new ConfigError(`The server has purged ${file}: the oldest log that is left is ${oldest}.`, {
        remedy: `Begin at ${oldest}:${logBegin}, or take a new snapshot.`,
      })
    : new ConfigError(`The server has no log ${file}: it has ${oldest} to ${newest}.`)
}

/** Logs count up, with more digits after 999999. */
function isBefore(file: string, other: string): boolean {
  const [name, number] = split(file)
  const [otherName, otherNumber] = split(other)
  return name === otherName && number < otherNumber
}

function split(file: string): readonly [string, number] {
  const dot = file.lastIndexOf('.')
  return [file.slice(0, dot), Number(file.slice(dot + 1))]
}

async function firstNotIn(log: LogFiles, wanted: Executed): Promise<Found> {
  const { files } = log
  const first = await lastFile(
    log,
    async (file) => missingFrom(wanted, await previousGtids(log, file)) === null,
  )
  if (first < 0) {
    const [oldest] = files as [BinaryLog]
    const lost = missingFrom(wanted, await previousGtids(log, oldest.file)) ?? ''
    throw new ConfigError(
      `The server has purged ${lost}, which the GTIDs given do not have: the oldest log that is left is ${oldest.file}.`,
      { remedy: `Begin at ${oldest.file}:${logBegin}, or add those GTIDs if you can do without them.` },
    )
  }
  return firstOf(log, first, ({ gtid }) => !isExecuted(wanted, gtid))
}

async function sinceTime(log: LogFiles, seconds: number, text: string, side: 'from' | 'to'): Promise<Found> {
  const first = await lastFile(log, async (file) => (await begunAt(log, file)) < seconds)
  const [oldest] = log.files as [BinaryLog]
  // A first file has nothing before it.
  if (first < 0 && split(oldest.file)[1] > 1 && side === 'from') {
    const time = new Date((await begunAt(log, oldest.file)) * 1000).toISOString().replace('.000', '')
    throw new ConfigError(
      `The server has purged its log of ${text}: the oldest that is left, ${oldest.file}, begins at ${time}.`,
      { remedy: `Begin at ${time} or at ${oldest.file}:${logBegin}, or take a new snapshot.` },
    )
  }
  return firstOf(log, Math.max(0, first), ({ timestamp }) => timestamp >= seconds)
}

/** The last file for which this holds; it holds for those before it as well. -1: for none. */
async function lastFile({ files }: LogFiles, holds: (file: string) => Promise<boolean>): Promise<number> {
  let [low, high] = [-1, files.length - 1]
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (await holds((files[middle] as BinaryLog).file)) low = middle
    else high = middle - 1
  }
  return low
}

async function firstOf(log: LogFiles, index: number, isIt: (each: Transaction) => boolean): Promise<Found> {
  for (const { file } of log.files.slice(index))
    for await (const batch of transactionsOf(log.events(file, logBegin))) {
      const found = batch.find(isIt)
      if (found !== undefined) return { file, pos: found.begin, note: null }
    }
  return { ...logEnd(log), note: null }
}

async function begunAt(log: LogFiles, file: string): Promise<number> {
  for await (const [first] of log.events(file, logBegin)) if (first !== undefined) return first.timestamp
  return Number.POSITIVE_INFINITY
}

async function previousGtids(log: LogFiles, file: string): Promise<Executed> {
  for await (const batch of log.events(file, logBegin))
    for (const { previous, gtid } of batch) {
      if (previous !== null) return previous
      if (gtid !== null) return parseExecuted('', log.server)
    }
  return parseExecuted('', log.server)
}

/** What was executed before a place between two transactions. */
export async function executedBefore(log: LogFiles, { file, pos }: Spot): Promise<Executed> {
  let executed = await previousGtids(log, file)
  for await (const batch of transactionsOf(log.events(file, logBegin)))
    for (const { begin, gtid } of batch) {
      if (begin >= pos) return executed
      executed = withExecuted(executed, gtid)
    }
  return executed
}

/** Bytes of the log from one place to another; negative: the other way round. */
export function bytesBetween({ files }: Pick<LogFiles, 'files'>, from: Spot, to: Spot): number {
  const at = (spot: Spot) => {
    const index = files.findIndex(({ file }) => file === spot.file)
    return files.slice(0, index).reduce((sum, { size }) => sum + size, 0) + spot.pos
  }
  return at(to) - at(from)
}
