/** Logical messages (pg_logical_emit_message) as records of the topic `<prefix>.message`. They carry no headers. */
import { type SourceBlock, type TableVersion, type TransactionMark, transactionSchema } from '#cdc'
import {
  datum,
  type Datum,
  materialize,
  noHeaders,
  scalar,
  type Schema,
  type SourceOffset,
  type SourceRecord,
  Struct,
  struct,
  type ValueWriter,
} from '#data'
import type { LogicalMessage } from './decode/pgoutput.ts'
import { sourceNames, sourceSchema } from './source-block.ts'

export type BinaryMode = 'bytes' | 'base64' | 'base64-url-safe' | 'hex'

const optionalText = scalar('string', { optional: true })
const keySchema = struct([['prefix', optionalText]], {
  name: 'io.debezium.connector.postgresql.MessageKey',
  version: 1,
})
/** A message belongs to no table: both names are empty. */
const nowhere = { names: sourceNames('', '') } as TableVersion

interface Format {
  readonly binary: BinaryMode
  readonly message: Schema
  readonly value: Schema
}

export class MessageEvents {
  readonly #topic: string
  readonly #format: Format

  constructor(topic: string, binary: BinaryMode) {
    this.#topic = topic
    const content = scalar(binary === 'bytes' ? 'bytes' : 'string', { optional: true })
    const message = struct(
      [
        ['prefix', optionalText],
        ['content', content],
      ],
      { name: 'io.debezium.connector.postgresql.Message', version: 1 },
    )
    const value = struct(
      [
        ['op', scalar('string')],
        ['ts_ms', scalar('int64', { optional: true })],
        ['source', sourceSchema],
        ['transaction', transactionSchema],
        ['message', message],
      ],
      { name: 'io.debezium.connector.postgresql.MessageValue', version: 1 },
    )
    this.#format = { binary, message, value }
  }

  record(
    message: LogicalMessage,
    source: SourceBlock,
    lsn: number,
    from: SourceOffset,
    transaction: TransactionMark | null,
  ): SourceRecord {
    return {
      topic: this.#topic,
      partition: null,
      key: datum(keySchema, new Struct(keySchema, [message.prefix])),
      value: new MessageEvent(this.#format, message, source, lsn, Date.now(), transaction),
      headers: noHeaders,
      timestamp: null,
      from,
    }
  }
}

class MessageEvent implements Datum {
  readonly schema: Schema
  readonly #format: Format
  readonly #message: LogicalMessage
  readonly #source: SourceBlock
  readonly #lsn: number
  readonly #time: number
  readonly #transaction: TransactionMark | null

  constructor(
    format: Format,
    message: LogicalMessage,
    source: SourceBlock,
    lsn: number,
    time: number,
    transaction: TransactionMark | null,
  ) {
    this.schema = format.value
    this.#format = format
    this.#message = message
    this.#source = source
    this.#lsn = lsn
    this.#time = time
    this.#transaction = transaction
  }

  write(to: ValueWriter): void {
    to.beginStruct(this.schema)
    to.field(0)
    to.string('m')
    to.field(1)
    to.integer(this.#time)
    to.field(2)
    this.#source.write(to, nowhere, this.#lsn, null)
    to.field(3)
    if (this.#transaction === null) to.null()
    else this.#transaction.write(to)
    to.field(4)
    to.beginStruct(this.#format.message)
    to.field(0)
    to.string(this.#message.prefix)
    to.field(1)
    this.#content(to)
    to.endStruct()
    to.endStruct()
  }

  #content(to: ValueWriter): void {
    const { content } = this.#message
    switch (this.#format.binary) {
      case 'bytes':
        return to.bytes(content, 0, content.length)
      case 'base64':
        return to.string(content.toString('base64'))
      case 'base64-url-safe':
        // Java's encoder pads, Node's does not.
        return to.string(content.toString('base64').replaceAll('+', '-').replaceAll('/', '_'))
      case 'hex':
        return to.string(content.toString('hex'))
    }
  }

  value(): unknown {
    return materialize(this)
  }
}
