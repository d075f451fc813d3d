/**
 * JDBC URLs. Grammar, with parts percent-encoded:
 *
 *   jdbc:postgresql:[//[host[:port]{,host[:port]}]/][database][?parameters]
 *   (jdbc:mysql | jdbc:mariadb)://[user[:password]@]host[:port]{,host[:port]}[/database][?parameters]
 *   jdbc:sqlite:(path | :memory:)[?parameters]
 *
 * Hosts may be IPv6 addresses in brackets. No message of this file repeats the URL: it may hold a password.
 */
import { ConfigError } from '#errors'
import type { Engine } from './client.ts'

export interface JdbcAddress {
  readonly host: string
  readonly port: number
}

export interface JdbcUrl {
  readonly engine: Engine
  /** Tried in this order; empty for SQLite. */
  readonly addresses: readonly JdbcAddress[]
  /** The file for SQLite; null: the server's default for the user. */
  readonly database: string | null
  /** Of the part before `@`; parameters named user and password stay in `parameters`. */
  readonly user: string | null
  readonly password: string | null
  readonly parameters: ReadonlyMap<string, string>
}

export function parseJdbcUrl(url: string): JdbcUrl {
  const match = /^jdbc:([a-z0-9+]+):/i.exec(url)
  if (match === null)
    throw new ConfigError(
      'The connection URL is no JDBC URL: it must start with jdbc:postgresql:, jdbc:mysql:, ' +
        'jdbc:mariadb: or jdbc:sqlite:.',
    )
  const rest = url.slice(match[0].length)
  switch (match[1]?.toLowerCase()) {
    case 'postgresql':
      return postgres(rest)
    case 'mysql':
      return mysql('mysql', rest)
    case 'mariadb':
      return mysql('mariadb', rest)
    case 'sqlite':
      return sqlite(rest)
    default:
      throw new ConfigError(
        `The JDBC driver '${match[1]}' of the connection URL is not known: rowtap speaks postgresql, mysql, mariadb and sqlite.`,
      )
  }
}

function postgres(rest: string): JdbcUrl {
  const [path, parameters] = splitParameters(rest)
  if (!path.startsWith('//'))
    return {
      engine: 'postgres',
      addresses: [{ host: 'localhost', port: 5432 }],
      database: decode(path) || null,
      user: null,
      password: null,
      parameters,
    }
  const slash = path.indexOf('/', 2)
  if (slash < 0)
    throw new ConfigError(
      'The connection URL has no / after its host: write jdbc:postgresql://host:5432/database.',
    )
  const addresses = addressesOf(path.slice(2, slash), 5432)
  return {
    engine: 'postgres',
    addresses,
    database: decode(path.slice(slash + 1)) || null,
    user: null,
    password: null,
    parameters,
  }
}

function mysql(engine: 'mysql' | 'mariadb', rest: string): JdbcUrl {
  const form = /^(loadbalance|replication|sequential|aurora|load-balance):/i.exec(rest)?.[1]
  if (form !== undefined)
    throw new ConfigError(
      `The connection URL's '${form}:' form is not supported: name the hosts as host1,host2.`,
    )
  if (!rest.startsWith('//'))
    throw new ConfigError(
      `The connection URL has no // after jdbc:${engine}:, as in jdbc:${engine}://host:3306/database.`,
    )
  const [path, parameters] = splitParameters(rest.slice(2))
  const at = path.lastIndexOf('@')
  const login = at < 0 ? null : path.slice(0, at)
  const place = path.slice(at + 1)
  if (/^[[(]|address=|\(host=/i.test(place.replace(/^\[[0-9a-f:.]+\]/i, '')))
    throw new ConfigError(
      'The connection URL lists its hosts in the address=(…) form: write them as host:port,host:port.',
    )
  const slash = place.indexOf('/')
  const hosts = slash < 0 ? place : place.slice(0, slash)
  const colon = login?.indexOf(':') ?? -1
  return {
    engine,
    addresses: addressesOf(hosts, 3306),
    database: (slash < 0 ? '' : decode(place.slice(slash + 1))) || null,
    user: login === null ? null : decode(colon < 0 ? login : login.slice(0, colon)),
    password: login === null || colon < 0 ? null : decode(login.slice(colon + 1)),
    parameters,
  }
}

function sqlite(rest: string): JdbcUrl {
  const [path, parameters] = splitParameters(rest)
  if (path.startsWith('file:'))
    return {
      engine: 'sqlite',
      addresses: [],
      database: decode(path.slice(5)),
      user: null,
      password: null,
      parameters,
    }
  return {
    engine: 'sqlite',
    addresses: [],
    database: path === '' ? ':memory:' : path,
    user: null,
    password: null,
    parameters,
  }
}

function addressesOf(hosts: string, defaultPort: number): JdbcAddress[] {
  if (hosts === '') return [{ host: 'localhost', port: defaultPort }]
  return hosts.split(',').map((text) => {
    const match = /^(?:\[([0-9a-fA-F:.%]+)\]|([^:[\]]*))(?::(\d{1,5}))?$/.exec(text.trim())
    const port = match?.[3] === undefined ? defaultPort : Number(match[3])
    if (match === null || port < 1 || port > 65535)
      throw new ConfigError(
        'A host of the connection URL is not of the form host:port; IPv6 addresses stand in brackets.',
      )
    return { host: decode(match[1] ?? match[2] ?? '') || 'localhost', port }
  })
}

function splitParameters(text: string): [string, ReadonlyMap<string, string>] {
  const question = text.indexOf('?')
  if (question < 0) return [text, new Map()]
  const pairs = text
    .slice(question + 1)
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair): [string, string] => {
      const equals = pair.indexOf('=')
      return equals < 0 ? [decode(pair), ''] : [decode(pair.slice(0, equals)), decode(pair.slice(equals + 1))]
    })
  return [text.slice(0, question), new Map(pairs)]
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new ConfigError('The connection URL holds a % that is no percent-encoding: write a plain % as %25.')
  }
}
