/**
 * The schema history in a file, as Debezium keeps it: a JSON document per line. A line that a crash has cut short was
 * never acknowledged: it is no record, and gone with the next append.
 */
import { createReadStream } from 'node:fs'
import { type FileHandle, mkdir, open, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { ConnectError, messageOf } from '#errors'
import { type HistoryRecord, readHistoryRecord, writeHistoryLine } from './history-record.ts'
import type { HistoryStore } from './store.ts'

const LF = 0x0a

export class FileHistoryStore implements HistoryStore {
  readonly name: string
  readonly #path: string
  #file: FileHandle | null = null

  constructor(path: string) {
    this.name = `the file ${path}`
    this.#path = path
  }

  async state(): Promise<'missing' | 'empty' | 'filled'> {
    const size = await sizeOf(this.#path)
    if (size === null) return 'missing'
    return size === 0 ? 'empty' : 'filled'
  }

  async create(): Promise<void> {
    await this.#open()
  }

  async *records(): AsyncIterable<readonly HistoryRecord[]> {
    if ((await sizeOf(this.#path)) === null) return
    let rest = ''
    for await (const text of createReadStream(this.#path, { encoding: 'utf8', highWaterMark: 1 << 20 })) {
      const lines = (rest + text).split('\n')
      rest = lines.pop() ?? ''
      const records = lines.filter((line) => line.trim() !== '').map(readHistoryRecord)
      if (records.length > 0) yield records
    }
    if (isWhole(rest)) yield [readHistoryRecord(rest)]
  }

  async append(records: readonly HistoryRecord[]): Promise<void> {
    const file = await this.#open()
    await file.appendFile(records.map((record) => `${writeHistoryLine(record)}\n`).join(''))
    await file.datasync()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file?.close()
    this.#file = null
  }

  async #open(): Promise<FileHandle> {
    if (this.#file !== null) return this.#file
    try {
      await mkdir(dirname(this.#path), { recursive: true })
      const file = await open(this.#path, 'a+')
      await endLine(file)
      this.#file = file
      return file
    } catch (cause) {
      throw new ConnectError(`The schema history cannot be written to ${this.name}: ${messageOf(cause)}`, {
        cause,
        remedy: 'Check the path and its permissions (schema.history.internal.file.filename).',
      })
    }
  }
}

async function sizeOf(path: string): Promise<number | null> {
  try {
    return (await stat(path)).size
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

/** Debezium ends a line before it writes the next one. */
function isWhole(line: string): boolean {
  try {
    JSON.parse(line)
    return true
  } catch {
    return false
  }
}

/** What is appended begins a line of its own. */
async function endLine(file: FileHandle): Promise<void> {
  const { size } = await file.stat()
  let tail = Buffer.alloc(0)
  for (let end = size; end > 0 && !tail.includes(LF); ) {
    const part = Buffer.alloc(Math.min(end, 1 << 16))
    await file.read(part, 0, part.length, end - part.length)
    tail = Buffer.concat([part, tail])
    end -= part.length
  }
  const last = tail.subarray(tail.lastIndexOf(LF) + 1)
  if (last.length === 0) return
  if (isWhole(last.toString())) await file.appendFile('\n')
  else await file.truncate(size - last.length)
}
