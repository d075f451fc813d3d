/**
 * `file-sink`: appends each record's value as one line to a file or the standard output. Drop-in for Kafka's
 * FileStreamSinkConnector. A value of bytes is written as it is (Java would print its address).
 */
import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import type { SinkRecord } from '#data'
import { ConnectError } from '#errors'
import { javaText, parseConfig, type SinkPlugin, type SinkTask } from '#plugin'
import { fileConnectorVersion, sinkFields } from './config.ts'

const newline = Buffer.from('\n')

function linesOf(records: readonly SinkRecord[]): Buffer {
  const parts: Uint8Array[] = []
  for (const { value } of records) {
    const held = value.value()
    parts.push(held instanceof Uint8Array ? held : Buffer.from(javaText(held, value.schema)), newline)
  }
  return Buffer.concat(parts)
}

/** Each batch is one write in append mode, so that lines of several tasks do not mix. */
class FileSinkTask implements SinkTask {
  readonly #handle: FileHandle

  constructor(handle: FileHandle) {
    this.#handle = handle
  }

  async put(records: readonly SinkRecord[]): Promise<void> {
    if (records.length > 0) await this.#handle.appendFile(linesOf(records))
  }

  async flush(): Promise<void> {
    await this.#handle.datasync()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle.close()
  }
}

class StandardOutputTask implements SinkTask {
  async put(records: readonly SinkRecord[]): Promise<void> {
    if (records.length === 0) return
    await new Promise<void>((resolve, reject) => {
      process.stdout.write(linesOf(records), (error) => (error ? reject(error) : resolve()))
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

async function opened(file: string): Promise<FileHandle> {
  try {
    return await open(file, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT)
  } catch (error) {
    throw new ConnectError(`Couldn't find or create file '${file}' for FileStreamSinkTask`, { cause: error })
  }
}

export const fileSink: SinkPlugin = {
  kind: 'sink',
  javaClass: 'org.apache.kafka.connect.file.FileStreamSinkConnector',
  aliases: ['file-sink'],
  taskClass: 'org.apache.kafka.connect.file.FileStreamSinkTask',
  version: fileConnectorVersion,
  config: sinkFields,

  taskConfigs: (config, maxTasks) => Array.from({ length: maxTasks }, () => config),

  async open(raw) {
    const { file } = parseConfig(sinkFields, raw)
    return file === null ? new StandardOutputTask() : new FileSinkTask(await opened(file))
  },
}
