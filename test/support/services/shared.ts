/**
 * Servers that a whole run shares. vitest's main process starts each when the first test asks for it, over a loopback
 * port that every test file is given, and stops them when the run is over.
 */
import { inject } from 'vitest'

declare module 'vitest' {
  export interface ProvidedContext {
    /** Where the run's servers are asked for. */
    sharedServers: string
  }
}

export interface RunningServer<Address> {
  readonly address: Address
  stop(): Promise<void>
}

export interface RestartableServer<Address> extends RunningServer<Address> {
  /** Ends it (TERM: cleanly; KILL: at once) and starts it again on its data and its port. */
  restart(signal: 'TERM' | 'KILL'): Promise<void>
}

export type SharedServer = 'postgres' | 'mysql' | 'mariadb' | 'kafka'

/** Starts the server unless it runs; one that failed to start fails each test that asks. */
export async function sharedServer<Address>(name: SharedServer): Promise<Address> {
  const response = await fetch(`${inject('sharedServers')}/${name}`)
  if (!response.ok) throw new Error(await response.text())
  return (await response.json()) as Address
}
