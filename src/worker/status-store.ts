/**
 * States of connectors and tasks and the topics in use, as Connect's status topic holds them:
 *
 *   status-connector-NAME               {"state","trace","worker_id","generation","version"}   null: gone
 *   status-task-NAME-N                  the same
 *   status-topic-TOPIC:connector-NAME   {"topic":{"name","connector","task","discoverTimestamp"}}
 *
 * What was put is seen at once; the records follow in that order, several per write. A write that fails is logged and
 * does not fail the connector: the next state of the same thing repairs it.
 */
import { type Logger, logger } from '#observe'
import { isJsonObject, type JsonObject, jsonText, parseJson } from '#pipeline'
import type { Status } from './herder.ts'
import type { StoreEntry, StoreTable } from './table.ts'

export interface StatusRecord {
  readonly state: Status
  readonly trace: string | null
  readonly workerId: string
  readonly generation: number
  readonly version: string | null
}

export class StatusStore implements AsyncDisposable {
  readonly #table: StoreTable
  readonly #log: Logger
  readonly #connectors = new Map<string, StatusRecord>()
  readonly #tasks = new Map<string, Map<number, StatusRecord>>()
  readonly #topics = new Map<string, Set<string>>()
  #pending: StoreEntry[] = []
  #writing: Promise<void> | null = null

  /** Reads what the table holds. */
  constructor(table: StoreTable) {
    this.#table = table
    this.#log = logger('worker.status')
    const decoder = new TextDecoder()
    for (const [key, value] of table.entries()) {
      try {
        this.#read(key, decoder.decode(value))
      } catch (error) {
        this.#log.error({ key, err: error }, 'A record of the status topic is skipped')
      }
    }
  }

  connector(name: string): StatusRecord | null {
    return this.#connectors.get(name) ?? null
  }

  task(name: string, task: number): StatusRecord | null {
    return this.#tasks.get(name)?.get(task) ?? null
  }

  /** By number. */
  tasks(name: string): readonly (readonly [task: number, status: StatusRecord])[] {
    return [...(this.#tasks.get(name) ?? [])].sort(([a], [b]) => a - b)
  }

  topics(name: string): readonly string[] {
    return [...(this.#topics.get(name) ?? [])]
  }

  /** All connectors that anything is known of. */
  names(): readonly string[] {
    return [...new Set([...this.#connectors.keys(), ...this.#tasks.keys(), ...this.#topics.keys()])]
  }

  /** The highest generation any record carries. */
  generation(): number {
    const all = [
      ...this.#connectors.values(),
      ...[...this.#tasks.values()].flatMap((tasks) => [...tasks.values()]),
    ]
    return all.reduce((highest, { generation }) => Math.max(highest, generation), 0)
  }

  /**
   * For a worker that begins: forgets connectors that are no more, and takes nothing of the others for running that an
   * earlier worker left so. (Seen at once, written when they start.)
   */
  startOver(connectors: readonly string[]): void {
    for (const name of this.names()) if (!connectors.includes(name)) this.remove(name)
    const idle = { state: 'UNASSIGNED', trace: null, version: null } as const
    for (const [name, status] of this.#connectors) this.#connectors.set(name, { ...status, ...idle })
    for (const tasks of this.#tasks.values())
      for (const [task, status] of tasks) tasks.set(task, { ...status, ...idle })
  }

  putConnector(name: string, status: StatusRecord): void {
    this.#connectors.set(name, status)
    this.#write(`status-connector-${name}`, wireForm(status))
  }

  putTask(name: string, task: number, status: StatusRecord): void {
    this.#tasksOf(name).set(task, status)
    this.#write(`status-task-${name}-${task}`, wireForm(status))
  }

  removeTask(name: string, task: number): void {
    if (this.#tasks.get(name)?.delete(task)) this.#write(`status-task-${name}-${task}`, null)
  }

  /** The connector, its tasks and its topics. */
  remove(name: string): void {
    this.resetTopics(name)
    for (const [task] of this.tasks(name)) this.removeTask(name, task)
    this.#tasks.delete(name)
    if (this.#connectors.delete(name)) this.#write(`status-connector-${name}`, null)
  }

  addTopic(name: string, topic: string, task: number, discovered: number): void {
    const topics = this.#topics.get(name) ?? new Set()
    if (topics.has(topic)) return
    this.#topics.set(name, topics.add(topic))
    const value = { name: topic, connector: name, task: BigInt(task), discoverTimestamp: BigInt(discovered) }
    this.#write(topicKey(name, topic), jsonText({ topic: value }))
  }

  resetTopics(name: string): void {
    for (const topic of this.topics(name)) this.#write(topicKey(name, topic), null)
    this.#topics.delete(name)
  }

  /** Resolves once everything put so far has been written. */
  async flush(): Promise<void> {
    while (this.#writing !== null) await this.#writing
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.flush()
    await this.#table[Symbol.asyncDispose]()
  }

  #write(key: string, value: string | null): void {
    this.#pending.push({ key, value })
    this.#writing ??= this.#writeAll()
  }

  async #writeAll(): Promise<void> {
    await null // what the same turn puts besides goes into the same write
    while (this.#pending.length > 0) {
      const batch = this.#pending
      this.#pending = []
      try {
        await this.#table.put(batch)
      } catch (error) {
        this.#log.error({ err: error, keys: batch.map(({ key }) => key) }, 'States could not be written')
      }
    }
    this.#writing = null
  }

  #read(key: string, value: string): void {
    const members = parseJson(value)
    if (!isJsonObject(members)) return
    const [, kind = '', rest = ''] = /^status-(connector|task|topic)-(.*)$/s.exec(key) ?? []
    if (kind === 'connector') this.#connectors.set(rest, statusOf(members))
    if (kind === 'task') {
      const [, name = '', number] = /^(.*)-(\d+)$/s.exec(rest) ?? []
      this.#tasksOf(name).set(Number(number), statusOf(members))
    }
    if (kind === 'topic' && isJsonObject(members['topic'])) {
      const { name, connector } = members['topic']
      const topics = this.#topics.get(String(connector)) ?? new Set()
      this.#topics.set(String(connector), topics.add(String(name)))
    }
  }

  #tasksOf(name: string): Map<number, StatusRecord> {
    const known = this.#tasks.get(name)
    if (known !== undefined) return known
    const made = new Map<number, StatusRecord>()
    this.#tasks.set(name, made)
    return made
  }
}

function topicKey(connector: string, topic: string): string {
  return `status-topic-${topic}:connector-${connector}`
}

function wireForm({ state, trace, workerId, generation, version }: StatusRecord): string {
  return jsonText({ state, trace, worker_id: workerId, generation: BigInt(generation), version })
}

function statusOf(members: JsonObject): StatusRecord {
  const { trace, worker_id, version } = members
  return {
    state: String(members['state']) as Status,
    trace: typeof trace === 'string' ? trace : null,
    workerId: String(worker_id),
    generation: Number(members['generation'] ?? 0),
    version: typeof version === 'string' ? version : null,
  }
}
