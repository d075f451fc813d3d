/**
 * The brokers of one Kafka, for one user of them: who long-polls or keeps an order of requests has a cluster of its
 * own, because a broker answers the requests of one connection one after the other. Requests are sent once; who can
 * try again does so with `retrying`.
 */
import { messageOf } from '#errors'
import { logger } from '#observe'
import type { ConnectionOptions } from '../connection-options.ts'
import { type CoordinatorKind, findCoordinatorRequest } from '../wire/find-coordinator.ts'
import { type Metadata, metadataRequest, type NodeMetadata } from '../wire/metadata.ts'
import type { Request } from '../wire/request.ts'
import { KafkaUnreachableError } from './connection-error.ts'
import { createCluster, type KafkajsCluster } from './kafkajs.ts'
import { type Link, openLink } from './link.ts'

export interface KafkaCluster extends Disposable {
  readonly options: ConnectionOptions
  /** To the broker with that number. Unreachable brokers are a retriable error; so is a number that is not known yet. */
  send<R>(node: number, request: Request<R>): Promise<R>
  /** To any broker that can be reached. */
  sendToAny<R>(request: Request<R>): Promise<R>
  /** null: of all topics. `create`: see `metadataRequest`. */
  metadata(topics: readonly string[] | null, create: boolean): Promise<Metadata>
  /** The number of the broker that coordinates the group or the transactional id. */
  coordinator(kind: CoordinatorKind, key: string): Promise<number>
}

export function openCluster(options: ConnectionOptions): KafkaCluster {
  return new Cluster(options)
}

class Cluster implements KafkaCluster {
  readonly options: ConnectionOptions
  readonly #kafkajs: KafkajsCluster
  readonly #nodes = new Map<number, NodeMetadata>()
  readonly #links = new Map<string, Promise<Link>>()
  #closed = false

  constructor(options: ConnectionOptions) {
    this.options = options
    this.#kafkajs = createCluster(options)
  }

  async send<R>(node: number, request: Request<R>): Promise<R> {
    const known = this.#nodes.get(node)
    if (known === undefined) {
      await this.metadata([], false)
      if (!this.#nodes.has(node)) throw new KafkaUnreachableError(`The Kafka broker ${node} is not known.`)
      return this.send(node, request)
    }
    return this.#sendTo(known.host, known.port, request)
  }

  async sendToAny<R>(request: Request<R>): Promise<R> {
    const { bootstrap } = this.options
    const learned = [...this.#nodes.values()].map(({ host, port }) => `${host}:${port}`)
    let last: unknown = null
    for (const address of new Set([...learned, ...bootstrap])) {
      const { host, port } = parsed(address)
      try {
        return await this.#sendTo(host, port, request)
      } catch (error) {
        if (!(error instanceof KafkaUnreachableError)) throw error
        last = error
      }
    }
    throw new KafkaUnreachableError(
      `None of the brokers of ${bootstrap.join(', ')} can be reached. ${messageOf(last)}`,
      { remedy: 'Check bootstrap.servers, and that the brokers run.', cause: last },
    )
  }

  async metadata(topics: readonly string[] | null, create: boolean): Promise<Metadata> {
    const metadata = await this.sendToAny(metadataRequest(topics, create))
    this.#nodes.clear()
    for (const node of metadata.nodes) this.#nodes.set(node.id, node)
    return metadata
  }

  async coordinator(kind: CoordinatorKind, key: string): Promise<number> {
    const node = await this.sendToAny(findCoordinatorRequest(kind, key))
    this.#nodes.set(node.id, node)
    return node.id
  }

  async #sendTo<R>(host: string, port: number, request: Request<R>): Promise<R> {
    const link = await this.#link(host, port)
    return link.send(request, this.options.requestMs)
  }

  /** The link to that address; one that is of no use any more is replaced once its answers have come. */
  async #link(host: string, port: number): Promise<Link> {
    if (this.#closed) throw new KafkaUnreachableError('The connection to Kafka is closed.')
    const address = `${host}:${port}`
    const opened = this.#links.get(address)
    if (opened === undefined) return this.#open(host, port, null)
    const link = await opened
    if (link.usable) return link
    if (this.#links.get(address) !== opened) return this.#link(host, port)
    return this.#open(host, port, link)
  }

  #open(host: string, port: number, before: Link | null): Promise<Link> {
    const address = `${host}:${port}`
    const opening = (async () => {
      await before?.drained()
      before?.close()
      const { connectMs, requestMs } = this.options
      const link = await openLink(this.#kafkajs, host, port, connectMs + requestMs)
      if (this.#closed) link.close()
      return link
    })()
    this.#links.set(address, opening)
    opening.catch(() => {
      if (this.#links.get(address) === opening) this.#links.delete(address)
    })
    return opening
  }

  /** Requests that are not answered yet are rejected. */
  [Symbol.dispose](): void {
    this.#closed = true
    for (const opening of this.#links.values())
      opening.then(
        (link) => link.close(),
        (error) =>
          logger('rowtap.broker.kafka').debug({ err: error }, 'A connection that is not needed any more'),
      )
    this.#links.clear()
  }
}

/** Of `host:port`; an IPv6 address stands in brackets. */
export function parsed(address: string): { readonly host: string; readonly port: number } {
  const colon = address.lastIndexOf(':')
  const host = address.slice(0, colon)
  return { host: host.startsWith('[') ? host.slice(1, -1) : host, port: Number(address.slice(colon + 1)) }
}
