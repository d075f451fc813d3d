/**
 * `file-source`: the lines of a file, or of the standard input, as they are appended. Drop-in for Kafka's
 * FileStreamSourceConnector, down to its positions, which count characters. Kafka then skips that many bytes; here a
 * start reads past as many characters, so that text other than ASCII goes on at the right line too.
 */
import { isUtf8 } from 'node:buffer'
import {
  datum,
  noHeaders,
  nothing,
  type Datum,
  type OffsetMap,
  type SourceOffset,
  type SourceRecord,
  scalar,
  type ValueWriter,
} from '#data'
import { utf8 } from '#bytes'
import { ConnectError } from '#errors'
import { type AlteredOffset, type Config, parseConfig, type SourcePlugin, type SourceTask } from '#plugin'
import { fileConnectorVersion, sourceFields } from './config.ts'
import { FileInput, type Input, StandardInput, truncated } from './input.ts'
import { type Line, LineReader } from './line-reader.ts'

const lineSchema = scalar('string')
/** How long a poll waits for new lines. */
const WAIT_MS = 1000

/** A line that stays UTF-8 until somebody asks for the text. */
class LineDatum implements Datum {
  readonly schema = lineSchema
  readonly #line: Line

  constructor(line: Line) {
    this.#line = line
  }

  write(to: ValueWriter): void {
    to.text(this.#line.bytes, this.#line.from, this.#line.to)
  }

  value(): string {
    return utf8(this.#line.bytes, this.#line.from, this.#line.to)
  }
}

/** What is not UTF-8 is decoded at once, with replacement characters: a converter may copy text bytes as they are. */
function lineDatum(line: Line): Datum {
  const bytes = line.bytes.subarray(line.from, line.to)
  return isUtf8(bytes) ? new LineDatum(line) : datum(lineSchema, bytes.toString('utf8'))
}

class LineOffset implements SourceOffset {
  readonly partition: OffsetMap
  readonly #position: number | null

  constructor(partition: OffsetMap, position: number | null) {
    this.partition = partition
    this.#position = position
  }

  offset(): OffsetMap {
    return { position: this.#position === null ? null : BigInt(this.#position) }
  }
}

class FileSourceTask implements SourceTask {
  readonly #config: Config<typeof sourceFields>
  readonly #partition: OffsetMap
  readonly #input: Input
  readonly #lines = new LineReader()
  /** What is before this position has been read in an earlier run. */
  readonly #begin: number

  constructor(config: Config<typeof sourceFields>, partition: OffsetMap, input: Input, begin: number) {
    this.#config = config
    this.#partition = partition
    this.#input = input
    this.#begin = begin
  }

  async poll(signal: AbortSignal): Promise<readonly SourceRecord[]> {
    const records = await this.#read(signal)
    if (records.length > 0) return records
    await this.#input.changed(WAIT_MS, signal)
    return this.#read(signal)
  }

  /** As in Kafka, lines behind a full batch wait for more input where all of the input has been taken in. */
  async #read(signal: AbortSignal): Promise<SourceRecord[]> {
    const records: SourceRecord[] = []
    const timestamp = BigInt(Date.now())
    const most = Math.max(1, this.#config['batch.size'])
    while (records.length < most && !signal.aborted) {
      if (this.#lines.show()) this.#take(records, most, timestamp)
      else {
        const count = await this.#input.read(this.#lines.room())
        if (count === 0) break
        this.#lines.filled(count)
      }
    }
    if (this.#lines.position < this.#begin && !signal.aborted) this.#checkBegin()
    return records
  }

  #take(records: SourceRecord[], most: number, timestamp: bigint): void {
    while (records.length < most) {
      const before = this.#lines.position
      const line = this.#lines.line()
      if (line === null) return
      if (line.next > this.#begin) records.push(this.#record(behind(line, this.#begin - before), timestamp))
    }
  }

  /** Invariant 4: a file that ends before the stored position is not the one that was read. */
  #checkBegin(): void {
    const { end } = this.#lines
    if (end === 0 || end >= this.#begin) return
    throw truncated(this.#config.file ?? '', `${end} characters, fewer than the ${this.#begin} read so far`)
  }

  #record(line: Line, timestamp: bigint): SourceRecord {
    const position = this.#config.file === null ? null : line.next
    return {
      topic: this.#config.topic,
      partition: null,
      key: nothing,
      value: lineDatum(line),
      headers: noHeaders,
      timestamp,
      from: new LineOffset(this.#partition, position),
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#input[Symbol.asyncDispose]()
  }
}

/** The line without its first characters, where a position was set that is within it. */
function behind(line: Line, characters: number): Line {
  if (characters <= 0) return line
  const left = utf8(line.bytes, line.from, line.to).slice(characters)
  const bytes = Buffer.from(left)
  return { bytes, from: 0, to: bytes.length, next: line.next }
}

/** The stored position; a foreign value in its place is refused rather than read as the beginning. */
function startOf(stored: OffsetMap | null, file: string): number {
  const position = stored?.['position'] ?? null
  if (position === null) return 0
  if (typeof position === 'bigint' && position >= 0n && position <= BigInt(Number.MAX_SAFE_INTEGER))
    return Number(position)
  throw new ConnectError(`The stored position ${position} of the file '${file}' is no position.`, {
    remedy: "Stop the connector and set it with 'PATCH /connectors/{name}/offsets'.",
  })
}

/** Kafka's checks, in Kafka's words: clients and tests know them. */
function checkAltered({ partition, offset }: AlteredOffset): void {
  if (offset === null) return
  if (!Object.hasOwn(offset, 'position'))
    throw new ConnectError("Offset objects should either be null or contain the key 'position'")
  const position = offset['position']
  if (typeof position !== 'bigint')
    throw new ConnectError("The value for the 'position' key in the offset is expected to be a Long value")
  if (position < 0n)
    throw new ConnectError("The value for the 'position' key in the offset should be a non-negative value")
  if (partition === null) throw new ConnectError('Partition objects cannot be null')
  if (!Object.hasOwn(partition, 'filename'))
    throw new ConnectError("Partition objects should contain the key 'filename'")
}

const withoutOffsets =
  'The connector does not support exactly-once semantics with the provided configuration.'

export const fileSource: SourcePlugin = {
  kind: 'source',
  javaClass: 'org.apache.kafka.connect.file.FileStreamSourceConnector',
  aliases: ['file-source'],
  taskClass: 'org.apache.kafka.connect.file.FileStreamSourceTask',
  version: fileConnectorVersion,
  config: sourceFields,

  check: async (config) =>
    config['file'] === undefined && config['exactly.once.support']?.toLowerCase() === 'required'
      ? [{ field: 'exactly.once.support', message: withoutOffsets }]
      : [],

  /** One file, one reader: always one task. */
  taskConfigs: (config) => [config],

  async open(raw, context) {
    const config = parseConfig(sourceFields, raw)
    const { file } = config
    const partition: OffsetMap = { filename: file }
    if (file === null) return new FileSourceTask(config, partition, new StandardInput(), 0)
    const position = startOf(await context.offset(partition), file)
    context.log.info({ file, position }, 'reading lines')
    return new FileSourceTask(config, partition, new FileInput(file), position)
  },

  alterOffsets(raw, offsets) {
    if (parseConfig(sourceFields, raw).file === null)
      throw new ConnectError("Without the property 'file' the standard input is read, which has no offsets.")
    for (const each of offsets) checkAltered(each)
    return true
  },
}
