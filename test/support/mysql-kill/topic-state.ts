/**
 * What a topic of changes says of each row, followed record by record: each change begins with the version that the one
 * before it left. Only a row that a snapshot had not reached when it was cut off may be changed before it is read.
 */
import type { ConsumedRecord } from '#broker'

type Row = Readonly<Record<string, unknown>> & { readonly id: number; readonly version: number }

interface Event {
  readonly op: 'r' | 'c' | 'u' | 'd' | 't'
  readonly before: Row | null
  readonly after: Row | null
}

export class TopicState {
  readonly #topic: string
  /** undefined: never seen; null: deleted. */
  readonly #rows = new Map<number, Row | null>()
  /** Rows that were never seen may be there. */
  #unread: boolean
  records = 0
  /** Rows that were read more than once. */
  readAgain = 0
  readonly #read = new Set<number>()

  constructor(topic: string, hadRows: boolean) {
    this.#topic = topic
    this.#unread = hadRows
  }

  follow(record: ConsumedRecord): void {
    if (record.value === null) return
    this.records++
    const { op, before, after } = (JSON.parse(Buffer.from(record.value).toString()) as { payload: Event })
      .payload
    if (op === 't') return this.#truncated()
    if (op === 'r') this.#reads(after as Row)
    else {
      if (before !== null) this.#takes(before, op, record)
      if (after !== null && op === 'c') this.#isFree(after, record)
    }
    if (before !== null && after?.id !== before.id) this.#rows.set(before.id, null)
    if (after !== null) this.#rows.set(after.id, after)
  }

  #truncated(): void {
    for (const id of this.#rows.keys()) this.#rows.set(id, null)
    this.#unread = false
  }

  #reads(row: Row): void {
    if (this.#read.has(row.id)) this.readAgain++
    this.#read.add(row.id)
    const known = this.#rows.get(row.id)
    if (known !== undefined && known?.version !== row.version)
      throw new Error(
        `${this.#topic}: row ${row.id} is read with version ${row.version}, the topic has ${known === null ? 'it deleted' : known.version}`,
      )
  }

  #takes(before: Row, op: string, { offset }: ConsumedRecord): void {
    const known = this.#rows.get(before.id)
    if (known === undefined ? this.#unread : known?.version === before.version) return
    throw new Error(
      `${this.#topic}@${offset}: ${op} of row ${before.id} begins with version ${before.version}, the topic has ${known === undefined ? 'never had it' : (known?.version ?? 'it deleted')}`,
    )
  }

  #isFree(after: Row, { offset }: ConsumedRecord): void {
    const known = this.#rows.get(after.id) ?? null
    if (known !== null)
      throw new Error(
        `${this.#topic}@${offset}: row ${after.id} is inserted, the topic has it with version ${known.version}`,
      )
  }

  mustEndWith(rows: readonly Readonly<Record<string, unknown>>[]): void {
    const left = new Map([...this.#rows].filter(([, row]) => row !== null))
    if (rows.length !== left.size)
      throw new Error(`${this.#topic} ends with ${left.size} rows, the table has ${rows.length}`)
    for (const row of rows) {
      const [ours, theirs] = [sorted(left.get(Number(row['id'])) ?? {}), sorted(row)]
      if (ours !== theirs)
        throw new Error(
          `${this.#topic} ends with ${ours.slice(0, 300)}, the table has ${theirs.slice(0, 300)}`,
        )
    }
  }
}

/** Equal for equal rows, whatever the order of their columns. */
export function sorted(row: Readonly<Record<string, unknown>>): string {
  const entries = Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1))
  return JSON.stringify(Object.fromEntries(entries))
}
