/**
 * What the store does when nobody asks: retention, compaction and the rest of deleted topics, looked for at intervals
 * and done in steps of a few milliseconds between the clients' requests.
 */
import type { DatabaseSync } from 'node:sqlite'
import { DecodeError } from '#errors'
import type { BrokerDefaults } from '../properties.ts'
import type { Catalogue, Partition } from './catalogue.ts'
import { Compaction } from './compaction.ts'
import type { BatchLog } from './log.ts'

/** Clients wait no longer than this for a step, its last batch aside. */
const stepMs = 10

interface Job {
  /** null: of a topic that is no more. */
  readonly partition: Partition | null
  readonly steps: Generator<void>
}

export class Upkeep {
  readonly #db: DatabaseSync
  readonly #catalogue: Catalogue
  readonly #log: BatchLog
  readonly #compaction: Compaction
  readonly #timers: readonly NodeJS.Timeout[]
  readonly #failed: (error: unknown) => void
  /** Ids of partitions with bytes that cannot be read: they stay as they are, and the others have their turn. */
  readonly #damaged = new Set<number>()
  #jobs: Job[] = []
  #scheduled: NodeJS.Immediate | null = null

  constructor(
    db: DatabaseSync,
    catalogue: Catalogue,
    log: BatchLog,
    defaults: BrokerDefaults,
    failed: (error: unknown) => void,
  ) {
    this.#db = db
    this.#catalogue = catalogue
    this.#log = log
    this.#compaction = new Compaction(db)
    this.#failed = failed
    this.#timers = [
      setInterval(() => this.#look((partition) => this.#retention(partition)), defaults.retentionCheckMs),
      setInterval(() => {
        this.#look((partition) => this.#cleaning(partition))
        this.#purge()
      }, defaults.compactionCheckMs),
    ]
  }

  /** Drops what is half done: the catalogue was loaded anew, and the next look begins with that. */
  abandon(): void {
    this.#jobs = []
  }

  close(): void {
    for (const timer of this.#timers) clearInterval(timer)
    if (this.#scheduled !== null) clearImmediate(this.#scheduled)
    this.#jobs = []
  }

  #look(job: (partition: Partition) => Job | null): void {
    // Whatever is still to be done comes first: a look that finds the same again would do it twice.
    if (this.#jobs.length > 0) return
    for (const topic of this.#catalogue.all())
      for (const partition of topic.partitions) {
        const found = job(partition)
        if (found !== null) this.#jobs.push(found)
      }
    this.#schedule()
  }

  #purge(): void {
    if (this.#jobs.length > 0) return
    this.#jobs = this.#catalogue
      .orphans()
      .map((orphan) => ({ partition: null, steps: purge(this.#catalogue, orphan) }))
    this.#schedule()
  }

  #retention(partition: Partition): Job | null {
    const { delete: applies, retentionMs, retentionBytes } = partition.topic.policy
    if (!applies || partition.batches === 0) return null
    if (retentionMs === Number.POSITIVE_INFINITY && partition.bytes <= retentionBytes) return null
    return { partition, steps: retain(this.#log, partition) }
  }

  #cleaning(partition: Partition): Job | null {
    const now = Date.now()
    if (this.#damaged.has(partition.id) || !this.#compaction.due(partition, now)) return null
    return { partition, steps: this.#compaction.run(partition, now) }
  }

  #schedule(): void {
    if (this.#jobs.length > 0) this.#scheduled ??= setImmediate(() => this.#step())
  }

  #step(): void {
    this.#scheduled = null
    const until = performance.now() + stepMs
    this.#db.exec('BEGIN')
    try {
      while (this.#jobs.length > 0 && performance.now() < until)
        if (this.#jobs[0]?.steps.next().done) this.#jobs.shift()
      this.#db.exec('COMMIT')
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK')
      const partition = this.#jobs[0]?.partition ?? null
      this.#jobs = []
      this.#catalogue.load()
      this.#failed(error instanceof DecodeError && partition !== null ? this.#leave(partition, error) : error)
    }
    this.#schedule()
  }

  #leave({ id, topic, number }: Partition, cause: DecodeError): DecodeError {
    this.#damaged.add(id)
    return new DecodeError(`${topic.name}-${number} cannot be compacted and stays as it is.`, { cause })
  }
}

function* purge(catalogue: Catalogue, orphan: number): Generator<void> {
  while (catalogue.purge(orphan)) yield
}

function* retain(log: BatchLog, partition: Partition): Generator<void> {
  while (log.retain(partition, Date.now())) yield
}
