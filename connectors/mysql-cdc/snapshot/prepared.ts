/**
 * XA transactions that are prepared and not decided. While there are some no snapshot begins: their rows are neither in
 * its view nor in the log behind it, which has nothing but the decision.
 */
import { ConnectError } from '#errors'
import type { Logger } from '#observe'
import { type Client, errorNumber, type ServerFacts } from '../server/index.ts'
import type { SnapshotSettings } from './options.ts'

/** Access denied; MySQL answers XA RECOVER with an error of its own. */
const refusals: ReadonlySet<number> = new Set([1227, 1401])

/** As XA COMMIT names them; null: the user may not see them. */
export async function preparedTransactions(
  client: Client,
  { server }: ServerFacts,
): Promise<readonly string[] | null> {
  try {
    const rows = await client.query(`XA RECOVER ${server === 'mysql' ? 'CONVERT XID' : "FORMAT = 'SQL'"}`)
    return rows.map((row) => (server === 'mysql' ? xidOf(row) : (row['data'] ?? '')))
  } catch (error) {
    if (refusals.has(errorNumber(error) ?? 0)) return null
    throw error
  }
}

function xidOf(row: Readonly<Record<string, string | null>>): string {
  const hex = (row['data'] ?? '').replace(/^0x/i, '')
  const end = 2 * Number(row['gtrid_length'])
  return `X'${hex.slice(0, end)}',X'${hex.slice(end)}',${row['formatID']}`
}

export function warnUnseen(log: Logger, user: string): void {
  log.warn(
    `The user ${user} may not see XA transactions that are prepared (GRANT XA_RECOVER_ADMIN ON *.* TO ${user}): should one of them be committed behind the snapshot, the task halts there.`,
  )
}

export function stillPrepared(names: readonly string[], settings: SnapshotSettings): ConnectError {
  const [first, ...more] = names
  const others = more.length === 0 ? '' : ` and ${more.length} more`
  return new ConnectError(
    `The snapshot cannot begin: the XA transaction ${first}${others} is prepared and was not decided within ${settings.lockTimeoutMs} ms (snapshot.lock.timeout.ms). Its rows would be in neither the snapshot nor the stream.`,
    {
      remedy: `Run XA COMMIT ${first}; or XA ROLLBACK ${first}; and restart the task, or raise snapshot.lock.timeout.ms.`,
    },
  )
}
