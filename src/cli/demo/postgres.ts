/** The demo on PostgreSQL: what the server must have, the replication slot, and the source as a user would POST it. */
import { setTimeout as delay } from 'node:timers/promises'
import { ConnectError } from '#errors'
import type { SqlClient } from '#sql'
import { type DemoDatabase, type DemoNames, namedServer, openDatabase, type Product } from './database.ts'
import { startPostgres } from './postgres-server.ts'

const slotName = 'rowtap_demo'

const postgres: Product = {
  option: '--postgres',
  jdbc: 'postgresql',
  first: 'postgres',
  async check(admin, { host, port }) {
    const { rows } = await admin.query('SHOW wal_level')
    if (rows[0]?.[0] !== 'logical')
      throw new ConnectError(`The PostgreSQL at ${host}:${port} has wal_level=${String(rows[0]?.[0])}.`, {
        remedy: 'Run ALTER SYSTEM SET wal_level = logical, and start it anew.',
      })
    return `PostgreSQL ${admin.version.text}`
  },
  drop,
  shape({ host, port, user, password, given }, { shop }) {
    const login = given ? user : `${user}:${password}`
    return {
      topic: 'shop.public.orders',
      shell: `psql postgres://${login}@${host}:${port}/${shop} -c "UPDATE orders SET state = 'returned' WHERE id = 4711"`,
      logEnd: null,
      source: {
        name: 'shop-source',
        config: {
          'connector.class': 'postgres-cdc',
          'database.hostname': host,
          'database.port': String(port),
          'database.user': user,
          'database.password': password,
          'database.dbname': shop,
          'topic.prefix': 'shop',
          'table.include.list': 'public.orders',
          'plugin.name': 'pgoutput',
          'slot.name': slotName,
          'publication.autocreate.mode': 'filtered',
        },
      },
    }
  },
}

export async function openPostgres(
  directory: string,
  url: string | null,
  signal: AbortSignal,
): Promise<DemoDatabase> {
  const usual = { port: 5432, user: 'postgres' }
  const server =
    url === null
      ? await startPostgres(directory, signal)
      : namedServer(url, postgres, ['postgres', 'postgresql'], usual)
  return openDatabase(postgres, server)
}

/** A slot must go before its database, and whoever reads it before the slot. */
async function drop(admin: SqlClient, names: DemoNames): Promise<void> {
  const where = `FROM pg_replication_slots WHERE slot_name = '${slotName}'`
  for (let tries = 0; ; tries++) {
    await admin.query(`SELECT pg_terminate_backend(active_pid) ${where} AND active_pid IS NOT NULL`)
    try {
      await admin.query(`SELECT pg_drop_replication_slot(slot_name) ${where}`)
      break
    } catch (error) {
      if (tries === 50) throw error
      await delay(100)
    }
  }
  for (const name of Object.values(names)) await admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
}
