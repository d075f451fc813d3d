/**
 * The transactions of one transactional id, one after the other. Opening shuts out whoever had the id before, and aborts
 * what that one left open. A transaction begins with the first partition that is enlisted; records for a partition may
 * be sent once the coordinator knows of it.
 */
import type { ProducerSettings } from '../properties/producer-settings.ts'
import type { KafkaCluster } from '../transport/cluster.ts'
import { retrying } from '../transport/retry.ts'
import { addPartitionsToTxnRequest } from '../wire/add-partitions-to-txn.ts'
import { endTxnRequest } from '../wire/end-txn.ts'
import { KafkaError } from '../wire/error-code.ts'
import { initProducerIdRequest, type ProducerIdentity } from '../wire/init-producer-id.ts'
import type { Request } from '../wire/request.ts'
import type { PartitionQueue } from './partition-queue.ts'

type Coordinated = Pick<KafkaCluster, 'send' | 'coordinator' | 'options'>

/** The coordinator ends a transaction after it has said so, within milliseconds: until then it takes no other. */
const shortPauseMs = 20

export async function openTransactions(
  transactionalId: string,
  settings: ProducerSettings,
  cluster: Coordinated,
): Promise<Transaction> {
  const coordinator = new Coordinator(transactionalId, cluster)
  const request = initProducerIdRequest(transactionalId, settings.transactionTimeoutMs)
  const identity = await coordinator.ask(request, settings.maxBlockMs, () => {})
  return new Transaction(transactionalId, identity, coordinator, settings)
}

export class Transaction {
  readonly identity: ProducerIdentity
  readonly #id: string
  readonly #coordinator: Coordinator
  readonly #deadlineMs: number
  readonly #enlisted = new Set<PartitionQueue>()

  constructor(id: string, identity: ProducerIdentity, coordinator: Coordinator, settings: ProducerSettings) {
    this.#id = id
    this.identity = identity
    this.#coordinator = coordinator
    this.#deadlineMs = settings.deliveryTimeoutMs
  }

  /** Something was, or was about to be, written. */
  get begun(): boolean {
    return this.#enlisted.size > 0
  }

  /** null: the coordinator knows of them all. Until the promise resolves they are not `enlisted`, and nothing is sent. */
  enlist(queues: Iterable<PartitionQueue>): Promise<void> | null {
    const added = [...new Set(queues)].filter((queue) => !this.#enlisted.has(queue))
    if (added.length === 0) return null
    for (const queue of added) {
      this.#enlisted.add(queue)
      queue.enlisted = false
    }
    const request = addPartitionsToTxnRequest(this.#id, this.identity, added)
    return this.#coordinator
      .ask(request, this.#deadlineMs, (results) => {
        for (const { topic, error } of results)
          if (error !== 0)
            throw refusal(error, `The transaction of ${this.#id} does not take the topic ${topic}`)
      })
      .then(() => {
        for (const queue of added) queue.enlisted = true
      })
  }

  /** Everything in it becomes visible, or nothing. */
  async end(commit: boolean, deadlineMs = this.#deadlineMs): Promise<void> {
    if (!this.begun) return
    const request = endTxnRequest(this.#id, this.identity, commit)
    await this.#coordinator.ask(request, deadlineMs, (error) => {
      if (error !== 0)
        throw refusal(error, `The transaction of ${this.#id} was not ${commit ? 'committed' : 'aborted'}`)
    })
    for (const queue of this.#enlisted) queue.enlisted = false
    this.#enlisted.clear()
  }
}

class Coordinator {
  readonly #id: string
  readonly #cluster: Coordinated
  #node: number | null = null

  constructor(id: string, cluster: Coordinated) {
    this.#id = id
    this.#cluster = cluster
  }

  /** The answer that `check` lets pass; what fails in passing is asked again, of whoever is the coordinator then. */
  ask<R>(request: Request<R>, deadlineMs: number, check: (answer: R) => void): Promise<R> {
    const { backoffMs, backoffMaxMs } = this.#cluster.options
    return retrying({ deadlineMs, backoffMs: Math.min(backoffMs, shortPauseMs), backoffMaxMs }, async () => {
      try {
        this.#node ??= await this.#cluster.coordinator('transaction', this.#id)
        const answer = await this.#cluster.send(this.#node, request)
        check(answer)
        return answer
      } catch (error) {
        if (!(error instanceof KafkaError) || error.code !== 'CONCURRENT_TRANSACTIONS') this.#node = null
        throw error
      }
    })
  }
}

const remedies: Readonly<Record<string, string>> = {
  INVALID_PRODUCER_EPOCH:
    'Another task has taken its place, or the transaction took too long: raise transaction.timeout.ms, or commit more often (transaction.boundary=poll).',
  PRODUCER_FENCED: 'Another task has taken its place.',
  TOPIC_AUTHORIZATION_FAILED: 'Grant the principal of the worker WRITE on the topic.',
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
    'Grant the principal of the worker WRITE and DESCRIBE on the transactional id.',
}

function refusal(code: number, what: string): KafkaError {
  const { code: name } = new KafkaError(code, what)
  const remedy = remedies[name]
  return new KafkaError(code, what, remedy === undefined ? {} : { remedy })
}
