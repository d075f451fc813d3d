/**
 * The database of a case. Cases that were recorded in the one that every PostgreSQL has get one of their own, so that
 * they can be played beside each other.
 */
import { logEnd, type LogPlace, madeDatabases } from './recorded-binlog.ts'
import { type Engine, fill, type RecordedCase, type Step } from './recorded-case.ts'
import { answered, sql, type SqlServer } from './recorded-sql.ts'
import type { Stage } from './recorded-stage.ts'
import { until } from './recorded-wait.ts'

type Place = readonly [engine: Engine, server: SqlServer, database: string]

export class RecordedDatabase {
  readonly #case: RecordedCase
  readonly #stage: Stage
  readonly #variables: Readonly<Record<string, string>>

  constructor(recorded: RecordedCase, stage: Stage, variables: Readonly<Record<string, string>>) {
    this.#case = recorded
    this.#stage = stage
    this.#variables = variables
  }

  async create(): Promise<void> {
    await this.drop()
    // The default of the server that the cases were recorded on.
    const charset = this.#case.engine === 'mariadb' ? ' CHARACTER SET latin1' : ''
    if (this.#isOwn) await this.#administer(`CREATE DATABASE ${this.#name}${charset}`)
  }

  async drop(): Promise<void> {
    const { engine } = this.#case
    if (engine === undefined) return
    if (engine === 'postgres') {
      await this.slotIsFree()
      const slot = `FROM pg_replication_slots WHERE slot_name = '${this.#slot}'`
      await this.#administer(`SELECT pg_drop_replication_slot(slot_name) ${slot}`)
    }
    const force = engine === 'postgres' ? ' WITH (FORCE)' : ''
    for (const name of this.#name === '' ? madeDatabases(this.#case) : [this.#name])
      await this.#administer(`DROP DATABASE IF EXISTS ${name}${force}`)
  }

  async run(step: Step, text: string): Promise<void> {
    await sql(...this.#placeOf(step), fill(text, this.#variables))
  }

  /** What the client prints, or the refusal. */
  ask(step: Step, text: string): Promise<string> {
    return answered(...this.#placeOf(step), fill(text, this.#variables))
  }

  async slotIsFree(): Promise<void> {
    if (this.#case.engine !== 'postgres' || this.#case.sink === true) return
    const busy = `SELECT 1 FROM pg_replication_slots WHERE slot_name = '${this.#slot}' AND active`
    await until(
      () => `the slot ${this.#slot} is free`,
      async () => !(await this.#holds(busy)),
    )
  }

  /**
   * Waits until a slot has passed all that was written so far. A position is confirmed once nothing before it is on its
   * way, so a transaction that changes nothing marks the end. `alive` throws if there is nothing to wait for.
   */
  async slotCaughtUp(alive: () => Promise<void>): Promise<void> {
    await this.#administer('SELECT txid_current()')
    const end = (await this.#administer('SELECT pg_current_wal_insert_lsn()')).split('\n')[1]
    const passed = `SELECT 1 FROM pg_replication_slots WHERE slot_name = '${this.#slot}' AND confirmed_flush_lsn >= '${end}'`
    await until(
      () => `the slot ${this.#slot} has passed ${end}`,
      async () => {
        if (await this.#holds(passed)) return true
        await alive()
        return false
      },
    )
  }

  /** For the player to compare with what a connector has read. */
  async logEnd(): Promise<LogPlace> {
    const [engine, server] = this.#placeOf({})
    return logEnd(engine, server)
  }

  get #isOwn(): boolean {
    return this.#case.own !== undefined || this.#case.database === 'postgres'
  }

  get #name(): string {
    return fill(this.#isOwn ? '{{db}}' : (this.#case.database ?? ''), this.#variables)
  }

  get #slot(): string {
    return this.#variables['db'] ?? ''
  }

  #placeOf(step: Step): Place {
    const engine = step.engine ?? this.#case.engine
    const server = engine === undefined ? undefined : this.#stage.servers[engine]
    if (engine === undefined || server === undefined)
      throw new Error(`there is no ${engine ?? 'database'} here`)
    return [engine, server, step.database === undefined ? this.#name : fill(step.database, this.#variables)]
  }

  /** A statement on the case's server, outside of its database. */
  #administer(statement: string): Promise<string> {
    const [engine, server] = this.#placeOf({})
    const [database, unaligned] = engine === 'postgres' ? ['postgres', '\\pset format unaligned\n'] : ['', '']
    return sql(engine, server, database, unaligned + statement)
  }

  async #holds(statement: string): Promise<boolean> {
    return !(await this.#administer(statement)).includes('(0 rows)')
  }
}
