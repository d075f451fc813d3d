/**
 * Where a file source reads from: a file that may still grow (or does not exist yet), or the standard input. Both
 * give what is there and say when it is worth looking again, so that nothing polls hot.
 */
import { once } from 'node:events'
import { createReadStream, type FSWatcher, fstatSync, openSync, watch } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { Socket } from 'node:net'
import { dirname } from 'node:path'
import type { Readable } from 'node:stream'
import { isatty, ReadStream as Terminal } from 'node:tty'
import { ConnectError, messageOf } from '#errors'

export interface Input extends AsyncDisposable {
  /** Bytes read into `room`; 0: nothing more for now. */
  read(room: Buffer): Promise<number>
  /** Resolves when there may be more, after `timeoutMs`, or with the signal. Never rejects. */
  changed(timeoutMs: number, signal: AbortSignal): Promise<void>
}

/** Wakes a waiting reader; a wake-up with nobody waiting is kept for the next wait. */
class WakeUp {
  #woken = false
  #resolve: (() => void) | null = null

  wake(): void {
    this.#woken = true
    this.#resolve?.()
  }

  async wait(timeoutMs: number, signal: AbortSignal): Promise<void> {
    if (!this.#woken && !signal.aborted) {
      const { promise, resolve } = Promise.withResolvers<void>()
      const done = (): void => resolve()
      this.#resolve = done
      const timer = setTimeout(done, timeoutMs)
      signal.addEventListener('abort', done)
      await promise
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      this.#resolve = null
    }
    this.#woken = false
  }
}

/** A file. It is opened when it appears; one that is shorter than what has been read is not the one that was read. */
export class FileInput implements Input {
  readonly #path: string
  #position = 0
  #handle: FileHandle | null = null
  #watcher: FSWatcher | null = null
  readonly #wakeUp = new WakeUp()

  constructor(path: string) {
    this.#path = path
  }

  async read(room: Buffer): Promise<number> {
    const handle = await this.#opened()
    if (handle === null) return 0
    const { bytesRead } = await handle.read(room, 0, room.length, this.#position).catch(this.#refuse)
    if (bytesRead === 0) await this.#checkLength(handle)
    this.#position += bytesRead
    return bytesRead
  }

  changed(timeoutMs: number, signal: AbortSignal): Promise<void> {
    return this.#wakeUp.wait(timeoutMs, signal)
  }

  async #opened(): Promise<FileHandle | null> {
    if (this.#handle !== null) return this.#handle
    try {
      this.#handle = await open(this.#path, 'r')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return this.#awaitFile()
      return this.#refuse(error)
    }
    this.#watcher?.close()
    this.#watcher = this.#watch(this.#path)
    return this.#handle
  }

  readonly #refuse = (error: unknown): never => {
    throw new ConnectError(`The file '${this.#path}' cannot be read: ${messageOf(error)}`, { cause: error })
  }

  /** Until the file is there, its folder is watched. */
  #awaitFile(): null {
    this.#watcher ??= this.#watch(dirname(this.#path))
    return null
  }

  /** Where there is nothing to watch, or no way to, the timeout of `changed` alone looks again. */
  #watch(path: string): FSWatcher | null {
    try {
      const watcher = watch(path, { persistent: false }, () => this.#wakeUp.wake())
      return watcher.on('error', () => watcher.close())
    } catch {
      return null
    }
  }

  /** Invariant 4: what follows in a truncated or replaced file is not what the position stands for. */
  async #checkLength(handle: FileHandle): Promise<void> {
    const { size } = await handle.stat()
    if (size >= this.#position) return
    throw truncated(this.#path, `${size} bytes, fewer than the ${this.#position} read so far`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#watcher?.close()
    this.#watcher = null
    await this.#handle?.close()
    this.#handle = null
  }
}

export function truncated(path: string, has: string): ConnectError {
  return new ConnectError(`The file '${path}' has ${has}: it was truncated or replaced.`, {
    remedy:
      "To read it from the beginning, stop the connector, reset its offsets with 'DELETE /connectors/{name}/offsets' and resume it.",
  })
}

/** The process's standard input, whatever stands behind it; usable in any thread, by one task at a time. */
export class StandardInput implements Input {
  readonly #stream: Readable
  readonly #wakeUp = new WakeUp()
  #failure: Error | null = null

  constructor(stream: Readable = standardInput()) {
    this.#stream = stream
    stream.on('readable', () => this.#wakeUp.wake())
    stream.on('error', (error: Error) => {
      this.#failure = error
      this.#wakeUp.wake()
    })
  }

  async read(room: Buffer): Promise<number> {
    if (this.#failure !== null)
      throw new ConnectError('The standard input cannot be read.', { cause: this.#failure })
    const available = Math.min(room.length, this.#stream.readableLength)
    const chunk = (available === 0 ? null : this.#stream.read(available)) as Buffer | null
    if (chunk === null) {
      this.#stream.read(0)
      return 0
    }
    return chunk.copy(room)
  }

  changed(timeoutMs: number, signal: AbortSignal): Promise<void> {
    return this.#wakeUp.wait(timeoutMs, signal)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stream.removeAllListeners('readable')
    if (this.#stream.destroyed) return
    const closed = once(this.#stream, 'close')
    this.#stream.destroy()
    await closed
  }
}

/** Opened anew, so that a task that ends leaves the process's own standard input open for the next one. */
function standardInput(): Readable {
  const stat = fstatSync(0)
  const fd = stat.isSocket() ? 0 : openSync('/dev/stdin', 'r')
  if (isatty(fd)) return new Terminal(fd)
  if (stat.isFIFO() || stat.isSocket()) return new Socket({ fd, readable: true, writable: false })
  return createReadStream('', { fd })
}
