/**
 * Where a sink task is in each partition it owns: what was delivered to the target, and what of that is committed.
 * Offsets are those of the next record to read.
 */
import type { ConsumedRecord, GroupOffset, TopicPartition } from '#broker'

interface Position extends TopicPartition {
  delivered: bigint | null
  committed: bigint | null
}

/** After a batch: the offset to go on from, per partition. */
export type BatchEnd = readonly GroupOffset[]

export class Positions {
  readonly #owned = new Map<string, Position>()

  own(partitions: readonly TopicPartition[]): void {
    for (const { topic, partition } of partitions)
      this.#owned.set(idOf(topic, partition), { topic, partition, delivered: null, committed: null })
  }

  disown(partitions: readonly TopicPartition[]): void {
    for (const { topic, partition } of partitions) this.#owned.delete(idOf(topic, partition))
  }

  owns({ topic, partition }: TopicPartition): boolean {
    return this.#owned.has(idOf(topic, partition))
  }

  owned(): TopicPartition[] {
    return [...this.#owned.values()].map(({ topic, partition }) => ({ topic, partition }))
  }

  /** The batch is in the target; partitions that were taken away meanwhile are no longer ours to commit. */
  delivered(end: BatchEnd): void {
    for (const { topic, partition, offset } of end) {
      const position = this.#owned.get(idOf(topic, partition))
      if (position !== undefined) position.delivered = offset
    }
  }

  uncommitted(): GroupOffset[] {
    return [...this.#owned.values()].flatMap(({ topic, partition, delivered, committed }) =>
      delivered === null || delivered === committed ? [] : [{ topic, partition, offset: delivered }],
    )
  }

  committed(offsets: readonly GroupOffset[]): void {
    for (const { topic, partition, offset } of offsets) {
      const position = this.#owned.get(idOf(topic, partition))
      if (position !== undefined) position.committed = offset
    }
  }
}

/** Records come in offset order per partition: the last one says where to go on. */
export function endOf(records: readonly ConsumedRecord[]): BatchEnd {
  const last = new Map<string, ConsumedRecord>()
  for (const record of records) last.set(idOf(record.topic, record.partition), record)
  return [...last.values()].map(({ topic, partition, offset }) => ({ topic, partition, offset: offset + 1n }))
}

function idOf(topic: string, partition: number): string {
  return `${partition}:${topic}`
}
