/**
 * The lock under which a snapshot takes its position, its schema and its transactions. It is held by a session of its
 * own, since a transaction that begins would give it up.
 */
import { ConnectError, messageOf } from '#errors'
import type { TableId } from '../ddl/index.ts'
import type { Client } from '../server/index.ts'
import { errorNumber } from '../server/index.ts'
import { pathOf } from '../tables/capture.ts'
import { quotedName } from '../tables/select-expression.ts'
import type { LockingMode, SnapshotSettings } from './options.ts'

/**
 * `global`: nothing is committed; `tables`: nothing is written to the captured tables; `definitions`: no table is
 * altered; `none`: all goes on.
 */
export type Lock = 'global' | 'tables' | 'definitions' | 'none'

/** Access denied: to the server, a database, a table; a privilege is missing. */
const refusals: ReadonlySet<number> = new Set([1044, 1045, 1142, 1227])
const LOCK_WAIT_TIMEOUT = 1205
const SYNTAX_ERROR = 1064

export async function takeLock(
  client: Client,
  settings: SnapshotSettings,
  captured: () => Promise<readonly TableId[]>,
): Promise<Lock> {
  const { locking, lockTimeoutMs } = settings
  if (locking === 'none') return 'none'
  const seconds = Math.max(1, Math.ceil(lockTimeoutMs / 1000))
  await client.query(`SET SESSION lock_wait_timeout = ${seconds}`)
  const percona = isPercona(locking)
  const global = percona ? 'LOCK TABLES FOR BACKUP' : 'FLUSH TABLES WITH READ LOCK'
  if (await granted(client, global, settings)) return percona ? 'definitions' : 'global'
  if (locking === 'minimal_percona_no_table_locks')
    throw new ConnectError(
      `snapshot.locking.mode=${locking}: ${settings.user} may not run LOCK TABLES FOR BACKUP.`,
      { remedy: `GRANT RELOAD ON *.* TO ${settings.user}, or choose another snapshot.locking.mode.` },
    )
  const tables = await captured()
  if (tables.length === 0) return 'none'
  const names = tables.map(({ database, table }) => `${quotedName(database)}.${quotedName(table)} READ`)
  return (await granted(client, `LOCK TABLES ${names.join(', ')}`, settings)) ? 'tables' : 'none'
}

function isPercona(locking: LockingMode): boolean {
  return locking === 'minimal_percona' || locking === 'minimal_percona_no_table_locks'
}

/** False: the user may not. */
async function granted(client: Client, sql: string, settings: SnapshotSettings): Promise<boolean> {
  try {
    await client.query(sql)
    return true
  } catch (error) {
    const number = errorNumber(error)
    if (number !== null && refusals.has(number)) return false
    if (number === LOCK_WAIT_TIMEOUT)
      throw new ConnectError(
        `The lock for the snapshot was not given within ${settings.lockTimeoutMs} ms (snapshot.lock.timeout.ms).`,
        {
          cause: error,
          remedy:
            'Wait for the statements and transactions that hold the tables (SHOW PROCESSLIST), raise snapshot.lock.timeout.ms, or choose another snapshot.locking.mode.',
        },
      )
    if (number === SYNTAX_ERROR && isPercona(settings.locking))
      throw new ConnectError(
        `snapshot.locking.mode=${settings.locking}: the server has no LOCK TABLES FOR BACKUP.`,
        { cause: error, remedy: 'It is for Percona Server; choose snapshot.locking.mode=minimal.' },
      )
    throw error
  }
}

/** Without a lock the position cannot be told: what the user must be granted. */
export function lockNeeded(settings: SnapshotSettings, tables: readonly TableId[]): ConnectError {
  const first = tables[0]
  const example = first === undefined ? '' : ` (the first is ${pathOf(first)})`
  return new ConnectError(
    `No lock may be taken for the snapshot, and without GTIDs the server cannot tell which changes its rows contain.`,
    {
      remedy: `GRANT RELOAD ON *.* TO ${settings.user}; or GRANT LOCK TABLES and SELECT on the captured tables${example}; or run the server with gtid_mode=ON.`,
    },
  )
}

/** Gives it up; the session may be gone. */
export async function unlock(client: Client): Promise<void> {
  try {
    await client.query('UNLOCK TABLES')
  } catch (error) {
    throw new ConnectError(`The lock of the snapshot was lost: ${messageOf(error)}.`, { cause: error })
  }
}
