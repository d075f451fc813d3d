/** What a topic of changes says of each key, followed record by record. */
import type { ConsumedRecord } from '#broker'
import type { Kill } from './kill-ground.ts'

interface Event {
  readonly payload: {
    readonly op: string
    readonly after: { readonly version: number } | null
    readonly source: { readonly lsn: number }
  }
}

export class TopicHistory {
  readonly #table: string
  readonly #kills: readonly Kill[]
  /** false: rows were read anew, so that older versions may come behind newer ones. */
  readonly #strict: boolean
  readonly #versions = new Map<string, number>()
  readonly #seen = new Set<string>()
  /** Records that were there before. */
  again = 0

  constructor(table: string, kills: readonly Kill[], strict: boolean) {
    this.#table = table
    this.#kills = kills
    this.#strict = strict
  }

  /** In a strict table, each change must follow from the one before it, or have come before, unstored, a kill. */
  follow(record: ConsumedRecord): void {
    if (record.value === null) return
    const key = JSON.parse(Buffer.from(record.key ?? []).toString()) as { payload: { id: number } }
    const id = String(key.payload.id)
    const { op, after, source } = (JSON.parse(Buffer.from(record.value).toString()) as Event).payload
    const name = `${source.lsn} ${op} ${id}`
    if (this.#strict) this.#mustBeUnstored(record.offset, BigInt(source.lsn), op, id)
    if (this.#strict && this.#seen.has(name)) {
      this.again++
      return
    }
    this.#seen.add(name)
    const before = this.#versions.get(id)
    if (this.#strict && !follows(op, before, after?.version))
      throw new Error(
        `${this.#table} ${id}: ${op} with version ${after?.version} follows after version ${before}`,
      )
    if (after === null) this.#versions.delete(id)
    else this.#versions.set(id, after.version)
  }

  /** What comes after a kill must not be behind the offset that was stored then. */
  #mustBeUnstored(offset: bigint, lsn: bigint, op: string, id: string): void {
    if (op === 'r') return
    const kill = this.#kills.findLast(({ end }) => end <= offset)
    if (kill?.lsn == null || kill.end === 0n || lsn > kill.lsn) return
    throw new Error(
      `${this.#table} ${id}: ${op} at ${lsn} came after a kill, though ${kill.lsn} was stored by then`,
    )
  }

  mustEndWith(rows: readonly { readonly id: number; readonly version: number }[]): void {
    const table = this.#table
    if (rows.length !== this.#versions.size)
      throw new Error(`${table} has ${rows.length} rows, its topic ends with ${this.#versions.size} keys`)
    for (const { id, version } of rows) {
      const last = this.#versions.get(String(id))
      if (last !== version)
        throw new Error(`${table} ${id}: the table has version ${version}, the topic ends with ${last}`)
    }
  }
}

function follows(op: string, before: number | undefined, version: number | undefined): boolean {
  if (op === 'u') return version === (before ?? Number.NaN) + 1
  return op === 'd' ? before !== undefined : before === undefined
}
