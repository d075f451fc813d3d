/**
 * The channel `file`: one signal per line as a JSON object. The file is emptied once what came of its signals is durable:
 * after a crash before that they are followed again.
 */
import { open, readFile } from 'node:fs/promises'
import { ConnectError, messageOf } from '#errors'
import type { ReceivedSignal, SignalChannel } from './signal-channel.ts'

const nothing = Buffer.alloc(0)

export class SignalFile implements SignalChannel {
  readonly #path: string
  /** What was read and still stands in the file. */
  #read: Buffer = nothing

  constructor(path: string) {
    this.#path = path
  }

  async read(): Promise<readonly ReceivedSignal[]> {
    const content = await this.#guarded(nothing, () => readFile(this.#path))
    const known = content.subarray(0, this.#read.length).equals(this.#read) ? this.#read.length : 0
    this.#read = content
    return content
      .toString('utf8', known)
      .split(/\r?\n/)
      .filter((line) => line.trim() !== '')
      .map((line) => ({ text: line, channel: 'file', offset: null }))
  }

  /** A file to which more was added keeps it all until that is followed too. */
  async followed(): Promise<void> {
    if (this.#read.length === 0) return
    await this.#guarded(undefined, async () => {
      await using file = await open(this.#path, 'r+')
      if (!(await file.readFile()).equals(this.#read)) return
      await file.truncate(0)
      this.#read = nothing
    })
  }

  /** `missing`: what there is without a file. */
  async #guarded<T>(missing: T, action: () => Promise<T>): Promise<T> {
    try {
      return await action()
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return missing
      throw new ConnectError(`signal.file: ${this.#path} cannot be read and emptied: ${messageOf(error)}.`, {
        cause: error,
        remedy: 'Let the worker read and write the file, or take `file` out of signal.enabled.channels.',
      })
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}
