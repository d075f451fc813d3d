/** A broker in memory that does as the test says: commits wait, fail after they were written, topics need making. */
import { ByteBuffer } from '#bytes'
import type {
  Broker,
  ConsumedRecord,
  Consumer,
  ConsumerOptions,
  GroupOffset,
  NewTopic,
  OffsetEntry,
  OutgoingRecord,
  ProducedRecord,
  SourceWriter,
  SourceWriterOptions,
  TopicPartition,
} from '#broker'
import type { Clock } from '../../../src/pipeline/clock.ts'

export interface WrittenRecord {
  readonly topic: string
  readonly key: string | null
  readonly value: string | null
  readonly headers: string
}

export interface OpenCommit {
  readonly records: readonly WrittenRecord[]
  readonly offsets: readonly (readonly [string, string | null])[]
  durable(): void
  fail(error: Error): void
}

export class ScriptedBroker {
  atomic = true
  /** Commits are durable at once; else the test calls `durable` of each. */
  autoCommit = true
  /** Topics of which the first append must wait. */
  unmade = new Map<string, () => Promise<void>>()
  readonly commits: OpenCommit[] = []
  /** What a commit made durable. */
  readonly stored: WrittenRecord[] = []
  readonly offsets = new Map<string, string | null>()
  readonly sent: ProducedRecord[] = []
  readonly made: NewTopic[] = []
  readonly groupCommits: (readonly GroupOffset[])[] = []
  writerOptions: SourceWriterOptions | null = null
  consumerOptions: ConsumerOptions | null = null
  writersOpen = 0
  consumersOpen = 0
  failSend: Error | null = null
  failGroupCommit: Error | null = null
  readonly consumer: ScriptedConsumer

  constructor(clock: Clock) {
    this.consumer = new ScriptedConsumer(this, clock)
  }

  get broker(): Broker {
    const nothing = async () => {}
    return {
      kind: 'embedded',
      clusterId: 'scripted',
      admin: {
        topics: async () => [],
        describe: async (topic) =>
          topic === 'offsets' && this.offsets.size > 0 ? { topic, partitions: 1, config: {} } : null,
        create: async (topic) => this.made.push(topic) > 0,
        delete: nothing,
        bounds: async () => [],
        groupOffsets: async () => [],
        alterGroupOffsets: nothing,
        deleteGroup: nothing,
        groupMembers: async () => [],
      },
      sourceWriter: async (options) => {
        this.writerOptions = options
        this.writersOpen++
        return new ScriptedWriter(this)
      },
      producer: async () => ({
        send: async (records) => {
          if (this.failSend !== null) throw this.failSend
          this.sent.push(...records)
        },
        [Symbol.asyncDispose]: nothing,
      }),
      consumer: async (options) => {
        this.consumerOptions = options
        this.consumersOpen++
        return this.consumer
      },
      reader: async () => this.#offsetsReader(),
      [Symbol.asyncDispose]: nothing,
    }
  }

  #offsetsReader() {
    const caughtUp = Promise.withResolvers<boolean>()
    return {
      poll: async (): Promise<readonly ConsumedRecord[]> => {
        caughtUp.resolve(true)
        return [...this.offsets].map(([key, value], index) => ({
          ...{ topic: 'offsets', partition: 0, offset: BigInt(index), timestamp: 0n, headers: [] },
          key: Buffer.from(key),
          value: value === null ? null : Buffer.from(value),
        }))
      },
      caughtUp: () => caughtUp.promise,
      [Symbol.asyncDispose]: async () => {},
    }
  }
}

class ScriptedWriter implements SourceWriter {
  readonly #script: ScriptedBroker
  readonly #out = new ByteBuffer()
  #records: WrittenRecord[] = []
  #failure: Error | null = null
  pendingBytes = 0

  constructor(script: ScriptedBroker) {
    this.#script = script
  }

  get atomic(): boolean {
    return this.#script.atomic
  }

  append(record: OutgoingRecord): Promise<void> | null {
    if (this.#failure !== null) throw this.#failure
    const make = this.#script.unmade.get(record.topic)
    if (make !== undefined) return make()
    const key = this.#text((out) => record.writeKey(out))
    const value = this.#text((out) => record.writeValue(out))
    this.#records.push({ topic: record.topic, key, value, headers: Buffer.from(record.headers).toString() })
    this.pendingBytes += (key?.length ?? 0) + (value?.length ?? 0)
    return null
  }

  #text(write: (out: ByteBuffer) => boolean): string | null {
    this.#out.clear()
    const written = write(this.#out)
    return written ? this.#out.written().toString() : null
  }

  commit(entries: readonly OffsetEntry[]): Promise<void> {
    if (this.#failure !== null) return Promise.reject(this.#failure)
    const records = this.#records
    const bytes = this.pendingBytes
    this.#records = []
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const offsets = entries.map(
      ({ key, value }) =>
        [Buffer.from(key).toString(), value === null ? null : Buffer.from(value).toString()] as const,
    )
    const durable = (): void => {
      this.#script.stored.push(...records)
      for (const [key, value] of offsets) this.#script.offsets.set(key, value)
      this.pendingBytes -= bytes
      resolve()
    }
    const fail = (error: Error) => {
      this.#failure = error
      reject(error)
    }
    this.#script.commits.push({ records, offsets, durable, fail })
    if (this.#script.autoCommit) durable()
    return promise
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#failure ??= new Error('the writer is closed')
    this.#script.writersOpen--
  }
}

export class ScriptedConsumer implements Consumer {
  readonly #script: ScriptedBroker
  readonly #clock: Clock
  #queue: ConsumedRecord[][] = []
  #turns: (() => Promise<void>)[] = []
  #wake: () => void = () => {}
  readonly paused = new Set<string>()
  #assigned: TopicPartition[] = []
  polls = 0

  constructor(script: ScriptedBroker, clock: Clock) {
    this.#script = script
    this.#clock = clock
  }

  /** One batch of a later poll; partitions that are not ours yet are assigned before. */
  feed(...records: readonly ConsumedRecord[]): void {
    this.assign(...records.filter((record) => !this.#has(record)))
    this.#queue.push([...records])
    this.#wake()
  }

  assign(...places: readonly TopicPartition[]): void {
    const distinct = new Map(
      places.map(({ topic, partition }) => [`${topic}-${partition}`, { topic, partition }]),
    )
    const partitions = [...distinct.values()]
    if (partitions.length === 0) return
    this.#assigned.push(...partitions)
    this.#turn(async () => await this.#script.consumerOptions?.listener.assigned(partitions))
  }

  revoke(kind: 'revoked' | 'lost', ...partitions: readonly TopicPartition[]): void {
    this.#turn(async () => {
      this.#assigned = this.#assigned.filter(
        (each) => !partitions.some((gone) => gone.partition === each.partition),
      )
      await this.#script.consumerOptions?.listener[kind](partitions)
    })
  }

  #turn(work: () => Promise<void>): void {
    this.#turns.push(work)
    this.#wake()
  }

  #has({ topic, partition }: TopicPartition): boolean {
    return this.#assigned.some((each) => each.topic === topic && each.partition === partition)
  }

  async poll(timeoutMs: number, signal: AbortSignal): Promise<readonly ConsumedRecord[]> {
    this.polls++
    if (this.#turns.length === 0 && this.#next() === undefined) {
      const woken = new Promise<void>((resolve) => (this.#wake = resolve))
      const over = new AbortController()
      await Promise.race([woken, this.#clock.sleep(timeoutMs, AbortSignal.any([signal, over.signal]))])
      over.abort()
    }
    for (let turn = this.#turns.shift(); turn !== undefined; turn = this.#turns.shift()) await turn()
    const next = this.#next()
    if (next !== undefined) this.#queue.splice(this.#queue.indexOf(next), 1)
    return next ?? []
  }

  #next(): ConsumedRecord[] | undefined {
    return this.#queue.find((batch) =>
      batch.every(({ topic, partition }) => !this.paused.has(`${topic}-${partition}`)),
    )
  }

  async commit(offsets: readonly GroupOffset[]): Promise<void> {
    if (this.#script.failGroupCommit !== null) throw this.#script.failGroupCommit
    this.#script.groupCommits.push(offsets)
  }

  seek(): void {}

  pause(partitions: readonly TopicPartition[]): void {
    for (const { topic, partition } of partitions) this.paused.add(`${topic}-${partition}`)
  }

  resume(partitions: readonly TopicPartition[]): void {
    for (const { topic, partition } of partitions) this.paused.delete(`${topic}-${partition}`)
    this.#wake()
  }

  assignment(): readonly TopicPartition[] {
    return this.#assigned
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#script.consumersOpen--
    if (this.#assigned.length > 0) await this.#script.consumerOptions?.listener.revoked(this.#assigned)
  }
}

export function consumed(
  offset: number,
  value: string | null,
  more: Partial<ConsumedRecord> = {},
): ConsumedRecord {
  return {
    topic: 'in',
    partition: 0,
    offset: BigInt(offset),
    timestamp: 1000n,
    key: Buffer.from(`k${offset}`),
    value: value === null ? null : Buffer.from(value),
    headers: [],
    ...more,
  }
}
