/** Where a database server is, and who may do everything there. */
export interface ServerAddress {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
}

/** `kind://user:password@host:port`; null where there is none. */
export function addressIn(variable: string, usualPort: number): ServerAddress | null {
  const text = process.env[variable]
  if (text === undefined) return null
  const { hostname, port, username, password } = new URL(text)
  return {
    host: hostname,
    port: Number(port || usualPort),
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
  }
}
