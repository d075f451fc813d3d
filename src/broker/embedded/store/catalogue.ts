/**
 * The topics and partitions of the store, held in memory and written through. Everything here runs inside the
 * transaction of the request that asked; after a rollback `load` brings back what is stored.
 */
import type { DatabaseSync } from 'node:sqlite'
import type { NewTopic, TopicConfig } from '../../broker.ts'
import { InvalidRequestError, UnknownTopicError } from '../../errors.ts'
import type { BrokerDefaults } from '../properties.ts'
import { checkNewTopic, checkTopicName, policyOf, type TopicPolicy } from '../topic-config.ts'

export interface Partition {
  readonly id: number
  readonly number: number
  readonly topic: Topic
  first: number
  next: number
  /** Bytes and batches stored. */
  bytes: number
  batches: number
  /** Everything before this offset has been through compaction. */
  cleaned: number
  /** Bytes and batches that came since. */
  dirtyBytes: number
  dirtyBatches: number
}

export interface Topic {
  readonly id: number
  readonly name: string
  readonly config: TopicConfig
  readonly policy: TopicPolicy
  readonly partitions: Partition[]
}

/** In place of the topic of a partition whose topic was deleted. */
const noTopic = 0

export class Catalogue {
  readonly #db: DatabaseSync
  readonly #defaults: BrokerDefaults
  #topics = new Map<string, Topic>()
  #partitions = new Map<number, Partition>()
  /** Partitions of deleted topics whose records are still there. */
  #orphans = new Set<number>()
  /** Counts up with every topic made or deleted. */
  version = 0

  constructor(db: DatabaseSync, defaults: BrokerDefaults) {
    this.#db = db
    this.#defaults = defaults
    this.load()
  }

  load(): void {
    this.#topics = new Map()
    this.#partitions = new Map()
    this.version++
    this.#orphans = new Set(
      this.#db
        .prepare(`SELECT id FROM partitions WHERE topic = ${noTopic}`)
        .all()
        .map((row) => Number(row['id'])),
    )
    const partitions = this.#db.prepare('SELECT * FROM partitions WHERE topic = ? ORDER BY number')
    const extent = this.#db.prepare(
      `SELECT max(last) AS last, total(size) AS bytes, count(*) AS batches, total(last >= ?) AS dirty,
       total(CASE WHEN last >= ? THEN size END) AS dirtyBytes FROM batches WHERE partition = ?`,
    )
    for (const row of this.#db.prepare('SELECT id, name, config FROM topics').all()) {
      const topic = this.#topic(Number(row['id']), String(row['name']), JSON.parse(String(row['config'])))
      for (const each of partitions.all(topic.id)) {
        const [id, cleaned] = [Number(each['id']), Number(each['cleaned'])]
        const found = extent.get(cleaned, cleaned, id) ?? {}
        this.#add(topic, {
          ...{ id, number: Number(each['number']), topic, cleaned, first: Number(each['first']) },
          // Batches say how far a partition goes; the stored number counts only where the last of them are gone.
          next: Math.max(Number(each['next']), Number(found['last'] ?? -1) + 1),
          ...{ bytes: Number(found['bytes']), batches: Number(found['batches']) },
          ...{ dirtyBytes: Number(found['dirtyBytes']), dirtyBatches: Number(found['dirty']) },
        })
      }
    }
  }

  #topic(id: number, name: string, config: TopicConfig): Topic {
    const topic: Topic = { id, name, config, policy: policyOf(name, config, this.#defaults), partitions: [] }
    this.#topics.set(name, topic)
    return topic
  }

  #add(topic: Topic, partition: Partition): void {
    topic.partitions.push(partition)
    this.#partitions.set(partition.id, partition)
  }

  all(): IterableIterator<Topic> {
    return this.#topics.values()
  }

  find(name: string): Topic | null {
    return this.#topics.get(name) ?? null
  }

  get(name: string): Topic {
    const topic = this.#topics.get(name)
    if (topic === undefined) throw new UnknownTopicError(`There is no topic ${name}.`)
    return topic
  }

  partition(id: number): Partition | null {
    return this.#partitions.get(id) ?? null
  }

  /** Makes the topic; null where it exists already. */
  create(asked: NewTopic): Topic | null {
    checkNewTopic(asked)
    if (this.#topics.has(asked.topic)) return null
    this.#refuseCollision(asked.topic)
    policyOf(asked.topic, asked.config, this.#defaults)
    const made = this.#db
      .prepare('INSERT INTO topics (name, config) VALUES (?, ?)')
      .run(asked.topic, JSON.stringify(asked.config))
    const topic = this.#topic(Number(made.lastInsertRowid), asked.topic, asked.config)
    const insert = this.#db.prepare(
      'INSERT INTO partitions (topic, number, first, next, cleaned) VALUES (?, ?, 0, 0, 0)',
    )
    const count = asked.partitions === -1 ? this.#defaults.partitions : asked.partitions
    for (let number = 0; number < count; number++) {
      const id = Number(insert.run(topic.id, number).lastInsertRowid)
      const empty = { first: 0, next: 0, bytes: 0, batches: 0, cleaned: 0, dirtyBytes: 0, dirtyBatches: 0 }
      this.#add(topic, { id, number, topic, ...empty })
    }
    this.version++
    return topic
  }

  /** Kafka turns '.' into '_' for its metrics and therefore refuses names that differ in nothing else; so do we. */
  #refuseCollision(name: string): void {
    const folded = name.replaceAll('.', '_')
    if (!name.includes('.') && !name.includes('_')) return
    for (const other of this.#topics.keys())
      if (other.replaceAll('.', '_') === folded)
        throw new InvalidRequestError(
          `The topic name ${name} collides with ${other}: '.' and '_' count as the same.`,
        )
  }

  /** Finds the topic, or makes it where that is allowed. */
  open(name: string, create: boolean, as: NewTopic | null): Topic {
    const found = this.#topics.get(name)
    if (found !== undefined) return found
    checkTopicName(name)
    if (!create) throw new UnknownTopicError(`There is no topic ${name}.`)
    if (as === null && !this.#defaults.autoCreate)
      throw new UnknownTopicError(`There is no topic ${name}, and auto.create.topics.enable is false.`)
    return (
      this.create(as ?? { topic: name, partitions: -1, replicationFactor: -1, config: {} }) ?? this.get(name)
    )
  }

  orphans(): readonly number[] {
    return [...this.#orphans]
  }

  /** Deletes some of an orphan's batches, and with the last of them the orphan; true: there is more. */
  purge(orphan: number): boolean {
    const some = 'SELECT id FROM batches WHERE partition = ? LIMIT 64'
    if (this.#db.prepare(`DELETE FROM batches WHERE id IN (${some})`).run(orphan).changes !== 0) return true
    this.#db.prepare('DELETE FROM partitions WHERE id = ?').run(orphan)
    this.#orphans.delete(orphan)
    return false
  }

  /** Deletes the topic and what groups have committed for it; its records go by and by, as there may be many. */
  delete(name: string): void {
    const topic = this.get(name)
    for (const { id } of topic.partitions) {
      this.#partitions.delete(id)
      this.#orphans.add(id)
    }
    this.#db.prepare(`UPDATE partitions SET topic = ${noTopic} WHERE topic = ?`).run(topic.id)
    this.#db.prepare('DELETE FROM topics WHERE id = ?').run(topic.id)
    this.#db.prepare('DELETE FROM group_offsets WHERE topic = ?').run(name)
    this.#topics.delete(name)
    this.version++
  }
}
