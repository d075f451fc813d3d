/** How to reach the Kafka that these properties name, and who to be there. */
import { ConfigError } from '#errors'
import type { ConnectionOptions, SaslOptions } from '../connection-options.ts'
import { parseJaas } from './jaas.ts'
import { invalid, type PropertyReader } from './property-reader.ts'
import { tlsSettings } from './tls-settings.ts'

/** `clientId` and `deadlineMs`: what holds where no property says otherwise. */
export function connectionSettings(
  reader: PropertyReader,
  clientId: string,
  deadlineMs: number,
): ConnectionOptions {
  const protocol =
    reader.choice('security.protocol', ['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'], true) ??
    'PLAINTEXT'
  const backoffMs = reader.integer('retry.backoff.ms', 100)
  return {
    bootstrap: bootstrapServers(reader),
    clientId: reader.text('client.id') || clientId,
    tls: protocol.endsWith('SSL') ? tlsSettings(reader) : null,
    sasl: protocol.startsWith('SASL') ? saslSettings(reader) : null,
    connectMs: reader.integer('socket.connection.setup.timeout.ms', 10_000, { least: 1 }),
    requestMs: reader.integer('request.timeout.ms', 30_000, { least: 1 }),
    deadlineMs,
    backoffMs,
    backoffMaxMs: Math.max(backoffMs, reader.integer('retry.backoff.max.ms', 1000)),
  }
}

/** `host:port`, an IPv6 address in brackets; a protocol before it (`PLAINTEXT://`) is dropped, as Java does. */
function bootstrapServers(reader: PropertyReader): readonly string[] {
  const name = 'bootstrap.servers'
  const servers = reader.list(name).filter((each) => each !== '')
  if (servers.length === 0)
    throw new ConfigError(`Missing required configuration "${name}" which has no default value.`)
  return servers.map((server) => {
    const [, address, port] =
      /^(?:[A-Za-z_]+:\/\/)?((?:\[[0-9a-fA-F:.%]+\]|[^:/\s]+):(\d{1,5}))$/.exec(server) ?? []
    if (address === undefined || Number(port) > 65_535) throw invalid(name, server, 'it is not host:port')
    return address
  })
}

const mechanisms = {
  PLAIN: { mechanism: 'plain', module: 'PlainLoginModule' },
  'SCRAM-SHA-256': { mechanism: 'scram-sha-256', module: 'ScramLoginModule' },
  'SCRAM-SHA-512': { mechanism: 'scram-sha-512', module: 'ScramLoginModule' },
} as const

function saslSettings(reader: PropertyReader): SaslOptions {
  const asked = reader.text('sasl.mechanism') ?? 'GSSAPI'
  const known = Object.entries(mechanisms).find(([name]) => name === asked)?.[1]
  if (known === undefined)
    throw invalid(
      'sasl.mechanism',
      asked,
      'rowtap cannot log in so',
      `Set one of ${Object.keys(mechanisms).join(', ')}.`,
    )
  const text = reader.secret('sasl.jaas.config')
  if (text === null)
    throw new ConfigError(`sasl.jaas.config is missing: ${asked} needs a username and a password.`)
  const { module, options } = parseJaas(text)
  const wrong = (why: string): ConfigError => invalid('sasl.jaas.config', '[hidden]', why)
  if (module.split('.').at(-1) !== known.module)
    throw wrong(`sasl.mechanism=${asked} goes with the ${known.module}`)
  if (options.get('tokenauth')?.toLowerCase() === 'true')
    throw wrong('delegation tokens (tokenauth) are not supported')
  const [username, password] = [options.get('username'), options.get('password')]
  if (username === undefined || password === undefined) throw wrong('it needs username="…" and password="…"')
  return { mechanism: known.mechanism, username, password }
}
