/**
 * The JSON writer: pushes values straight into a byte buffer as Kafka Connect's JsonConverter prints them. Names,
 * separators and null stand-ins of a struct are compiled once per schema; runs of constant fields once per run.
 */
import { ByteBuffer, Literal, RecentViews, viewOf, writeInteger } from '#bytes'
import {
  type Datum,
  type FieldPattern,
  FixedFields,
  javaDecimal,
  javaDouble,
  javaFloat,
  type Schema,
  type ValueWriter,
  writeValue,
} from '#data'
import { DataError } from '#errors'
import type { JsonFormat } from './json-format.ts'
import { rescaled, twosComplement } from './decimal-bytes.ts'
import {
  compileLayout,
  freeLayout,
  freePairs,
  freeSlot,
  type Layout,
  nullText,
  scaleOf,
  type Slot,
  slotOf,
} from './json-layout.ts'
import { JsonPattern } from './json-pattern.ts'
import { renderSchema } from './json-schema-text.ts'
import { textGrowth, textMargin, writeBase64, writeText } from './json-text.ts'

/** Bytes of text that are written in one go. */
const largeText = 65_536

const trueText = new Literal('true')
const falseText = new Literal('false')

export class JsonWriter implements ValueWriter {
  readonly #format: JsonFormat
  #out = new ByteBuffer(0)
  #bytes: Uint8Array = this.#out.bytes
  #view: DataView = this.#out.view
  #pos = 0
  #layout: Layout = freeLayout
  #slot: Slot = freeSlot
  /** Layouts of the containers around the current one; `#depth` of them count. */
  readonly #outer: Layout[] = []
  #depth = 0
  #scratch: Buffer = Buffer.allocUnsafeSlow(32)
  readonly #views = new RecentViews()

  constructor(format: JsonFormat) {
    this.#format = format
  }

  /** Appends the value alone (`schemas.enable=false`). */
  payload(value: Datum, out: ByteBuffer): void {
    this.#open(value.schema, out)
    value.write(this)
    this.#close()
  }

  /** Appends `{"schema":…,"payload":…}`. */
  enveloped(value: Datum, out: ByteBuffer): void {
    const layout = this.#open(value.schema, out)
    if (layout.envelope === null)
      layout.envelope = new Literal(`{"schema":${schemaText(value.schema, this.#format)},"payload":`)
    this.#copy(layout.envelope)
    value.write(this)
    this.#room(1)
    this.#bytes[this.#pos++] = 0x7d
    this.#close()
  }

  #open(schema: Schema | null, out: ByteBuffer): Layout {
    const layout = schema === null ? freeLayout : this.#layoutOf(schema)
    this.#out = out
    this.#bytes = out.bytes
    this.#view = out.view
    this.#pos = out.length
    this.#slot = layout.own ??= slotOf(schema, this.#format, defaultLiteral(this.#format))
    this.#depth = 0
    return layout
  }

  #close(): void {
    this.#out.length = this.#pos
  }

  #room(count: number): void {
    if (this.#pos + count <= this.#bytes.length) return
    this.#out.length = this.#pos
    this.#out.reserve(count)
    this.#bytes = this.#out.bytes
    this.#view = this.#out.view
  }

  #copy(literal: Literal): void {
    const { size, view: source } = literal
    this.#room(size + 16)
    const pos = this.#pos
    const view = this.#view
    // A BigInt that goes from one view to another is never made: the compiler moves its eight bytes.
    if (size <= 16) {
      view.setBigInt64(pos, source.getBigInt64(0, true), true)
      view.setBigInt64(pos + 8, source.getBigInt64(8, true), true)
    } else if (size > 160) this.#bytes.set(literal.bytes, pos)
    else for (let i = 0; i < size; i += 8) view.setBigInt64(pos + i, source.getBigInt64(i, true), true)
    this.#pos = pos + size
  }

  #ascii(text: string): void {
    this.#room(text.length)
    for (let i = 0; i < text.length; i++) this.#bytes[this.#pos + i] = text.charCodeAt(i)
    this.#pos += text.length
  }

  #layoutOf(schema: Schema): Layout {
    const compiled = schema.compiled
    if (compiled !== null && compiled.format === this.#format) return compiled.layout as Layout
    const layout = compileLayout(schema, this.#format, defaultLiteral(this.#format))
    schema.compiled = { format: this.#format, layout }
    return layout
  }

  null(): void {
    const { onNull } = this.#slot
    if (onNull === null)
      throw new DataError('Conversion error: null value for field that is required and has no default value')
    this.#copy(onNull)
  }

  boolean(value: boolean): void {
    this.#copy(value ? trueText : falseText)
  }

  integer(value: number): void {
    this.#room(20)
    this.#pos = writeInteger(this.#view, this.#pos, value)
  }

  int64(value: bigint): void {
    this.#ascii(value.toString())
  }

  integerText(bytes: Uint8Array, from: number, to: number): void {
    const size = to - from
    this.#room(size + 16)
    const source = this.#views.of(bytes)
    if (size <= 16 && from + 16 <= source.byteLength) {
      this.#view.setBigInt64(this.#pos, source.getBigInt64(from, true), true)
      this.#view.setBigInt64(this.#pos + 8, source.getBigInt64(from + 8, true), true)
    } else for (let i = 0; i < size; i++) this.#bytes[this.#pos + i] = bytes[from + i] as number
    this.#pos += size
  }

  float32(value: number): void {
    if (Number.isFinite(value)) this.#ascii(javaFloat(value))
    else this.string(javaFloat(value))
  }

  float64(value: number): void {
    if (Number.isFinite(value)) this.#ascii(javaDouble(value))
    else this.string(javaDouble(value))
  }

  string(value: string): void {
    const size = value.length * 3
    if (size > largeText) return this.#largeText(Buffer.from(value))
    if (this.#scratch.length < size) this.#scratch = Buffer.allocUnsafeSlow(size * 2)
    this.text(this.#scratch, 0, this.#scratch.write(value, 'utf8'))
  }

  text(bytes: Uint8Array, from: number, to: number): void {
    if (to - from > largeText) return this.#largeText(bytes.subarray(from, to))
    this.#room((to - from) * textGrowth + textMargin + 2)
    this.#bytes[this.#pos] = 0x22
    const source = this.#views.of(bytes)
    this.#pos = writeText(this.#bytes, this.#view, this.#pos + 1, bytes, source, from, to)
    this.#bytes[this.#pos++] = 0x22
  }

  /** In parts, each ending where a character does: room for every byte to grow sixfold would be six times the text. */
  #largeText(bytes: Uint8Array): void {
    const source = viewOf(bytes)
    this.#room(1)
    this.#bytes[this.#pos++] = 0x22
    for (let from = 0; from < bytes.length; ) {
      let to = Math.min(from + largeText, bytes.length)
      for (let back = 0; back < 3 && to < bytes.length && isContinuation(bytes[to]); back++) to--
      this.#room((to - from) * textGrowth + textMargin + 1)
      this.#pos = writeText(this.#bytes, this.#view, this.#pos, bytes, source, from, to)
      from = to
    }
    this.#bytes[this.#pos++] = 0x22
  }

  bytes(bytes: Uint8Array, from: number, to: number): void {
    this.#room(Math.ceil((to - from) / 3) * 4 + 2)
    this.#bytes[this.#pos] = 0x22
    this.#pos = writeBase64(this.#bytes, this.#pos + 1, bytes, from, to)
    this.#bytes[this.#pos++] = 0x22
  }

  decimal(unscaled: bigint, scale: number): void {
    if (this.#format.numericDecimals) return this.#ascii(javaDecimal(unscaled, scale))
    const fixed = this.#slot.scale
    const value = fixed === null || fixed === scale ? unscaled : rescaled(unscaled, scale, fixed)
    const size = twosComplement(value, this.#scratch)
    if (size <= this.#scratch.length) return this.bytes(this.#scratch, 0, size)
    this.#scratch = Buffer.allocUnsafeSlow(size * 2)
    this.bytes(this.#scratch, 0, twosComplement(value, this.#scratch))
  }

  decimalSafe(unscaled: number, scale: number): void {
    const fixed = this.#slot.scale
    if (this.#format.numericDecimals || (fixed !== null && fixed !== scale))
      return this.decimal(BigInt(unscaled), scale)
    // Big-endian two's complement in as few bytes as hold the sign: 128 needs two, -128 one.
    let size = 1
    for (let limit = 128; unscaled >= limit || unscaled < -limit; limit *= 256) size++
    let rest = unscaled
    for (let i = size - 1; i >= 4; i--) {
      const next = Math.floor(rest / 256)
      this.#scratch[i] = rest - next * 256
      rest = next
    }
    // What is left are 32 bits.
    for (let i = Math.min(size, 4) - 1, word = rest | 0; i >= 0; i--, word >>= 8) this.#scratch[i] = word
    this.bytes(this.#scratch, 0, size)
  }

  beginStruct(schema: Schema): void {
    this.#outer[this.#depth++] = this.#layout
    this.#layout = this.#layoutOf(schema)
    if (schema.fields.length === 0) this.#copy(openBrace)
  }

  field(index: number): void {
    const layout = this.#layout
    this.#copy(layout.names[index] as Literal)
    this.#slot = layout.fields[index] as Slot
  }

  endStruct(): void {
    this.#room(1)
    this.#bytes[this.#pos++] = 0x7d
    this.#layout = this.#outer[--this.#depth] as Layout
  }

  beginArray(schema: Schema | null): void {
    this.#outer[this.#depth++] = this.#layout
    this.#layout = schema === null ? freeLayout : this.#layoutOf(schema)
    this.#room(1)
    this.#bytes[this.#pos++] = 0x5b
  }

  element(index: number): void {
    this.#room(1)
    if (index > 0) this.#bytes[this.#pos++] = 0x2c
    this.#slot = this.#layout.item
  }

  endArray(): void {
    this.#room(1)
    this.#bytes[this.#pos++] = 0x5d
    this.#layout = this.#outer[--this.#depth] as Layout
  }

  beginMap(schema: Schema | null, _size: number, textKeys = true): void {
    this.#outer[this.#depth++] = this.#layout
    this.#layout = schema !== null ? this.#layoutOf(schema) : textKeys ? freeLayout : freePairs
    this.#room(1)
    this.#bytes[this.#pos++] = this.#layout.stringKeys ? 0x7b : 0x5b
  }

  entry(index: number): void {
    this.#room(3)
    const pairs = !this.#layout.stringKeys
    if (index > 0 && pairs) this.#bytes[this.#pos++] = 0x5d
    if (index > 0) this.#bytes[this.#pos++] = 0x2c
    if (pairs) this.#bytes[this.#pos++] = 0x5b
    this.#slot = this.#layout.key
  }

  entryValue(): void {
    this.#room(1)
    this.#bytes[this.#pos++] = this.#layout.stringKeys ? 0x3a : 0x2c
    this.#slot = this.#layout.item
  }

  endMap(): void {
    this.#room(2)
    if (!this.#layout.stringKeys) {
      if (this.#bytes[this.#pos - 1] !== 0x5b) this.#bytes[this.#pos++] = 0x5d
      this.#bytes[this.#pos++] = 0x5d
    } else this.#bytes[this.#pos++] = 0x7d
    this.#layout = this.#outer[--this.#depth] as Layout
  }

  fixed(fields: FixedFields): void {
    if (fields.format !== this.#format) {
      fields.encoded = encodeFixed(fields, this.#format)
      fields.format = this.#format
    }
    this.#copy(fields.encoded as Literal)
  }

  pattern(fields: FieldPattern, numbers: Float64Array): void {
    if (fields.format !== this.#format) {
      fields.encoded = patternOf(fields, this.#format)
      fields.format = this.#format
    }
    this.#copy((fields.encoded as JsonPattern).print(numbers))
  }

  /** Appends a held value alone, without regard to its schema's default. */
  held(schema: Schema, value: unknown, out: ByteBuffer): void {
    this.#open(null, out)
    this.#slot = { onNull: nullText, scale: scaleOf(schema) }
    writeValue(schema, value, this)
    this.#close()
  }

  /** Writes a run of fields of `schema` alone, without its braces. */
  run(fields: FixedFields, out: ByteBuffer): void {
    this.#open(null, out)
    this.#layout = this.#layoutOf(fields.schema)
    fields.values.forEach((value, i) => {
      this.field(fields.first + i)
      writeValue(fields.schema.fields[fields.first + i]?.schema ?? null, value, this)
    })
    this.#close()
    this.#layout = freeLayout
  }
}

function isContinuation(byte: number | undefined): boolean {
  return ((byte ?? 0) & 0xc0) === 0x80
}

const openBrace = new Literal('{')

function encodeFixed(fields: FixedFields, format: JsonFormat): Literal {
  return new Literal(encodeRun(fields, format))
}

function encodeRun(fields: FixedFields, format: JsonFormat): Buffer {
  const out = new ByteBuffer(256)
  new JsonWriter(format).run(fields, out)
  return out.written()
}

function patternOf(pattern: FieldPattern, format: JsonFormat): JsonPattern {
  const { schema, first, count } = pattern
  return new JsonPattern(count, (numbers) =>
    encodeRun(new FixedFields(schema, first, pattern.values(numbers)), format),
  )
}

/** A schema's default as it prints in the format. */
function defaultLiteral(format: JsonFormat): (schema: Schema) => Literal {
  return (schema) => {
    const out = new ByteBuffer(64)
    new JsonWriter(format).held(schema, schema.default, out)
    return new Literal(out.written())
  }
}

/** The JSON text of a schema, its defaults in the given format. */
export function schemaText(schema: Schema | null, format: JsonFormat): string {
  const print = defaultLiteral(format)
  return renderSchema(schema, (of) => Buffer.from(print(of).bytes).toString('utf8'))
}
