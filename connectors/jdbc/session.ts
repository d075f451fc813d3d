/** The task's connection: opened when it is needed, kept while it is well, opened again after a fault. */
import { setTimeout as sleep } from 'node:timers/promises'
import { ConfigError, ConnectError, messageOf } from '#errors'
import { openSql, type SqlClient, SqlError } from '#sql'

export interface SessionSettings {
  readonly url: string
  readonly user: string | null
  readonly password: string | null
  readonly properties: Readonly<Record<string, string>>
  readonly attempts: number
  readonly backoffMs: number
  readonly warn: (message: string) => void
}

export class Session implements AsyncDisposable {
  readonly #settings: SessionSettings
  #client: SqlClient | null = null
  #warned = false

  constructor(settings: SessionSettings) {
    this.#settings = settings
  }

  /** Throws a SqlError of kind `connection` when all attempts have failed. */
  async client(signal: AbortSignal): Promise<SqlClient> {
    if (this.#client?.broken === true) await this.close()
    this.#client ??= await this.#open(signal)
    return this.#client
  }

  async close(): Promise<void> {
    const client = this.#client
    this.#client = null
    await client?.[Symbol.asyncDispose]()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #open(signal: AbortSignal): Promise<SqlClient> {
    const { url, user, password, properties, attempts, backoffMs, warn } = this.#settings
    for (let attempt = 1; ; attempt++) {
      try {
        // Parameters without effect are named once, not at every reconnect.
        const client = await openSql(url, {
          user,
          password,
          properties,
          warn: this.#warned ? () => {} : warn,
        })
        this.#warned = true
        return client
      } catch (error) {
        if (!(error instanceof SqlError) || !error.retriable || attempt >= attempts || signal.aborted)
          throw error
        warn(`Attempt ${attempt} of ${attempts} to connect failed: ${error.message}`)
        await sleep(backoffMs, undefined, { signal }).catch(() => {})
      }
    }
  }
}

/** For `config/validate`: a connection is opened and tried; what went wrong, in one sentence, or null. */
export async function withConnection<T>(
  settings: Omit<SessionSettings, 'attempts' | 'backoffMs' | 'warn'>,
  use: (client: SqlClient) => Promise<T>,
): Promise<{ readonly result: T } | { readonly problem: string; readonly login: boolean }> {
  let client: SqlClient | null = null
  try {
    client = await openSql(settings.url, settings)
    return { result: await use(client) }
  } catch (error) {
    if (!(error instanceof ConnectError)) throw error
    const login = error instanceof SqlError && error.facts.sqlState?.startsWith('28') === true
    return { problem: messageOf(error), login }
  } finally {
    await client?.[Symbol.asyncDispose]()
  }
}

/** A URL is there and can be read; passwords in it stay out of the message. */
export function requireUrl(url: string | null): string {
  if (url !== null && url !== '') return url
  throw new ConfigError('Missing required configuration "connection.url" which has no default value.')
}
