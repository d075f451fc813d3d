/** The demo on MySQL and MariaDB: the source as a user would POST it, and where the binlog ends. */
import { ConnectError } from '#errors'
import type { SqlClient } from '#sql'
import { type DemoDatabase, namedServer, openDatabase, type Product } from './database.ts'
import { startMysql } from './mysql-server.ts'

const mysql: Product = {
  option: '--mysql',
  jdbc: 'mysql',
  first: '',
  async check(admin, { host, port }) {
    const { rows } = await admin.query('SELECT version(), @@log_bin, @@binlog_format')
    const [version, logs, format] = (rows[0] ?? []).map(String)
    if (logs !== '1' || format !== 'ROW')
      throw new ConnectError(
        `The server at ${host}:${port} has ${logs === '1' ? `binlog_format=${format}` : 'no binlog'}.`,
        { remedy: 'Start it with --log-bin and --binlog-format=ROW.' },
      )
    return titleOf(version ?? '')
  },
  async drop(admin, names) {
    for (const name of Object.values(names)) await admin.query(`DROP DATABASE IF EXISTS ${name}`)
  },
  shape({ host, port, user, password, given }, names, title, shop) {
    const login = given ? `-u${user} -p` : `-u${user} -p${password}`
    return {
      topic: `shop.${names.shop}.orders`,
      shell: `mysql -h${host} -P${port} ${login} ${names.shop} -e "UPDATE orders SET state = 'returned' WHERE id = 4711"`,
      logEnd: () => logEnd(shop),
      source: {
        name: 'shop-source',
        config: {
          'connector.class': title.startsWith('MariaDB') ? 'mariadb-cdc' : 'mysql-cdc',
          'database.hostname': host,
          'database.port': String(port),
          'database.user': user,
          'database.password': password,
          // No replica may have the same.
          'database.server.id': String(184_000 + (process.pid % 10_000)),
          'topic.prefix': 'shop',
          'database.include.list': names.shop,
          'table.include.list': `${names.shop}.orders`,
        },
      },
    }
  },
}

export async function openMysql(
  directory: string,
  url: string | null,
  signal: AbortSignal,
): Promise<DemoDatabase> {
  const usual = { port: 3306, user: 'root' }
  const server =
    url === null ? await startMysql(directory, signal) : namedServer(url, mysql, ['mysql', 'mariadb'], usual)
  return openDatabase(mysql, server)
}

/** `10.11.6-MariaDB-0+deb12u1` → `MariaDB 10.11.6`; `9.7.4` → `MySQL 9.7.4` */
function titleOf(version: string): string {
  return version.includes('MariaDB')
    ? `MariaDB ${version.replace(/^5\.5\.5-/, '').split('-')[0]}`
    : `MySQL ${version}`
}

async function logEnd(client: SqlClient): Promise<string> {
  // The statement has another name from MySQL 8.2 on; MariaDB keeps the old one.
  const { rows } = await client
    .query('SHOW BINARY LOG STATUS')
    .catch(() => client.query('SHOW MASTER STATUS'))
  return `${String(rows[0]?.[0])}:${String(rows[0]?.[1])}`
}
