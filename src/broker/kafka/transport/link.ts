/**
 * One broker's sockets, opened, negotiated and authenticated by kafkajs; requests and answers are our own bytes, and
 * nothing is copied on the way out. A link that has failed in any way is never used again: kafkajs keeps parts of
 * answers over a reconnect.
 */
import { ConnectError } from '#errors'
import type { KafkajsBroker, KafkajsCluster, KafkajsConnection } from './kafkajs.ts'
import { connectionError, KafkaUnreachableError } from './connection-error.ts'
import type { Request } from '../wire/request.ts'
import { RequestWriter } from '../wire/request-writer.ts'
import { ResponseReader } from '../wire/response-reader.ts'

const fetchKey = 1

export interface Link {
  readonly address: string
  /** false: it must be replaced, after `drained`. */
  readonly usable: boolean
  send<R>(request: Request<R>, requestMs: number): Promise<R>
  /** Resolves when no answer is awaited any more. */
  drained(): Promise<void>
  close(): void
}

/** `openMs`: how long connecting, negotiating and logging in may take in all; kafkajs waits for a login without end. */
export async function openLink(
  cluster: KafkajsCluster,
  host: string,
  port: number,
  openMs: number,
): Promise<Link> {
  const address = `${host}:${port}`
  const connectionPool = await cluster.connectionPoolBuilder.build({ host, port })
  const broker = cluster.brokerPool.createBroker({ connectionPool, logger: cluster.rootLogger })
  for (const { requestQueue } of connectionPool.pool) withoutNegativeTimers(requestQueue)
  const link = new KafkajsLink(address, broker, openMs)
  try {
    await within(openMs, broker.connect())
  } catch (error) {
    link.close()
    throw connectionError(address, error, false)
  }
  return link
}

async function within(milliseconds: number, work: Promise<unknown>): Promise<void> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(
    () => late.reject(new Error(`nothing was heard within ${milliseconds} ms`)),
    milliseconds,
  )
  try {
    await Promise.race([work, late.promise])
  } finally {
    clearTimeout(timer)
  }
}

class KafkajsLink implements Link {
  readonly address: string
  readonly #broker: KafkajsBroker
  readonly #openMs: number
  #fetching: Promise<void> | null = null
  #fetchingIsOpen = false
  /** To anything that we have asked; before, the listener may speak something else. */
  #hasAnswered = false
  #closed = false

  constructor(address: string, broker: KafkajsBroker, openMs: number) {
    this.address = address
    this.#broker = broker
    this.#openMs = openMs
  }

  get #connections(): readonly [KafkajsConnection, KafkajsConnection] {
    return this.#broker.connectionPool.pool
  }

  get usable(): boolean {
    const [main, fetching] = this.#connections
    const lives = (each: KafkajsConnection) =>
      each.isConnected() && (each.sasl === null || each.sasl === undefined || each.isAuthenticated())
    return !this.#closed && lives(main) && (!this.#fetchingIsOpen || lives(fetching))
  }

  async send<R>(request: Request<R>, requestMs: number): Promise<R> {
    this.#mustKnow(request)
    try {
      if (request.apiKey === fetchKey) await (this.#fetching ??= this.#openFetching())
      const connection = this.#connections[request.apiKey === fetchKey ? 1 : 0]
      const answer = await exchange(connection, request, requestMs)
      this.#hasAnswered = true
      return request.read(new ResponseReader(answer))
    } catch (error) {
      // An error of ours came out of an answer; anything else, out of the connection.
      if (!(error instanceof ConnectError) || error instanceof KafkaUnreachableError) this.close()
      throw connectionError(this.address, error, this.#hasAnswered)
    }
  }

  async #openFetching(): Promise<void> {
    const connection = this.#connections[1]
    await within(this.#openMs, connection.connect())
    await within(this.#openMs, connection.authenticate())
    this.#fetchingIsOpen = true
  }

  #mustKnow({ name, apiKey, version }: Request<unknown>): void {
    const known = this.#broker.versions?.[apiKey]
    if (known !== undefined && known.minVersion <= version && version <= known.maxVersion) return
    const range =
      known === undefined ? 'not at all' : `in versions ${known.minVersion} to ${known.maxVersion}`
    throw new ConnectError(
      `The Kafka broker at ${this.address} knows the request ${name} ${range}, not in version ${version}.`,
      { remedy: 'Kafka 2.1 and later is supported; some requests need 2.4.' },
    )
  }

  async drained(): Promise<void> {
    await Promise.all(this.#connections.map(({ requestQueue }) => requestQueue.waitForPendingRequests()))
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    for (const connection of this.#connections) {
      connection.rejectRequests(new KafkaUnreachableError(`The connection to ${this.address} was closed.`))
      connection.disconnect().catch(() => {
        // Nothing is left to lose: its requests have been rejected.
      })
      connection.socket?.destroy()
    }
  }
}

/** Request header, version 1: api key int16 | version int16 | correlation id int32 | client id string. */
function exchange(
  connection: KafkajsConnection,
  request: Request<unknown>,
  requestMs: number,
): Promise<Buffer> {
  const { apiKey, version: apiVersion, name: apiName } = request
  const correlationId = connection.nextCorrelationId()
  const writer = new RequestWriter().int16(apiKey).int16(apiVersion).int32(correlationId)
  request.write(writer.string(connection.clientId))
  const parts = writer.parts()
  const size = Buffer.alloc(4)
  size.writeInt32BE(parts.reduce((sum, { length }) => sum + length, 0))
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  const { socket, requestQueue } = connection
  if (socket === undefined || !connection.isConnected()) throw new Error('the connection is closed')
  requestQueue.push({
    entry: { apiKey, apiName, apiVersion, correlationId, reject, resolve: ({ payload }) => resolve(payload) },
    expectResponse: true,
    requestTimeout: requestMs + (request.heldMs ?? 0),
    sendRequest: () => {
      socket.cork()
      socket.write(size)
      for (const part of parts) socket.write(part)
      socket.uncork()
    },
  })
  return promise
}

/** After each answer kafkajs sets a timer for the time since 1970, negated; Node warns of it and wakes up at once. */
function withoutNegativeTimers(queue: KafkajsConnection['requestQueue']): void {
  const schedule = queue.scheduleCheckPendingRequests.bind(queue)
  queue.scheduleCheckPendingRequests = () => {
    if (queue.pending.length > 0 || queue.throttledUntil > Date.now()) schedule()
  }
}
