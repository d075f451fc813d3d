/**
 * The two databases of the demo, `shop` (the source) and `warehouse`, in a server of its own or in any that the user
 * names. There they have names that nobody else uses, and go when the demo ends.
 */
import { ConfigError, ConnectError, messageOf } from '#errors'
import { openSql, type SqlClient } from '#sql'
import type { ConnectorRequest } from './connectors.ts'

export interface DemoServer {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
  /** It was named by the user: it stays when the demo ends, and its password is a secret. */
  readonly given: boolean
  stop(): Promise<void>
}

/** The names of the two. */
export interface DemoNames {
  readonly shop: string
  readonly warehouse: string
}

export interface DemoDatabase extends AsyncDisposable {
  /** Product and version. */
  readonly title: string
  readonly server: DemoServer
  readonly shop: SqlClient
  readonly warehouse: SqlClient
  readonly source: ConnectorRequest
  /** The JDBC URL of the warehouse. */
  readonly target: string
  /** Where the source writes the changes of the shop. */
  readonly topic: string
  /** A shell command that changes a row. */
  readonly shell: string
  /** The end of the server's log; null where a log cannot be read a second time. */
  readonly logEnd: (() => Promise<string>) | null
}

/** What a product of databases does in its own way. */
export interface Product {
  /** As the user knows it. */
  readonly option: '--postgres' | '--mysql'
  readonly jdbc: 'postgresql' | 'mysql'
  /** The database that is there before any other. */
  readonly first: string
  /** Throws where changes cannot be captured; resolves to product and version. */
  check(admin: SqlClient, server: DemoServer): Promise<string>
  /** Also of a demo that was killed. */
  drop(admin: SqlClient, names: DemoNames): Promise<void>
  /** What the databases look like from outside, once they are there. */
  shape(
    server: DemoServer,
    names: DemoNames,
    title: string,
    shop: SqlClient,
  ): Pick<DemoDatabase, 'source' | 'topic' | 'shell' | 'logEnd'>
}

/** Takes the server over: it is stopped when the databases are disposed of, or cannot be made. */
export async function openDatabase(product: Product, server: DemoServer): Promise<DemoDatabase> {
  const prefix = server.given ? 'rowtap_demo_' : ''
  const names: DemoNames = { shop: `${prefix}shop`, warehouse: `${prefix}warehouse` }
  const url = (name: string): string => `jdbc:${product.jdbc}://${server.host}:${server.port}/${name}`
  const connect = (name: string): Promise<SqlClient> => openSql(url(name), server)
  await using cleanup = new AsyncDisposableStack()
  cleanup.defer(() => server.stop())
  const title = await prepare(product, server, connect, names)
  if (server.given)
    cleanup.defer(async () => {
      await using admin = await connect(product.first)
      await product.drop(admin, names)
    })
  const shop = cleanup.use(await connect(names.shop))
  const warehouse = cleanup.use(await connect(names.warehouse))
  const target = url(names.warehouse)
  const shape = product.shape(server, names, title, shop)
  const kept = cleanup.move()
  return {
    title,
    server,
    shop,
    warehouse,
    target,
    ...shape,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}

async function prepare(
  product: Product,
  server: DemoServer,
  connect: (name: string) => Promise<SqlClient>,
  names: DemoNames,
): Promise<string> {
  const { host, port } = server
  await using admin = await connect(product.first).catch((cause: unknown) => {
    throw new ConnectError(`The server at ${host}:${port} cannot be used: ${messageOf(cause)}`, {
      remedy: `Check the address, the user and the password given with ${product.option}.`,
      cause,
    })
  })
  const title = await product.check(admin, server)
  await product.drop(admin, names)
  for (const name of Object.values(names)) await admin.query(`CREATE DATABASE ${name}`)
  return title
}

/** The server at an address like `scheme://user:password@host:port`; the first scheme is the usual one. */
export function namedServer(
  text: string,
  { option }: Product,
  schemes: readonly string[],
  usual: { readonly port: number; readonly user: string },
): DemoServer {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url === null || !schemes.includes(url.protocol.slice(0, -1)) || url.hostname === '')
    throw new ConfigError(`${option} takes an address like ${schemes[0]}://user:password@host:${usual.port}.`)
  return {
    host: url.hostname,
    port: url.port === '' ? usual.port : Number(url.port),
    user: decodeURIComponent(url.username) || usual.user,
    password: decodeURIComponent(url.password),
    given: true,
    stop: async () => {},
  }
}
