/** What consumer groups have committed, in the database. */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { GroupOffset } from '../../broker.ts'

export class GroupOffsets {
  readonly #put: StatementSync
  readonly #one: StatementSync
  readonly #all: StatementSync
  readonly #remove: StatementSync
  readonly #removeAll: StatementSync

  constructor(db: DatabaseSync) {
    this.#put = db.prepare(
      `INSERT INTO group_offsets (name, topic, partition, "offset") VALUES (?, ?, ?, ?)
       ON CONFLICT (name, topic, partition) DO UPDATE SET "offset" = excluded."offset"`,
    )
    this.#one = db.prepare(
      'SELECT "offset" FROM group_offsets WHERE name = ? AND topic = ? AND partition = ?',
    )
    this.#all = db.prepare(
      'SELECT topic, partition, "offset" FROM group_offsets WHERE name = ? ORDER BY topic, partition',
    )
    this.#remove = db.prepare('DELETE FROM group_offsets WHERE name = ? AND topic = ? AND partition = ?')
    this.#removeAll = db.prepare('DELETE FROM group_offsets WHERE name = ?')
  }

  put(group: string, topic: string, partition: number, offset: bigint): void {
    this.#put.run(group, topic, partition, offset)
  }

  committed(group: string, topic: string, partition: number): number | null {
    const row = this.#one.get(group, topic, partition)
    return row === undefined ? null : Number(row['offset'])
  }

  all(group: string): GroupOffset[] {
    return this.#all.all(group).map((row) => ({
      topic: String(row['topic']),
      partition: Number(row['partition']),
      offset: BigInt(Number(row['offset'])),
    }))
  }

  remove(group: string, topic: string, partition: number): void {
    this.#remove.run(group, topic, partition)
  }

  removeAll(group: string): void {
    this.#removeAll.run(group)
  }
}
