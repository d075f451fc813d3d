/** Whether the server's log can still be read from a stored position on (invariant 4). */
import { GtidSet } from './decode/gtid-set.ts'
import { MariadbGtidPosition } from './decode/mariadb-gtid.ts'
import type { StoredPlace } from './offset.ts'
import { binaryLogs, executedGtids, purgedGtids, type ServerFacts } from './server/facts.ts'
import type { Client } from './server/client.ts'

export interface PositionCheck {
  readonly client: Client
  readonly facts: ServerFacts
  /** gtid.source.includes and gtid.source.excludes; null: all sources count. */
  readonly counts: ((source: string) => boolean) | null
}

/** What is wrong with the position, as a sentence; null: it can be read from. */
export async function positionProblem(check: PositionCheck, place: StoredPlace): Promise<string | null> {
  if (place.gtids === null) return fileProblem(check, place)
  if (!check.facts.gtids)
    return 'it names GTIDs, and the server has none (gtid_mode is OFF). Set gtid.ignore.on.recovery=true to go on by file and position, if it is the same server.'
  return check.facts.server === 'mysql' ? setProblem(check, place.gtids) : domainProblem(check, place.gtids)
}

async function setProblem({ client, facts, counts }: PositionCheck, gtids: string): Promise<string | null> {
  const keep = counts ?? (() => true)
  const stored = GtidSet.parse(gtids).filter(keep)
  const executed = GtidSet.parse((await executedGtids(client, facts)) ?? '').filter(keep)
  if (!executed.contains(stored)) return foreign(stored.subtract(executed))
  const purged = GtidSet.parse((await purgedGtids(client, facts)) ?? '').filter(keep)
  const lost = purged.subtract(stored)
  return lost.isEmpty ? null : `the server has purged ${lost}, which nobody has read.`
}

/** MariaDB: what came before the oldest file, domain by domain. */
async function domainProblem(
  { client, facts, counts }: PositionCheck,
  gtids: string,
): Promise<string | null> {
  const position = (text: string | null) =>
    MariadbGtidPosition.parse(text ?? '').filter(({ domain }) => counts?.(String(domain)) ?? true)
  const stored = position(gtids)
  const executed = position(await executedGtids(client, facts))
  if (!executed.contains(stored)) return foreign(stored.subtract(executed))
  const purged = position(await purgedGtids(client, facts))
  return stored.contains(purged)
    ? null
    : `the server has purged the log up to ${purged}, of which ${purged.subtract(stored)} was not read.`
}

function foreign(missing: { toString(): string }): string {
  return `the server has not executed ${missing}: it is another server, or its log was reset.`
}

async function fileProblem({ client }: PositionCheck, { file, pos }: StoredPlace): Promise<string | null> {
  const logs = await binaryLogs(client)
  const found = logs.find((log) => log.file === file)
  if (found === undefined)
    return `the server has no log ${file}; the oldest that is left is ${logs[0]?.file ?? 'none'}.`
  if (pos > found.size) return `the log ${file} ends at ${found.size}, before the position ${pos}.`
  return null
}
