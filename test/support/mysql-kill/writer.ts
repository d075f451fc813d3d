/**
 * Random statements of all kinds on tables whose rows carry a version that each change counts up: rows of every table
 * have an `id` that is theirs alone, whether it is the key or not. A server that goes away is waited for.
 */
import { setTimeout as delay } from 'node:timers/promises'
import mysql from 'mysql2/promise'
import type { ServerAddress } from '../services/address.ts'

export type Flavor = 'mysql' | 'mariadb'

export interface Table {
  readonly name: string
  readonly key: 'one' | 'two' | 'none'
}

/** What rows are as wide as, so that a snapshot lasts long enough to be killed. */
const noteWidth = 1500
const extraTypes: Readonly<Record<string, string>> = {
  INT: 'id * 7',
  'VARCHAR(50) CHARACTER SET latin1': "CONCAT('é ', id)",
  'DECIMAL(12,3)': 'id / 8',
  DOUBLE: 'id + 0.25',
}

const keys = { one: ', PRIMARY KEY (id)', two: ', PRIMARY KEY (part, id)', none: ', KEY (id)' }

export class Writer {
  readonly tables: Table[] = []
  readonly done: Record<string, number> = {}
  /** false: rows only. */
  defines = true
  readonly #address: ServerAddress
  readonly #flavor: Flavor
  readonly #database: string
  readonly #random: () => number
  #session: mysql.Connection | null = null
  #nextId = 1
  #names = 0
  #running: Promise<void> | null = null
  #stopped = false

  constructor(address: ServerAddress, flavor: Flavor, database: string, random: () => number) {
    this.#address = address
    this.#flavor = flavor
    this.#database = database
    this.#random = random
  }

  async create(table: Table, rows: number): Promise<void> {
    await this.query(
      `CREATE TABLE ${table.name} (id INT NOT NULL, part VARCHAR(8) NOT NULL, version INT NOT NULL, note TEXT${keys[table.key]})`,
    )
    for (let left = rows; left > 0; left -= 5000) await this.#insert(table, Math.min(left, 5000))
    this.tables.push(table)
  }

  /** Changes rows and tables until it is stopped. */
  start(): void {
    this.#stopped = false
    this.#running = (async () => {
      while (!this.#stopped) {
        await this.step()
        await delay(this.#random() * 8)
      }
    })()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#running
    this.#running = null
  }

  async end(): Promise<void> {
    await this.stop()
    await this.#session?.end()
  }

  /** One transaction, or one definition. A server that goes away leaves it done or undone. */
  async step(): Promise<void> {
    try {
      if (this.#random() < 0.06 && this.defines) await this.#define()
      else await this.#transaction()
    } catch (error) {
      if (!isLoss(error)) throw error
      this.#session = null
    }
  }

  /** Every row is changed once more: its last record has the table's last shape. */
  async touchAll(): Promise<void> {
    for (const { name } of this.tables) await this.query(`UPDATE ${name} SET version = version + 1`)
  }

  async query(sql: string): Promise<mysql.RowDataPacket[]> {
    const [rows] = await (await this.#connection()).query(sql)
    return rows as mysql.RowDataPacket[]
  }

  async #connection(): Promise<mysql.Connection> {
    const { host, port, user, password } = this.#address
    for (let tries = 0; this.#session === null; tries++) {
      try {
        const session = await mysql.createConnection({ host, port, user, password, database: this.#database })
        session.on('error', () => {
          if (this.#session === session) this.#session = null
        })
        this.#session = session
      } catch (error) {
        if (tries > 600) throw error
        await delay(100)
      }
    }
    return this.#session
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit)
  }

  #pick<T>(from: readonly T[]): T {
    return from[this.#below(from.length)] as T
  }

  async #transaction(): Promise<void> {
    if (this.#flavor === 'mysql')
      await this.query(`SET SESSION binlog_transaction_compression = ${this.#random() < 0.3 ? 'ON' : 'OFF'}`)
    await this.query('BEGIN')
    for (let i = 1 + this.#below(4); i > 0; i--) await this.#change(this.#pick(this.tables))
    const undone = this.#random() < 0.1
    await this.query(undone ? 'ROLLBACK' : 'COMMIT')
    this.#count(undone ? 'rollback' : 'commit')
  }

  async #change(table: Table): Promise<void> {
    const { name } = table
    const id = 1 + this.#below(this.#nextId)
    const size = this.#random() < 0.03 ? 1500 : 1 + this.#below(20)
    const range = `id BETWEEN ${id} AND ${id + size}`
    const set = `version = version + 1${await this.#extra(name)}`
    const kind = this.#pick(['insert', 'update', 'update', 'update', 'delete', 'rekey'] as const)
    if (kind === 'insert') await this.#insert(table, size)
    else if (kind === 'update') await this.query(`UPDATE ${name} SET ${set} WHERE ${range}`)
    else if (kind === 'delete') await this.query(`DELETE FROM ${name} WHERE ${range} LIMIT 5`)
    else await this.query(`UPDATE ${name} SET ${set}, id = ${this.#nextId++} WHERE id = ${id}`)
    this.#count(kind)
  }

  async #insert({ name }: Table, rows: number): Promise<void> {
    const note = this.tables.length < 3 ? noteWidth : 20
    const values = Array.from({ length: rows }, () => {
      const id = this.#nextId++
      return `(${id}, 'p${id % 7}', 0, RPAD('row ${id} ä ', ${note}, '-'))`
    })
    await this.query(`INSERT INTO ${name} (id, part, version, note) VALUES ${values.join(', ')}`)
  }

  /** Sets a column that was added. */
  async #extra(table: string): Promise<string> {
    const added = (await this.#columns(table)).filter(({ name }) => name.startsWith('x'))
    if (added.length === 0) return ''
    const { name, type } = this.#pick(added)
    const [, value] = Object.entries(extraTypes).find(([each]) => each.toLowerCase().startsWith(type)) ?? []
    return `, ${name} = ${value}`
  }

  async #columns(table: string): Promise<readonly { name: string; type: string }[]> {
    const found = await this.query(
      `SELECT column_name AS name, data_type AS type FROM information_schema.columns WHERE table_schema = '${this.#database}' AND table_name = '${table}'`,
    )
    return found.map(({ name, type }) => ({ name: String(name), type: String(type) }))
  }

  async #define(): Promise<void> {
    const table = this.#pick(this.tables)
    const { name } = table
    const added = (await this.#columns(name)).filter((column) => column.name.startsWith('x'))
    const kinds = [
      'add',
      'add',
      'change',
      'truncate',
      'table',
      ...(added.length > 0 ? ['drop', 'rename'] : []),
    ]
    const kind = this.#pick(kinds)
    const old = added.length > 0 ? this.#pick(added).name : ''
    const fresh = `x${++this.#names}`
    const place = this.#pick(['', ' FIRST', ' AFTER id'])
    if (kind === 'add')
      await this.query(
        `ALTER TABLE ${name} ADD COLUMN ${fresh} ${this.#pick(Object.keys(extraTypes))}${place}`,
      )
    else if (kind === 'drop') await this.query(`ALTER TABLE ${name} DROP COLUMN ${old}`)
    else if (kind === 'rename') await this.query(`ALTER TABLE ${name} RENAME COLUMN ${old} TO ${fresh}`)
    else if (kind === 'change') await this.query(`ALTER TABLE ${name} MODIFY note MEDIUMTEXT${place}`)
    else if (kind === 'table') await this.#another()
    else if (name !== this.tables[0]?.name) await this.query(`TRUNCATE TABLE ${name}`)
    this.#count(kind)
  }

  /** A new table; or one, with its rows deleted, is dropped and made anew. */
  async #another(): Promise<void> {
    if (this.tables.length < 6) {
      const key = this.#pick(['one', 'two', 'none'] as const)
      const table = { name: `t${this.tables.length}`, key }
      await this.query(`DROP TABLE IF EXISTS ${table.name}`)
      return this.create(table, 10)
    }
    const table = this.tables.at(-1) as Table
    await this.query(`DELETE FROM ${table.name}`)
    await this.query(`DROP TABLE ${table.name}`)
    this.tables.pop()
  }

  #count(kind: string): void {
    this.done[kind] = (this.done[kind] ?? 0) + 1
  }
}

function isLoss(error: unknown): boolean {
  const { code = '', fatal = false } = error as { code?: string; fatal?: boolean }
  return (
    fatal || /PROTOCOL_CONNECTION_LOST|ECONN|EPIPE|ER_SERVER_SHUTDOWN|closed state/.test(`${code} ${error}`)
  )
}
