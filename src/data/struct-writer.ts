/** The writer that builds objects: turns a pushed value into the forms of `values.ts`. */
import { latin1, utf8 } from '#bytes'
import type { Datum } from './datum.ts'
import type { Schema } from './schema.ts'
import { Decimal, Struct } from './values.ts'
import type { FieldPattern, FixedFields, ValueWriter } from './writer.ts'

/** A container under construction, with the slot that the next value goes to. */
interface Frame {
  readonly struct: Struct | null
  readonly items: unknown[] | null
  readonly map: Map<unknown, unknown> | null
  readonly schema: Schema | null
  slot: number
  key: unknown
  inValue: boolean
}

/** Reads a datum into the value that `values.ts` lays down for its schema. */
export function materialize(datum: Datum): unknown {
  const writer = new StructWriter(datum.schema)
  datum.write(writer)
  return writer.result
}

export class StructWriter implements ValueWriter {
  /** The finished value. */
  result: unknown = null
  readonly #root: Schema | null
  readonly #stack: Frame[] = []
  #top: Frame | null = null

  constructor(schema: Schema | null) {
    this.#root = schema
  }

  #put(value: unknown): void {
    const top = this.#top
    if (top === null) this.result = value
    else if (top.struct !== null) top.struct.values[top.slot] = value
    else if (top.items !== null) top.items.push(value)
    else if (top.inValue) top.map?.set(top.key, value)
    else top.key = value
  }

  /** The schema of the value being written; null without one. */
  #expected(): Schema | null {
    const top = this.#top
    if (top === null) return this.#root
    if (top.schema === null) return null
    if (top.struct !== null) return top.schema.fields[top.slot]?.schema ?? null
    return top.items !== null || top.inValue ? top.schema.valueSchema : top.schema.keySchema
  }

  #push(frame: Frame): void {
    this.#stack.push(frame)
    this.#top = frame
  }

  #pop(): void {
    this.#stack.pop()
    this.#top = this.#stack.at(-1) ?? null
  }

  null(): void {
    this.#put(null)
  }

  boolean(value: boolean): void {
    this.#put(value)
  }

  integer(value: number): void {
    const schema = this.#expected()
    this.#put(schema === null || schema.type === 'int64' ? BigInt(value) : value)
  }

  int64(value: bigint): void {
    this.#put(value)
  }

  integerText(bytes: Uint8Array, from: number, to: number): void {
    const text = latin1(bytes, from, to)
    const type = this.#expected()?.type
    this.#put(type === 'int8' || type === 'int16' || type === 'int32' ? Number(text) : BigInt(text))
  }

  float32(value: number): void {
    this.#put(value)
  }

  float64(value: number): void {
    this.#put(value)
  }

  string(value: string): void {
    this.#put(value)
  }

  text(bytes: Uint8Array, from: number, to: number): void {
    this.#put(utf8(bytes, from, to))
  }

  bytes(bytes: Uint8Array, from: number, to: number): void {
    this.#put(Buffer.from(bytes.subarray(from, to)))
  }

  decimal(unscaled: bigint, scale: number): void {
    this.#put(new Decimal(unscaled, scale))
  }

  decimalSafe(unscaled: number, scale: number): void {
    this.#put(new Decimal(BigInt(unscaled), scale))
  }

  beginStruct(schema: Schema): void {
    const struct = new Struct(schema)
    this.#put(struct)
    this.#push({ struct, items: null, map: null, schema, slot: 0, key: null, inValue: false })
  }

  field(index: number): void {
    if (this.#top !== null) this.#top.slot = index
  }

  endStruct(): void {
    this.#pop()
  }

  beginArray(schema: Schema | null): void {
    const items: unknown[] = []
    this.#put(items)
    this.#push({ struct: null, items, map: null, schema, slot: 0, key: null, inValue: false })
  }

  element(): void {}

  endArray(): void {
    this.#pop()
  }

  beginMap(schema: Schema | null): void {
    const map = new Map<unknown, unknown>()
    this.#put(map)
    this.#push({ struct: null, items: null, map, schema, slot: 0, key: null, inValue: false })
  }

  entry(): void {
    if (this.#top !== null) this.#top.inValue = false
  }

  entryValue(): void {
    if (this.#top !== null) this.#top.inValue = true
  }

  endMap(): void {
    this.#pop()
  }

  fixed(fields: FixedFields): void {
    this.#run(fields.first, fields.values)
  }

  pattern(fields: FieldPattern, numbers: Float64Array): void {
    this.#run(fields.first, fields.values(numbers))
  }

  #run(first: number, values: readonly unknown[]): void {
    const struct = this.#top?.struct
    if (struct === null || struct === undefined) return
    for (let i = 0; i < values.length; i++) struct.values[first + i] = values[i]
  }
}
