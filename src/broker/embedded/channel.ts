/**
 * The client's end of a MessagePort to the store: calls that resolve with the store's reply. When the port closes,
 * because the store has ended or the broker was closed, every open call and all later ones fail and say why.
 */
import type { MessagePort, Transferable } from 'node:worker_threads'
import { BrokerGoneError } from '../errors.ts'
import { errorOf } from './failure.ts'
import type { GroupNotice, OperationName, Operations, Reply, StoreMessage } from './protocol.ts'

interface OpenCall {
  resolve(value: unknown): void
  reject(error: Error): void
}

export class Channel {
  readonly #port: MessagePort
  readonly #open = new Map<number, OpenCall>()
  readonly #members = new Map<number, (notice: GroupNotice) => void>()
  readonly #endings = new Set<(error: Error) => void>()
  #lastId = 0
  #end: Error | null = null

  constructor(port: MessagePort) {
    this.#port = port
    port.on('message', (message: StoreMessage) => this.#receive(message))
    port.on('close', () => this.#finish('The embedded broker has stopped: its store thread ended.'))
  }

  call<K extends OperationName>(
    op: K,
    request: Operations[K]['request'],
    transfer: readonly Transferable[] = [],
  ): Promise<Operations[K]['reply']> {
    if (this.#end !== null) return Promise.reject(this.#end)
    const id = ++this.#lastId
    return new Promise((resolve, reject) => {
      this.#open.set(id, { resolve: resolve as (value: unknown) => void, reject })
      this.#port.postMessage({ id, op, request }, transfer)
    })
  }

  /** A number that is this client's alone: for sessions and members. */
  nextId(): number {
    return ++this.#lastId
  }

  onNotice(member: number, listener: ((notice: GroupNotice) => void) | null): void {
    if (listener === null) this.#members.delete(member)
    else this.#members.set(member, listener)
  }

  /** Calls back when the channel ends by whatever cause, at once if it has. Returns how to take that back. */
  onEnd(listener: (error: Error) => void): () => void {
    if (this.#end !== null) listener(this.#end)
    this.#endings.add(listener)
    return () => this.#endings.delete(listener)
  }

  close(): void {
    this.#finish('The embedded broker was closed.')
    this.#port.close()
  }

  #receive(message: StoreMessage): void {
    if ('fatal' in message) return this.#finish(`The embedded broker has failed: ${message.fatal}`)
    if ('notice' in message) return this.#members.get(message.member)?.(message)
    this.#answer(message)
  }

  #answer({ id, value, failure }: Reply): void {
    const call = this.#open.get(id)
    this.#open.delete(id)
    if (failure === undefined) call?.resolve(value)
    else call?.reject(errorOf(failure))
  }

  #finish(reason: string): void {
    if (this.#end !== null) return
    const error = new BrokerGoneError(reason)
    this.#end = error
    for (const call of this.#open.values()) call.reject(error)
    this.#open.clear()
    for (const listener of this.#endings) listener(error)
  }
}
