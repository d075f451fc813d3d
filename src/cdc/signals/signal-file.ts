/** The channel `file`: one signal per line as a JSON object. What was read is emptied out of the file. */
import { open } from 'node:fs/promises'
import { ConnectError, messageOf } from '#errors'
import type { ReceivedSignal, SignalChannel } from './signal-channel.ts'

export class SignalFile implements SignalChannel {
  readonly #path: string

  constructor(path: string) {
    this.#path = path
  }

  async read(): Promise<readonly ReceivedSignal[]> {
    let text: string
    try {
      text = await emptied(this.#path)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
      throw new ConnectError(`signal.file: ${this.#path} cannot be read and emptied: ${messageOf(error)}.`, {
        cause: error,
        remedy: 'Let the worker read and write the file, or take `file` out of signal.enabled.channels.',
      })
    }
    return text
      .split(/\r?\n/)
      .filter((line) => line.trim() !== '')
      .map((line) => ({ text: line, channel: 'file', offset: null }))
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

/** What is being appended meanwhile is read as well. */
async function emptied(path: string): Promise<string> {
  await using file = await open(path, 'r+')
  let content = await file.readFile()
  while ((await file.stat()).size > content.length) content = Buffer.concat([content, await file.readFile()])
  if (content.length > 0) await file.truncate(0)
  return content.toString('utf8')
}
