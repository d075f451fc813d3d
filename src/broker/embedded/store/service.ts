/**
 * The store's desk: takes the clients' calls and answers them. Everything that waits when it gets its turn runs in one
 * SQLite transaction (group commit), and nobody hears of a write before that transaction is durable.
 */
import type { MessagePort } from 'node:worker_threads'
import type { DatabaseSync } from 'node:sqlite'
import type { BrokerDefaults } from '../properties.ts'
import { failureOf, isRefusal } from '../failure.ts'
import type { Call, Operations, Reply } from '../protocol.ts'
import { Catalogue, type Partition } from './catalogue.ts'
import { type OpenDatabase, storageFailure } from './database.ts'
import { Fetches } from './fetches.ts'
import { GroupOffsets } from './group-offsets.ts'
import { Groups } from './groups.ts'
import { BatchLog } from './log.ts'
import { type Client, isWrite, readFor, type Store, writeFailed, writeFor } from './requests.ts'
import { Upkeep } from './upkeep.ts'
import { Writers } from './writers.ts'

interface Waiting {
  readonly client: Client
  readonly call: Call
}

export class StoreService {
  readonly #db: DatabaseSync
  readonly #directory: string
  readonly #store: Store
  readonly #upkeep: Upkeep
  readonly #clients = new Set<Client>()
  #queue: Waiting[] = []
  #turn: NodeJS.Immediate | null = null
  #lastClient = 0
  #knownVersion: number

  constructor(
    { directory, db, clusterId }: OpenDatabase,
    defaults: BrokerDefaults,
    upkeepFailed: (error: unknown) => void,
  ) {
    this.#db = db
    this.#directory = directory
    const catalogue = new Catalogue(db, defaults)
    const log = new BatchLog(db, catalogue)
    const offsets = new GroupOffsets(db)
    const groups = new Groups(catalogue, offsets)
    this.#store = {
      clusterId,
      catalogue,
      log,
      offsets,
      groups,
      fetches: new Fetches(catalogue, log),
      writers: new Writers(),
    }
    this.#knownVersion = catalogue.version
    this.#upkeep = new Upkeep(db, catalogue, log, defaults, upkeepFailed)
  }

  /** Serves a client until its port closes. */
  attach(port: MessagePort): void {
    const client: Client = {
      name: `c${++this.#lastClient}`,
      sessions: new Set(),
      send: (message, transfer) => port.postMessage(message, transfer),
    }
    this.#clients.add(client)
    port.on('message', (call: Call) => {
      this.#queue.push({ client, call })
      this.#turn ??= setImmediate(() => this.#serve())
    })
    port.on('close', () => {
      this.#clients.delete(client)
      for (const session of client.sessions) this.#store.fetches.end(session)
      this.#store.groups.forgetClient(client)
      this.#store.writers.forgetClient(client)
    })
  }

  /** Finishes what has been asked, then closes the database. */
  close(): void {
    if (this.#turn !== null) this.#serve()
    this.#upkeep.close()
    this.#store.groups.close()
    this.#db.close()
  }

  /** Tells every client that the store is about to die. */
  lastWords(fatal: string): void {
    for (const client of this.#clients) client.send({ fatal }, [])
  }

  #serve(): void {
    this.#turn = null
    const waiting = this.#queue
    this.#queue = []
    this.#write(waiting.filter(({ call }) => isWrite(call)))
    // A member or a session of a client that has gone meanwhile would never end.
    for (const { client, call } of waiting)
      if (!isWrite(call) && this.#clients.has(client)) this.#read(client, call)
  }

  /** Runs all writes in one transaction; a refusal concerns one call only, a fault of the store all of them. */
  #write(waiting: readonly Waiting[]): void {
    if (waiting.length === 0) return
    const { catalogue, fetches, groups } = this.#store
    const grown = new Set<Partition>()
    let replies: (() => void)[] = []
    try {
      this.#db.exec('BEGIN')
      replies = waiting.map((each) => this.#tryWrite(each, grown))
      this.#db.exec('COMMIT')
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK')
      catalogue.load()
      for (const { client, call } of waiting) writeFailed(this.#store, client, call)
      this.#upkeep.abandon()
      const failure = failureOf(storageFailure(this.#directory, error))
      replies = waiting.map(
        ({ client, call }) =>
          () =>
            client.send({ id: call.id, failure }, []),
      )
      grown.clear()
    }
    for (const reply of replies) reply()
    fetches.wake(grown)
    if (catalogue.version === this.#knownVersion) return
    this.#knownVersion = catalogue.version
    groups.topicsChanged()
    fetches.wakeAll()
  }

  #tryWrite({ client, call }: Waiting, grown: Set<Partition>): () => void {
    try {
      const value = writeFor(this.#store, client, call, grown)
      const memory = call.op === 'append' ? (value as Operations['append']['reply']).memory : []
      return () => client.send({ id: call.id, value } satisfies Reply, memory)
    } catch (error) {
      if (!isRefusal(error)) throw error
      writeFailed(this.#store, client, call)
      return () => client.send({ id: call.id, failure: failureOf(error) }, [])
    }
  }

  #read(client: Client, call: Call): void {
    try {
      readFor(this.#store, client, call)
    } catch (error) {
      client.send({ id: call.id, failure: failureOf(error) }, [])
    }
  }
}
