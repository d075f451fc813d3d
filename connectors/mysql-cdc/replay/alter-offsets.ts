/**
 * Offsets that somebody sets by hand: `{"file","pos"}` or `{"gtids"}` alone will do. They are held against the server,
 * and what is missing is looked up in its log, so that this connector, or Debezium's, can begin there.
 */
import type { OffsetMap, OffsetValue } from '#data'
import { ConnectError } from '#errors'
import { type AlteredOffset, hashMapOrder } from '#plugin'
import { GtidSet } from '../decode/gtid-set.ts'
import { readOffset, type StoredPlace } from '../offset.ts'
import { positionProblem } from '../position-check.ts'
import { connect } from '../server/index.ts'
import { executedBefore, findPlace, type Found, logEnd } from './find.ts'
import { asOfNow, type LiveLog, type LogAccess } from './live-log.ts'
import { checkedGtids } from './place.ts'
import { spotText } from './plan.ts'
import { type Executed, parseExecuted } from './transactions.ts'

export interface OffsetRules extends LogAccess {
  /** topic.prefix */
  readonly prefix: string
  /** gtid.source.includes and gtid.source.excludes; null: all sources count. */
  readonly counts: ((source: string) => boolean) | null
}

/** With all that was missing. Throws where one of them is no place to begin at. */
export async function alteredOffsets(
  rules: OffsetRules,
  offsets: readonly AlteredOffset[],
): Promise<readonly AlteredOffset[]> {
  const completed: AlteredOffset[] = []
  for (const { partition, offset } of offsets) {
    // A reset of whatever is there: also of what should never have been.
    if (offset === null) {
      completed.push({ partition, offset })
      continue
    }
    checkPartition(partition, rules.prefix)
    checkKeys(offset)
    completed.push({ partition, offset: await completedOffset(rules, offset) })
  }
  return completed
}

function checkPartition(partition: OffsetMap | null, prefix: string): void {
  const expected = `{"server":${JSON.stringify(prefix)}}`
  if (partition === null || !('server' in partition))
    throw new ConnectError(`Partition objects should contain the key 'server', as in ${expected}.`)
  const other = Object.keys(partition).find((key) => key !== 'server')
  if (other !== undefined)
    throw new ConnectError(
      `Partition objects should not contain the key '${other}'; expected is ${expected}.`,
    )
  if (partition['server'] !== prefix)
    throw new ConnectError(
      `The value for the 'server' key in the partition is not the connector's topic.prefix; expected is ${expected}.`,
    )
}

const knownKeys: ReadonlySet<string> = new Set([
  ...['file', 'pos', 'gtids', 'event', 'row', 'server_id', 'ts_sec', 'snapshot', 'snapshot_completed'],
  ...['read_file', 'read_pos', 'read_gtids', 'read_event', 'read_row', 'transaction_id'],
])
const knownFamilies = ['transaction_data_collection_order_', 'incremental_snapshot_'] as const

function checkKeys(offset: OffsetMap): void {
  const unknown = Object.keys(offset).find(
    (key) => !knownKeys.has(key) && !knownFamilies.some((family) => key.startsWith(family)),
  )
  if (unknown !== undefined)
    throw new ConnectError(
      `Offset objects should not contain the key '${unknown}': {"file","pos"} or {"gtids"} is enough.`,
    )
  if ('pos' in offset && !('file' in offset))
    throw new ConnectError("Offset objects with the key 'pos' should contain the key 'file' too.")
}

async function completedOffset(rules: OffsetRules, offset: OffsetMap): Promise<OffsetMap> {
  const { resume } = readOffset(offset)
  const client = await connect(rules.login)
  try {
    const log = await asOfNow(client, rules)
    const { server } = log
    const place: StoredPlace = {
      file: resume.file,
      pos: resume.pos,
      gtids: resume.gtids === null ? null : checkedGtids(resume.gtids, server),
    }
    const problem = await positionProblem({ client, facts: log.facts, counts: rules.counts }, place)
    if (problem !== null) throw new ConnectError(`The connector cannot begin at this offset: ${problem}`)
    const { file, pos, gtids } =
      place.file === '' ? await byGtids(log, place, rules.counts) : await byFile(log, place)
    return inOrder({ ...offset, file, pos: BigInt(pos), ...(gtids === null ? {} : { gtids }) })
  } finally {
    await client.end()
  }
}

async function byGtids(
  log: LiveLog,
  { gtids }: StoredPlace,
  counts: OffsetRules['counts'],
): Promise<StoredPlace> {
  const wanted = parseExecuted(gtids ?? '', log.server)
  // Of sources that do not count everything was read.
  const others = counts === null ? null : notCounting(await executedBefore(log, logEnd(log)), counts)
  const read = others === null ? wanted : joined(wanted, others)
  const { file, pos } = await findPlace(log, { kind: 'gtids', gtids: read.toString() }, 'from')
  return { file, pos, gtids }
}

function notCounting(executed: Executed, counts: (source: string) => boolean): Executed {
  return executed instanceof GtidSet
    ? executed.filter((uuid) => !counts(uuid))
    : executed.filter(({ domain }) => !counts(String(domain)))
}

function joined(one: Executed, other: Executed): Executed {
  if (one instanceof GtidSet) return other instanceof GtidSet ? one.union(other) : one
  return other instanceof GtidSet ? one : one.union(other)
}

async function byFile(log: LiveLog, { file, pos, gtids }: StoredPlace): Promise<StoredPlace> {
  const found = await findPlace(log, { kind: 'position', file, pos }, 'from')
  if (found.note !== null) throw notBetween({ file, pos }, found)
  if (gtids !== null || !log.facts.gtids) return { file, pos, gtids }
  const executed = (await executedBefore(log, found)).toString()
  return { file, pos, gtids: executed === '' ? null : executed }
}

function notBetween(given: { readonly file: string; readonly pos: number }, found: Found): ConnectError {
  return new ConnectError(
    `The connector cannot begin at this offset: ${spotText(given)} is inside a transaction.`,
    {
      remedy: `The transaction begins at ${found.pos}: give {"file":"${found.file}","pos":${found.pos}}.`,
    },
  )
}

function inOrder(offset: Readonly<Record<string, OffsetValue>>): OffsetMap {
  return Object.fromEntries(hashMapOrder(Object.keys(offset)).map((key) => [key, offset[key] ?? null]))
}
