/** Reads what `java-object.ts` describes: one object of Java's serialization, as far as keys of tables need it. */
import { Decimal } from '#data'
import { DecodeError } from '#errors'

interface ReadClass {
  readonly name: string
  readonly custom: boolean
  readonly fields: readonly { readonly type: string; readonly name: string }[]
  readonly base: ReadClass | null
}

const CUSTOM_DATA = 1
const SERIALIZABLE = 2
const END = 0x78

export class JavaReader {
  readonly #bytes: Buffer
  readonly #handles: unknown[] = []
  #at = 4

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  read(): unknown {
    if (this.#bytes.length < 5 || this.#bytes.readUInt32BE(0) !== 0xaced0005)
      throw new DecodeError('A serialized key does not begin as a stream of Java objects.')
    try {
      return this.#object()
    } catch (error) {
      if (error instanceof RangeError) throw new DecodeError('A serialized key is cut off.', { cause: error })
      throw error
    }
  }

  #object(): unknown {
    const tag = this.#u8()
    switch (tag) {
      case 0x70:
        return null
      case 0x71:
        return this.#reference()
      case 0x73:
        return this.#instance()
      case 0x74:
        return this.#remembered(this.#utf(this.#u16()))
      case 0x75:
        return this.#array()
      case 0x7c:
        return this.#remembered(this.#utf(Number(this.#i64())))
      default:
        throw new DecodeError(`A serialized key has the unknown tag 0x${tag.toString(16)}.`)
    }
  }

  #class(): ReadClass | null {
    const tag = this.#u8()
    if (tag === 0x70) return null
    if (tag === 0x71) return this.#reference() as ReadClass
    if (tag !== 0x72) throw new DecodeError('A serialized key has an object without a class.')
    const name = this.#utf(this.#u16())
    this.#at += 8
    const place = this.#handles.push(null) - 1
    const flags = this.#u8()
    if ((flags & SERIALIZABLE) === 0) throw foreign(name)
    const fields = Array.from({ length: this.#u16() }, () => {
      const type = String.fromCharCode(this.#u8())
      const field = this.#utf(this.#u16())
      if (type === 'L' || type === '[') this.#object()
      return { type, name: field }
    })
    if (this.#u8() !== END) throw foreign(name)
    const read = { name, custom: (flags & CUSTOM_DATA) !== 0, fields, base: null as ReadClass | null }
    this.#handles[place] = read
    read.base = this.#class()
    return read
  }

  #instance(): unknown {
    const type = this.#class()
    if (type === null) throw new DecodeError('A serialized key has an object without a class.')
    const place = this.#handles.push(null) - 1
    const values = new Map<string, unknown>()
    this.#fields(type, values)
    const value = boxed(type.name, values)
    this.#handles[place] = value
    return value
  }

  /** Those of the superclass come first. */
  #fields(type: ReadClass, values: Map<string, unknown>): void {
    if (type.base !== null) this.#fields(type.base, values)
    for (const { type: kind, name } of type.fields) values.set(name, this.#field(kind))
    if (type.custom && this.#u8() !== END) throw foreign(type.name)
  }

  #field(kind: string): unknown {
    switch (kind) {
      case 'B':
        return this.#bytes.readInt8(this.#skip(1))
      case 'S':
        return this.#bytes.readInt16BE(this.#skip(2))
      case 'I':
        return this.#i32()
      case 'J':
        return this.#i64()
      case 'F':
        return this.#bytes.readFloatBE(this.#skip(4))
      case 'D':
        return this.#bytes.readDoubleBE(this.#skip(8))
      case 'Z':
        return this.#u8() !== 0
      default:
        return this.#object()
    }
  }

  #array(): unknown {
    const type = this.#class()
    const place = this.#handles.push(null) - 1
    const size = this.#i32()
    if (type?.name === '[B') {
      const from = this.#skip(size)
      this.#handles[place] = Buffer.from(this.#bytes.subarray(from, this.#at))
    } else if (type?.name === '[Ljava.lang.Object;') {
      if (size > this.#bytes.length) throw new RangeError()
      this.#handles[place] = Array.from({ length: size }, () => this.#object())
    } else throw foreign(type?.name ?? 'null')
    return this.#handles[place]
  }

  #reference(): unknown {
    const index = this.#i32() - 0x7e0000
    if (!(index in this.#handles)) throw new DecodeError('A serialized key refers to nothing.')
    return this.#handles[index]
  }

  #remembered(text: string): string {
    this.#handles.push(text)
    return text
  }

  #utf(length: number): string {
    const from = this.#skip(length)
    const units: number[] = []
    for (let i = from; i < this.#at; ) {
      const first = this.#bytes[i++] as number
      if (first < 0x80) units.push(first)
      else {
        const second = (this.#bytes[i++] as number) & 0x3f
        if (first < 0xe0) units.push(((first & 0x1f) << 6) | second)
        else units.push(((first & 0x0f) << 12) | (second << 6) | ((this.#bytes[i++] as number) & 0x3f))
      }
    }
    let text = ''
    for (let i = 0; i < units.length; i += 4096) text += String.fromCharCode(...units.slice(i, i + 4096))
    return text
  }

  /** Steps over so many bytes; returns where they begin. */
  #skip(count: number): number {
    const from = this.#at
    if (count < 0 || from + count > this.#bytes.length) throw new RangeError()
    this.#at = from + count
    return from
  }

  #u8(): number {
    return this.#bytes.readUInt8(this.#skip(1))
  }

  #u16(): number {
    return this.#bytes.readUInt16BE(this.#skip(2))
  }

  #i32(): number {
    return this.#bytes.readInt32BE(this.#skip(4))
  }

  #i64(): bigint {
    return this.#bytes.readBigInt64BE(this.#skip(8))
  }
}

function boxed(name: string, values: ReadonlyMap<string, unknown>): unknown {
  switch (name) {
    case 'java.lang.Byte':
    case 'java.lang.Short':
    case 'java.lang.Integer':
    case 'java.lang.Long':
    case 'java.lang.Boolean':
      return values.get('value')
    case 'java.math.BigInteger':
      return bigInteger(Number(values.get('signum')), values.get('magnitude'))
    case 'java.math.BigDecimal': {
      const unscaled = values.get('intVal')
      if (typeof unscaled === 'bigint') return new Decimal(unscaled, Number(values.get('scale')))
    }
  }
  throw foreign(name)
}

function bigInteger(sign: number, magnitude: unknown): bigint {
  if (!Buffer.isBuffer(magnitude)) throw foreign('java.math.BigInteger')
  return BigInt(sign) * (magnitude.length === 0 ? 0n : BigInt(`0x${magnitude.toString('hex')}`))
}

function foreign(name: string): DecodeError {
  return new DecodeError(`A serialized key has a value of the class ${name}, which is not supported.`)
}
