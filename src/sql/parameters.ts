/**
 * Which parameters of a JDBC URL mean something here. `honoured` ones are read by the client of that engine, those in
 * `without` steer things that the drivers need and we do not (they are accepted in silence), `refused` ones would
 * change what is written or how safe it is, so they cannot be passed over. All others are named in a warning.
 */
import { ConfigError } from '#errors'
import type { Engine } from './client.ts'
import type { JdbcUrl } from './jdbc-url.ts'

interface ParameterTable {
  readonly honoured: readonly string[]
  readonly without: readonly string[]
  /** With what to do instead. */
  readonly refused: Readonly<Record<string, string>>
}

const postgres: ParameterTable = {
  honoured: [
    ...['user', 'password', 'ssl', 'sslmode', 'sslrootcert', 'sslcert', 'sslkey', 'sslpassword'],
    ...['currentSchema', 'ApplicationName', 'connectTimeout', 'loginTimeout', 'socketTimeout', 'options'],
    ...['tcpKeepAlive', 'targetServerType'],
  ],
  without: [
    ...['stringtype', 'reWriteBatchedInserts', 'prepareThreshold', 'binaryTransfer', 'defaultRowFetchSize'],
    ...[
      'preparedStatementCacheQueries',
      'preparedStatementCacheSizeMiB',
      'databaseMetadataCacheFields',
      'autosave',
    ],
    ...['cleanupSavepoints', 'assumeMinServerVersion', 'loggerLevel', 'loggerFile', 'logUnclosedConnections'],
    ...['hostRecheckSeconds', 'loadBalanceHosts', 'gssEncMode', 'charSet', 'adaptiveFetch', 'sendBufferSize'],
    ...['receiveBufferSize', 'cancelSignalTimeout', 'disableColumnSanitiser', 'quoteReturningIdentifiers'],
  ],
  refused: {
    channelBinding: 'Leave it out: the password is sent by SCRAM without channel binding.',
    sslfactory: 'Name the certificates with sslrootcert, sslcert and sslkey.',
    socketFactory: 'There are no Java classes here.',
    readOnly: 'Leave it out, or revoke the user’s rights in the database.',
  },
}

const mysql: ParameterTable = {
  honoured: [
    ...[
      'user',
      'password',
      'useSSL',
      'useSsl',
      'requireSSL',
      'verifyServerCertificate',
      'sslMode',
      'serverSslCert',
    ],
    ...['connectTimeout', 'socketTimeout', 'sessionVariables', 'useCompression'],
  ],
  without: [
    ...[
      'serverTimezone',
      'connectionTimeZone',
      'forceConnectionTimeZoneToSession',
      'preserveInstants',
      'timezone',
    ],
    ...['characterEncoding', 'useUnicode', 'connectionCollation', 'allowPublicKeyRetrieval', 'autoReconnect'],
    ...[
      'rewriteBatchedStatements',
      'useServerPrepStmts',
      'cachePrepStmts',
      'prepStmtCacheSize',
      'useCursorFetch',
    ],
    ...[
      'prepStmtCacheSqlLimit',
      'defaultFetchSize',
      'tinyInt1isBit',
      'transformedBitIsBoolean',
      'yearIsDateType',
    ],
    ...[
      'zeroDateTimeBehavior',
      'nullCatalogMeansCurrent',
      'nullDatabaseMeansCurrent',
      'useInformationSchema',
    ],
    ...['useLegacyDatetimeCode', 'useJDBCCompliantTimezoneShift', 'sendFractionalSeconds', 'tcpKeepAlive'],
    ...[
      'useBulkStmts',
      'cacheServerConfiguration',
      'useLocalSessionState',
      'elideSetAutoCommits',
      'maintainTimeStats',
    ],
    ...['allowMultiQueries', 'autoReconnectForPools', 'maxReconnects', 'initialTimeout', 'permitMysqlScheme'],
  ],
  refused: {
    jdbcCompliantTruncation: 'Values are never cut: strict mode is on for the session.',
    trustCertificateKeyStoreUrl: 'Name a PEM file with serverSslCert: Java key stores are not read.',
    clientCertificateKeyStoreUrl: 'Java key stores are not read; log in with a password.',
    socketFactory: 'There are no Java classes here.',
  },
}

const sqlite: ParameterTable = {
  honoured: ['busy_timeout', 'foreign_keys', 'mode'],
  without: ['date_class', 'date_precision', 'cache', 'synchronous'],
  refused: { vfs: 'The file is opened with the system’s own VFS.' },
}

const tables: Readonly<Record<Engine, ParameterTable>> = { postgres, mysql, mariadb: mysql, sqlite }

/** Throws for a parameter that must not be passed over; returns the names of those that are not known. */
export function checkParameters(url: JdbcUrl): string[] {
  const table = tables[url.engine]
  for (const name of url.parameters.keys()) {
    const why = Object.hasOwn(table.refused, name) ? table.refused[name] : undefined
    if (why !== undefined)
      throw new ConfigError(`The parameter '${name}' of the connection URL is not supported.`, {
        remedy: why,
      })
  }
  return [...url.parameters.keys()].filter(
    (name) => !table.honoured.includes(name) && !table.without.includes(name),
  )
}

/** A parameter that is a count of seconds or milliseconds; 0 means none. */
export function durationParameter(url: JdbcUrl, name: string, unitMs: number): number | undefined {
  const text = url.parameters.get(name)
  if (text === undefined || text === '' || text === '0') return undefined
  if (!/^\d{1,9}$/.test(text))
    throw new ConfigError(`The parameter '${name}' of the connection URL must be a whole number.`)
  return Number(text) * unitMs
}

export function booleanParameter(url: JdbcUrl, name: string): boolean | undefined {
  const text = url.parameters.get(name)?.toLowerCase()
  return text === undefined ? undefined : text === '' || text === 'true' || text === 'yes' || text === '1'
}
