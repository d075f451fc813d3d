/** What a replay will read: its ends, how much lies between them, and what the tables looked like at its beginning. */
import { ConfigError } from '#errors'
import type { ReplayPlan, ReplayRequest } from '#plugin'
import { bytesBetween, endBefore, findPlace, logEnd, type LogFiles, type Spot } from './find.ts'
import { parsePlace } from './place.ts'

export interface PlannedTable {
  /** `database.table` */
  readonly name: string
  readonly topic: string
}

/** The captured tables as of a place; throws where the history does not reach back to it. */
export type TablesAt = (spot: Spot) => Promise<readonly PlannedTable[]>

export async function planReplay(
  log: LogFiles,
  request: ReplayRequest,
  tablesAt: TablesAt,
): Promise<ReplayPlan> {
  const from = await findPlace(log, parsePlace(request.from, log.server), 'from')
  const wanted =
    request.to === null
      ? { ...logEnd(log), note: null }
      : await findPlace(log, parsePlace(request.to, log.server), 'to')
  if (bytesBetween(log, from, wanted) < 0)
    throw new ConfigError(
      `The replay would end at ${spotText(wanted)}, before it begins at ${spotText(from)}.`,
    )
  const last = await endBefore(log, wanted)
  const to = bytesBetween(log, from, last) < 0 ? from : last
  const bytes = bytesBetween(log, from, to)
  const tables = await tablesAt(from)
  if (tables.length === 0 && request.tables.length > 0)
    throw new ConfigError(`No captured table matches ${request.tables.join(', ')} at ${spotText(from)}.`, {
      remedy: 'Give regular expressions for whole names, as in table.include.list: inventory\\.orders.',
    })
  const { events, estimated } = await countEvents(log, from, to, bytes)
  const empty = bytes === 0 ? 'There is nothing to read: no transaction lies between the two.' : null
  return {
    from: spotText(from),
    to: spotText(to),
    start: offsetOf(from),
    end: offsetOf(to),
    bytes,
    events,
    estimated,
    tables: tables.map(({ name }) => name),
    topics: [...new Set(tables.map(({ topic }) => topic))],
    notes: [from.note, wanted.note, empty].filter((note) => note !== null),
  }
}

export function spotText({ file, pos }: Spot): string {
  return `${file}:${pos}`
}

function offsetOf({ file, pos }: Spot): ReplayPlan['start'] {
  return { file, pos: BigInt(pos) }
}

export function spotOf(offset: ReplayPlan['start']): Spot {
  return { file: String(offset['file']), pos: Number(offset['pos']) }
}

/** The events of so many bytes stand for those of the rest. */
const sampleBytes = 8 * 1024 * 1024

async function countEvents(
  log: LogFiles,
  from: Spot,
  to: Spot,
  bytes: number,
): Promise<Pick<ReplayPlan, 'events' | 'estimated'>> {
  let events = 0
  let read = 0
  const first = log.files.findIndex(({ file }) => file === from.file)
  const last = log.files.findIndex(({ file }) => file === to.file)
  for (const { file, size } of log.files.slice(first, last + 1)) {
    const begin = file === from.file ? from.pos : 4
    const end = file === to.file ? to.pos : size
    if (begin >= end) continue
    for await (const batch of log.events(file, begin)) {
      const counted = batch.filter((event) => event.start < end)
      events += counted.length
      read += counted.reduce((sum, event) => sum + event.end - event.start, 0)
      if (read >= sampleBytes) return { events: Math.round((events / read) * bytes), estimated: true }
      if (counted.length < batch.length) break
    }
  }
  return { events, estimated: false }
}
