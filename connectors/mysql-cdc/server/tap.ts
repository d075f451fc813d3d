/**
 * The socket's bytes past mysql2: between two packets its `data` listeners give way to an inbox, and come back when
 * the answer is over. The inbox bounds what waits: a full one pauses the socket.
 */
import type { Socket } from 'node:net'
import type { PacketInbox } from './packet-inbox.ts'

type Listener = (read: Buffer) => void

export class Tap {
  readonly #socket: Socket
  readonly #inbox: PacketInbox
  readonly #maxBytes: number
  readonly #arrived: () => void
  readonly #listeners: readonly Listener[]
  #paused = false

  constructor(socket: Socket, inbox: PacketInbox, maxBytes: number, arrived: () => void) {
    this.#socket = socket
    this.#inbox = inbox
    this.#maxBytes = maxBytes
    this.#arrived = arrived
    this.#listeners = socket.listeners('data') as Listener[]
    for (const listener of this.#listeners) socket.off('data', listener)
    socket.on('data', this.#receive)
  }

  /** Nothing is read because of what waits. */
  get paused(): boolean {
    return this.#paused
  }

  readonly #receive = (read: Buffer): void => {
    this.#inbox.receive(read)
    // A packet that is larger than the bound must come in all the same.
    if (!this.#paused && this.#inbox.waiting >= this.#maxBytes && this.#inbox.ready) {
      this.#paused = true
      this.#socket.pause()
    }
    this.#arrived()
  }

  /** To be called after reading: the socket goes on when half of the inbox is free, or no whole packet is left. */
  drained(): void {
    if (!this.#paused || (this.#inbox.waiting > this.#maxBytes / 2 && this.#inbox.ready)) return
    this.#paused = false
    this.#socket.resume()
  }

  /** Gives the socket back. */
  remove(): void {
    this.#socket.off('data', this.#receive)
    for (const listener of this.#listeners) this.#socket.on('data', listener)
    if (this.#paused) this.#socket.resume()
    this.#paused = false
  }
}
