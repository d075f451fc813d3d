/**
 * Reads what JsonConverter writes. With schemas, a record is mostly schema, and mostly the same as the one before it:
 * the bytes up to the payload are compared with those seen last on that topic, and only a new beginning is parsed.
 * A schema seen before gives the same Schema object, so whatever is compiled for it is found again.
 */
import { latin1 } from '#bytes'
import { type Datum, datum, nothing, type Schema } from '#data'
import { DataError, messageOf } from '#errors'
import { JsonCursor, JsonSyntaxError } from './json-cursor.ts'
import { readSchema } from './json-schema-reader.ts'
import { readerOf, readFree, type ValueReader } from './json-value-reader.ts'

export interface JsonReaderOptions {
  readonly schemas: boolean
  /** `schema.content`: the schema of all values, which then come without one. */
  readonly fixed: Schema | null
  /** `schemas.cache.size`. */
  readonly cacheSize: number
  /** `replace.null.with.default`. */
  readonly defaultsForNull: boolean
}

interface Known {
  readonly schema: Schema | null
  readonly read: ValueReader
}

/** The bytes of a record up to its payload, as they came last. */
interface Beginning extends Known {
  readonly bytes: Buffer
}

const envelopeProblem =
  'JsonConverter with schemas.enable requires "schema" and "payload" fields and may not contain additional fields.' +
  ' If you are trying to deserialize plain JSON data, set schemas.enable=false in your converter configuration.'

export class JsonReader {
  readonly #options: JsonReaderOptions
  readonly #bySchema = new Map<string, Known>()
  readonly #byTopic = new Map<string, Beginning>()
  readonly #cursor = new JsonCursor(new Uint8Array(0))
  readonly #fixed: Known | null

  constructor(options: JsonReaderOptions) {
    this.#options = options
    this.#fixed =
      options.fixed === null
        ? null
        : { schema: options.fixed, read: readerOf(options.fixed, options.defaultsForNull) }
  }

  read(topic: string, bytes: Uint8Array | null): Datum {
    if (bytes === null) return nothing
    try {
      if (this.#fixed !== null && this.#options.schemas) return this.#whole(bytes, this.#fixed)
      if (!this.#options.schemas)
        return bytes.length === 0 ? nothing : this.#whole(bytes, { schema: null, read: readFree })
      return this.#enveloped(topic, bytes)
    } catch (error) {
      if (!(error instanceof JsonSyntaxError)) throw error
      throw new DataError(
        `Converting byte[] to Kafka Connect data failed due to serialization error: ${messageOf(error)}`,
        { cause: error },
      )
    }
  }

  #whole(bytes: Uint8Array, known: Known): Datum {
    const cursor = this.#cursor.over(bytes, 0, bytes.length)
    const value = known.read(cursor)
    if (cursor.peek() !== -1) throw cursor.wrong('the end')
    return datum(known.schema, value)
  }

  #enveloped(topic: string, bytes: Uint8Array): Datum {
    const last = this.#byTopic.get(topic)
    if (last !== undefined && beginsWith(bytes, last.bytes)) {
      const cursor = this.#cursor.over(bytes, last.bytes.length, bytes.length)
      const value = last.read(cursor)
      // Only these two members: anything else is left to the long way, which says what is wrong.
      if (cursor.take(0x7d) && cursor.peek() === -1) return datum(last.schema, value)
    }
    return this.#anyEnvelope(topic, bytes)
  }

  /** The members in any order; the payload can be read only when the schema is known. */
  #anyEnvelope(topic: string, bytes: Uint8Array): Datum {
    const cursor = this.#cursor.over(bytes, 0, bytes.length)
    let known: Known | null = null
    let payloadAt = -1
    let schemaFirst = false
    let members = 0
    if (!cursor.take(0x7b)) throw new DataError(envelopeProblem)
    if (cursor.take(0x7d)) throw new DataError(envelopeProblem)
    do {
      const name = cursor.string()
      cursor.expect(0x3a)
      cursor.peek()
      members++
      if (name === 'schema') known = this.#schemaAt(cursor)
      else {
        if (name !== 'payload') throw new DataError(envelopeProblem)
        payloadAt = cursor.at
        schemaFirst = known !== null
        cursor.skip()
      }
    } while (cursor.take(0x2c))
    cursor.expect(0x7d)
    if (cursor.peek() !== -1) throw cursor.wrong('the end')
    if (known === null || payloadAt < 0 || members !== 2) throw new DataError(envelopeProblem)
    if (schemaFirst) this.#remember(topic, { ...known, bytes: Buffer.from(bytes.subarray(0, payloadAt)) })
    return datum(known.schema, known.read(cursor.over(bytes, payloadAt, bytes.length)))
  }

  #schemaAt(cursor: JsonCursor): Known {
    const from = cursor.at
    cursor.skip()
    const text = latin1(cursor.bytes, from, cursor.at)
    const seen = this.#bySchema.get(text)
    if (seen !== undefined) return seen
    const schema = readSchema(new JsonCursor(cursor.bytes, from, cursor.at))
    const known = { schema, read: readerOf(schema, this.#options.defaultsForNull) }
    if (this.#options.cacheSize > 0) {
      if (this.#bySchema.size >= this.#options.cacheSize) forgetFirst(this.#bySchema)
      this.#bySchema.set(text, known)
    }
    return known
  }

  #remember(topic: string, beginning: Beginning): void {
    if (this.#options.cacheSize <= 0) return
    if (!this.#byTopic.has(topic) && this.#byTopic.size >= this.#options.cacheSize) forgetFirst(this.#byTopic)
    this.#byTopic.set(topic, beginning)
  }
}

function beginsWith(bytes: Uint8Array, beginning: Buffer): boolean {
  return (
    bytes.length > beginning.length &&
    beginning.compare(bytes, 0, beginning.length, 0, beginning.length) === 0
  )
}

function forgetFirst(map: Map<string, unknown>): void {
  for (const key of map.keys()) {
    map.delete(key)
    return
  }
}
