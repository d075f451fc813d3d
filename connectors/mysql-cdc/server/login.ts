/** How to reach a server and what a session begins with. */
import type { TlsPlan } from './tls.ts'

export type Server = 'mysql' | 'mariadb'

export interface Login {
  /** What the connector is for; what answers may be the other. */
  readonly server: Server
  readonly host: string
  readonly port: number
  readonly user: string | null
  readonly password: string | null
  readonly tls: TlsPlan
  /** From the first packet to the end of the login. */
  readonly connectTimeoutMs: number
  /** Until a statement's first answer; 0: any time. */
  readonly queryTimeoutMs: number
  /** `database.initial.statements`, one by one; sessions that read the log run none. */
  readonly initialStatements: readonly string[]
  readonly keepAlive: boolean
  readonly keepAliveMs: number
}

export function serverName(server: Server): string {
  return server === 'mysql' ? 'MySQL' : 'MariaDB'
}

export function placeOf(login: Login): string {
  return `${serverName(login.server)} at ${login.host}:${login.port}`
}

/** `;` separates, `;;` is a semicolon. */
export function initialStatements(text: string | null): readonly string[] {
  return (text ?? '')
    .split(/(?<!;);(?!;)/)
    .map((statement) => statement.replaceAll(';;', ';').trim())
    .filter((statement) => statement !== '')
}
