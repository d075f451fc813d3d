/**
 * The replication slot: what the server says of it, how it is made, and whether it still has the position that was
 * stored (invariant 4: a slot that lost it halts the task).
 */
import pg from 'pg'
import { ConnectError, messageOf } from '#errors'
import type { PostgresConfig } from './config.ts'
import {
  type Client,
  clientConfig,
  ConnectionFailure,
  quoteIdentifier,
  quoteLiteral,
  type Route,
} from './connection.ts'
import { formatLsn, parseLsn } from './decode/lsn.ts'

export interface SlotState {
  readonly name: string
  readonly plugin: string | null
  readonly database: string | null
  readonly active: boolean
  readonly activePid: number | null
  /** reserved, extended, unreserved or lost. */
  readonly walStatus: string | null
  readonly confirmed: number | null
  readonly restart: number | null
}

interface SlotRow {
  plugin: string | null
  database: string | null
  active: boolean
  active_pid: number | null
  wal_status: string | null
  confirmed_flush_lsn: string | null
  restart_lsn: string | null
}

export async function readSlot(client: Client, name: string): Promise<SlotState | null> {
  const { rows } = await client.query<SlotRow>(
    `SELECT plugin, database, active, active_pid, to_jsonb(s) ->> 'wal_status' AS wal_status,
            confirmed_flush_lsn::text, restart_lsn::text
       FROM pg_catalog.pg_replication_slots s WHERE slot_name = $1`,
    [name],
  )
  const row = rows[0]
  if (row === undefined) return null
  const lsn = (text: string | null) => (text === null ? null : Number(parseLsn(text)))
  return {
    name,
    plugin: row.plugin,
    database: row.database,
    active: row.active,
    activePid: row.active_pid,
    walStatus: row.wal_status,
    confirmed: lsn(row.confirmed_flush_lsn),
    restart: lsn(row.restart_lsn),
  }
}

/** What is wrong with a slot for us, as a sentence with its remedy; null: nothing. */
export function slotProblem(slot: SlotState, config: PostgresConfig): string | null {
  const { name } = slot
  const other = `Choose another slot.name, or drop it: SELECT pg_drop_replication_slot(${quoteLiteral(name)});`
  if (slot.plugin !== 'pgoutput')
    return `The replication slot "${name}" is of the plugin ${slot.plugin ?? '(physical)'}, not pgoutput. ${other}`
  if (slot.database !== config['database.dbname'])
    return `The replication slot "${name}" is of the database "${slot.database}", not "${config['database.dbname']}". ${other}`
  if (slot.walStatus === 'lost')
    return (
      `The server has removed log that the replication slot "${name}" needs (max_slot_wal_keep_size): changes are lost. ` +
      `Drop it (SELECT pg_drop_replication_slot(${quoteLiteral(name)});), reset the connector's offsets and start again with a snapshot.`
    )
  return null
}

export function slotInUse(slot: SlotState): string {
  const pid = slot.activePid === null ? '' : ` by the server process ${slot.activePid}`
  return (
    `The replication slot "${slot.name}" is in use${pid}: each connector needs a slot of its own. ` +
    `Stop the other reader, or end it: SELECT pg_terminate_backend(${slot.activePid ?? 'pid'});`
  )
}

/** As the server itself refuses to start, told before anything is concluded from where the other reader has moved it. */
export class SlotInUseError extends ConnectError {
  override readonly name = 'SlotInUseError'
  /** object_in_use */
  readonly code = '55006'

  constructor(slot: SlotState) {
    super(slotInUse(slot))
  }
}

export function positionLost(name: string, stored: number, why: string): ConnectError {
  return new ConnectError(
    `The replication slot "${name}" no longer has the stored position ${shownLsn(stored)}: ${why}.`,
    {
      remedy:
        `Changes since that position may be lost. Reset the connector's offsets (DELETE /connectors/{name}/offsets) to begin with a new snapshot, ` +
        `or set snapshot.mode=when_needed to have that done by itself.`,
    },
  )
}

/** A slot that is further than we ever told the server (invariants 1 and 4). */
export function slotAhead(name: string, stored: number, confirmed: number): ConnectError {
  return new ConnectError(
    `The replication slot "${name}" stands at ${shownLsn(confirmed)}, past the stored position ${shownLsn(stored)}: ` +
      'it was dropped and made anew, or advanced by somebody else. Changes between the two may be lost.',
    {
      remedy:
        "Reset the connector's offsets (DELETE /connectors/{name}/offsets) to begin with a new snapshot. " +
        'If the connector was run by Debezium until now, whose driver may confirm positions that it does not store, ' +
        'and the slot is still the same one, nothing is missing: set offset.mismatch.strategy=trust_slot to go on from the slot.',
    },
  )
}

/** Somebody else advances the slot. */
export function movedByHand(config: PostgresConfig): boolean {
  return config['lsn.flush.mode'] === 'manual' || !config['flush.lsn.source']
}

export function shownLsn(lsn: number): string {
  return formatLsn(BigInt(lsn))
}

/** A session that speaks the replication protocol. */
export async function openReplication(route: Route): Promise<pg.Client> {
  const client = new pg.Client({
    ...clientConfig(route.config, route.ssl),
    replication: 'database',
  } as pg.ClientConfig)
  client.on('error', () => {})
  try {
    await client.connect()
    return client
  } catch (error) {
    await client.end().catch(() => {})
    throw new ConnectionFailure(error, route.config)
  }
}

/** Which server this is: two servers never have the same identifier, a server and its standbys do. */
export interface SystemIdentity {
  readonly id: string
  readonly timeline: number
  /** Where its log ends. */
  readonly end: number
}

export async function identifySystem(session: pg.Client): Promise<SystemIdentity> {
  const { rows } = await session.query<{ systemid: string; timeline: number; xlogpos: string }>(
    'IDENTIFY_SYSTEM',
  )
  const row = rows[0]
  if (row === undefined) throw new ConnectError('The server did not answer IDENTIFY_SYSTEM.')
  return { id: row.systemid, timeline: Number(row.timeline), end: Number(parseLsn(row.xlogpos)) }
}

export interface CreatedSlot {
  /** The slot's first position: the snapshot shows everything before it and nothing after (invariant 2). */
  readonly position: number
  /** To be imported before the session says anything else. */
  readonly snapshot: string
}

export async function createSlot(
  session: pg.Client,
  config: PostgresConfig,
  name: string = config['slot.name'],
  temporary = false,
): Promise<CreatedSlot> {
  const failover = config['slot.failover'] && !temporary
  const options = failover ? ` (SNAPSHOT 'export', FAILOVER true)` : ''
  const kind = temporary ? ' TEMPORARY' : ''
  try {
    const { rows } = await session.query<{ consistent_point: string; snapshot_name: string }>(
      `CREATE_REPLICATION_SLOT ${quoteIdentifier(name)}${kind} LOGICAL pgoutput${options}`,
    )
    const row = rows[0]
    if (row === undefined) throw new ConnectError('The server did not answer CREATE_REPLICATION_SLOT.')
    return { position: Number(parseLsn(row.consistent_point)), snapshot: row.snapshot_name }
  } catch (error) {
    if (error instanceof ConnectError) throw error
    throw new ConnectError(`The replication slot "${name}" cannot be made: ${messageOf(error)}.`, {
      cause: error,
      remedy: slotRemedy(messageOf(error), config),
    })
  }
}

function slotRemedy(message: string, config: PostgresConfig): string {
  if (/all replication slots are in use/.test(message))
    return 'Raise max_replication_slots on the server, or drop slots that nobody reads (SELECT * FROM pg_replication_slots).'
  if (/permission denied|must be superuser|REPLICATION/.test(message))
    return `ALTER ROLE ${quoteIdentifier(config['database.user'])} REPLICATION;`
  if (/wal_level/.test(message)) return "ALTER SYSTEM SET wal_level = 'logical'; and restart the server."
  return 'Mend the cause and restart the task.'
}

export async function dropSlot(client: Client, name: string): Promise<void> {
  await client.query(
    `SELECT pg_catalog.pg_drop_replication_slot(slot_name)
       FROM pg_catalog.pg_replication_slots WHERE slot_name = $1 AND NOT active`,
    [name],
  )
}
