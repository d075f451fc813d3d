/**
 * Opens a snapshot: sessions whose transactions show one and the same moment, the position of that moment in the log
 * (invariant 2), and the definitions of the tables as of then.
 *
 * Under a lock that is simple. Where none may be taken, or none is wanted, the sessions are opened while all goes on, and
 * what was read is compared until it fits together:
 * - MariaDB (and Percona Server) tell in each transaction which position it shows: binlog_snapshot_file, _position.
 * - MySQL with GTIDs: a transaction counts as executed only after its rows can be seen. So the set that was read before
 *   the sessions opened has nothing that they do not show; if it is the same afterwards, they show no more than it.
 * - MySQL without GTIDs writes its log before rows can be seen, so that an equal position proves nothing: only
 *   snapshot.locking.mode=none, which says that nobody writes, goes on there.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { ConnectError } from '#errors'
import type { TableId } from '../ddl/index.ts'
import type { Client } from '../server/index.ts'
import { gtidsAt, type LogPosition, logPosition } from '../server/index.ts'
import { type Lock, lockNeeded, takeLock, unlock } from './locks.ts'
import type { SnapshotParts } from './options.ts'
import { preparedTransactions, stillPrepared, warnUnseen } from './prepared.ts'
import { plainMode } from './selects.ts'
import { listTables, readStructure, recordedTables, type Structure } from './structure.ts'

const KEEP_ALIVE_MS = 30_000
const MOST_TRIES = 200
/** How often XA transactions that are prepared are asked for. */
const PREPARED_MS = 100

export interface SnapshotView {
  /** In each a transaction is open. */
  readonly sessions: readonly Client[]
  readonly position: LogPosition
  readonly structure: Structure
  /** All rows were read: gives up what is still locked. */
  finish(): Promise<void>
  /** Also in the middle of a SELECT: transactions and locks go with their sessions. */
  close(): void
}

export async function openView(parts: SnapshotParts, sessions: number): Promise<SnapshotView> {
  const opening = new Opening(parts)
  try {
    return await opening.open(sessions)
  } catch (error) {
    opening.close()
    throw error
  }
}

class Opening {
  readonly #parts: SnapshotParts
  readonly #clients: Client[] = []
  #alive: NodeJS.Timeout | null = null
  /** XA transactions that were prepared when that was asked last. */
  #prepared: readonly string[] = []
  #unseen = false

  constructor(parts: SnapshotParts) {
    this.#parts = parts
  }

  async open(count: number): Promise<SnapshotView> {
    const { settings, capture, log } = this.#parts
    const sessions: Client[] = []
    for (let i = 0; i < count; i++) sessions.push(await this.#session())
    const reader = sessions[0] as Client
    const holder = await this.#client()
    const captured = async () => (await listTables(reader, capture)).filter((id) => capture.table(id))
    const deadline = this.#deadline()
    let lock = await takeLock(holder, settings, captured)
    log.info({ lock, sessions: count }, 'opening the snapshot')
    const isStill = lock === 'global' || lock === 'tables'
    let found = isStill ? await this.#underLock(sessions, holder) : await this.#amidWrites(sessions, lock)
    while (found === null) {
      // They cannot be decided as long as nothing may be committed.
      await unlock(holder)
      if (performance.now() > deadline) throw stillPrepared(this.#prepared, settings)
      await delay(PREPARED_MS)
      lock = await takeLock(holder, settings, captured)
      found = await this.#underLock(sessions, holder)
    }
    const keeps = settings.locking === 'extended' && isStill
    if (keeps) this.#keepAlive(holder)
    else if (lock !== 'none') await unlock(holder)
    if (!keeps) await holder.end()
    return {
      sessions,
      ...found,
      finish: async () => {
        if (keeps) await unlock(holder)
        await Promise.all(this.#clients.map((client) => client.end()))
        this.close()
      },
      close: () => this.close(),
    }
  }

  async #client(): Promise<Client> {
    const client = await this.#parts.connect()
    this.#clients.push(client)
    return client
  }

  async #session(): Promise<Client> {
    const client = await this.#client()
    const { server } = this.#parts.facts
    await client.query('SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ')
    // A consumer that is slow for a while, and a table that takes long, are no reason to end the session.
    await client.query('SET SESSION net_write_timeout = 86400, wait_timeout = 86400')
    await plainMode(client)
    if (server === 'mysql')
      await client.query('SET SESSION max_execution_time = 0, information_schema_stats_expiry = 0')
    else await client.query('SET SESSION max_statement_time = 0')
    return client
  }

  #deadline(): number {
    return performance.now() + Math.max(this.#parts.settings.lockTimeoutMs, 1000)
  }

  /** Whether there are XA transactions that are prepared and not decided. */
  async #hasPrepared(client: Client): Promise<boolean> {
    const { facts, log, settings } = this.#parts
    const found = await preparedTransactions(client, facts)
    if (found === null && !this.#unseen) warnUnseen(log, settings.user)
    this.#unseen ||= found === null
    this.#prepared = found ?? []
    return this.#prepared.length > 0
  }

  /** null: XA transactions are prepared. */
  async #underLock(sessions: readonly Client[], holder: Client) {
    for (const session of sessions) await begin(session)
    if (await this.#hasPrepared(holder)) return null
    const position = await logPosition(holder, this.#parts.facts)
    return { position, structure: await this.#structure(sessions[0] as Client) }
  }

  async #amidWrites(sessions: readonly Client[], lock: Lock) {
    const { settings, facts, log, capture } = this.#parts
    const reader = sessions[0] as Client
    const deadline = this.#deadline()
    let before = await this.#structure(reader)
    for (let tries = 1; tries <= MOST_TRIES && performance.now() < deadline; tries++) {
      const position = await this.#openTogether(sessions)
      const structure = await this.#structure(reader)
      const isAlone = position !== null && !(await this.#hasPrepared(reader))
      if (isAlone && isSame(before, structure)) return { position, structure }
      before = structure
      await delay(Math.min(5 * tries, 100))
    }
    if (this.#prepared.length > 0) throw stillPrepared(this.#prepared, settings)
    if (facts.server === 'mysql' && !facts.gtids && settings.locking !== 'none')
      throw lockNeeded(
        settings,
        (await listTables(reader, capture)).filter((id) => capture.table(id)),
      )
    log.warn({ lock }, 'the snapshot found no moment of rest')
    throw new ConnectError(
      `There was no moment within ${settings.lockTimeoutMs} ms (snapshot.lock.timeout.ms) in which nothing was written.`,
      {
        remedy: `GRANT RELOAD ON *.* TO ${settings.user}, or GRANT LOCK TABLES and SELECT on the captured tables, with snapshot.locking.mode=minimal: then the snapshot begins under a short lock.`,
      },
    )
  }

  /** null: something came between. */
  async #openTogether(sessions: readonly Client[]): Promise<LogPosition | null> {
    const { facts, settings } = this.#parts
    const reader = sessions[0] as Client
    const before = await logPosition(reader, facts)
    for (const session of sessions) await begin(session)
    const shown = await Promise.all(sessions.map(shownPosition))
    const first = shown[0] ?? null
    if (first !== null) {
      if (shown.some((each) => each?.file !== first.file || each.pos !== first.pos)) return null
      const gtids = facts.server === 'mariadb' ? await gtidsAt(reader, first.file, first.pos) : null
      if (facts.server === 'mariadb' || !facts.gtids) return { ...first, gtids }
    }
    if (facts.server === 'mysql' && !facts.gtids && settings.locking !== 'none') return null
    const after = await logPosition(reader, facts)
    const isEqual = facts.gtids
      ? before.gtids === after.gtids
      : before.file === after.file && before.pos === after.pos
    return isEqual ? before : null
  }

  async #structure(reader: Client): Promise<Structure> {
    const { capture, log } = this.#parts
    const tables: readonly TableId[] = recordedTables(await listTables(reader, capture), capture)
    return readStructure(reader, tables, capture, log)
  }

  /** A lock that is held for long must not be lost to a session that seems idle. */
  #keepAlive(holder: Client): void {
    this.#alive = setInterval(() => {
      // Its loss shows when the lock is given up.
      holder.query('SELECT 1').catch(() => {})
    }, KEEP_ALIVE_MS)
    this.#alive.unref()
  }

  close(): void {
    if (this.#alive !== null) clearInterval(this.#alive)
    for (const client of this.#clients) client.destroy()
  }
}

/** A transaction that was open before ends. */
async function begin(session: Client): Promise<void> {
  await session.query('START TRANSACTION WITH CONSISTENT SNAPSHOT')
}

/** What the session's transaction shows, where the server tells. */
async function shownPosition(session: Client): Promise<{ file: string; pos: number } | null> {
  const rows = await session.query("SHOW STATUS LIKE 'binlog_snapshot_%'")
  const values = new Map(rows.map((row) => [row['Variable_name']?.toLowerCase(), row['Value']]))
  const file = values.get('binlog_snapshot_file') ?? ''
  return file === '' ? null : { file, pos: Number(values.get('binlog_snapshot_position')) }
}

function isSame(a: Structure, b: Structure): boolean {
  const text = ({ definitions, databases }: Structure) =>
    JSON.stringify([definitions.map(({ id, statement }) => [id, unnumbered(statement)]), [...databases]])
  return text(a) === text(b)
}

/** The counter of a table moves with its rows. */
function unnumbered(statement: string): string {
  return statement.replace(/ AUTO_INCREMENT=\d+/, '')
}
