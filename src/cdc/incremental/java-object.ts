/**
 * Keys in an offset, as Debezium stores them: an `Object[]` in Java's serialization, in hexadecimal digits. Written are
 * Integer, Long, BigInteger, BigDecimal, Boolean, String and byte[]; read are these and the other boxed numbers.
 *
 *   stream := aced 0005 object
 *   object := 70 | 71 handle | 73 class data | 74 utf | 75 class size object*        null, reference, object, text, array
 *   class  := 70 | 71 handle | 72 utf uid flags count field* 78 class                name, fields, superclass
 *   field  := type utf (object)?                                                     `object`: the class of L and [
 *
 * What is no such key is a DecodeError: the caller says what happens to the snapshot.
 */
import { Decimal } from '#data'
import { DecodeError } from '#errors'
import { JavaReader } from './java-object-reader.ts'

/** Integer, Long or BigInteger (by its size), BigDecimal, Boolean, String, byte[]. */
export type KeyPart = null | number | bigint | Decimal | boolean | string | Uint8Array
export type Key = readonly KeyPart[]

const INT_MAX = 0x7fffffff
const LONG_MAX = 0x7fffffffffffffffn

interface WrittenClass {
  readonly name: string
  readonly uid: string
  readonly flags: number
  readonly fields: string
  readonly base: WrittenClass | null
}

/** `fields` is their description in the stream, by type, length and name. */
function javaClass(
  name: string,
  uid: string,
  fields: readonly string[],
  base: WrittenClass | null,
  flags = 2,
): WrittenClass {
  return { name, uid, flags, fields: fields.join('\n'), base }
}

const anyNumber = javaClass('java.lang.Number', '86ac951d0b94e08b', [], null)
const integer = javaClass('java.lang.Integer', '12e2a0a4f7818738', ['I value'], anyNumber)
const long = javaClass('java.lang.Long', '3b8be490cc8f23df', ['J value'], anyNumber)
const boolean = javaClass('java.lang.Boolean', 'cd207280d59cfaee', ['Z value'], null)
const bytes = javaClass('[B', 'acf317f8060854e0', [], null)
const objects = javaClass('[Ljava.lang.Object;', '90ce589f1073296c', [], null)
const bigFields = ['I bitCount', 'I bitLength', 'I firstNonzeroByteNum', 'I lowestSetBit', 'I signum']
const bigInteger = javaClass(
  'java.math.BigInteger',
  '8cfc9f1fa93bfb1d',
  [...bigFields, '[ magnitude [B'],
  anyNumber,
  3,
)
const bigDecimal = javaClass(
  'java.math.BigDecimal',
  '54c71557f981284f',
  ['I scale', 'L intVal Ljava/math/BigInteger;'],
  anyNumber,
  3,
)

export function serializeKey(key: Key): string {
  return new JavaWriter().key(key)
}

export function parseKey(hex: string): Key {
  if (!/^(?:[0-9a-f]{2})+$/i.test(hex)) throw new DecodeError('A serialized key is no hexadecimal text.')
  const value = new JavaReader(Buffer.from(hex, 'hex')).read()
  if (!Array.isArray(value)) throw new DecodeError('A serialized key is no array of objects.')
  return value as Key
}

/** As notifications show a key. */
export function keyText(key: Key): string {
  return key
    .map((part) => (part instanceof Uint8Array ? Buffer.from(part).toString('hex') : String(part)))
    .join(',')
}

class JavaWriter {
  readonly #hex: string[] = ['aced0005']
  readonly #handles = new Map<WrittenClass | string, number>()
  #next = 0

  key(key: Key): string {
    this.#array(objects, key.length)
    for (const part of key) this.#part(part)
    return this.#hex.join('')
  }

  #part(part: KeyPart): void {
    if (part === null) this.#put('70')
    else if (typeof part === 'string') this.#text(part)
    else if (typeof part === 'boolean') {
      this.#object(boolean)
      this.#put(part ? '01' : '00')
    } else if (typeof part === 'number') this.#number(BigInt(part))
    else if (typeof part === 'bigint') this.#number(part, true)
    else if (part instanceof Decimal) this.#decimal(part)
    else this.#bytes(part)
  }

  /** A number is an Integer where it fits; a bigint is a Long where it fits. */
  #number(value: bigint, wide = false): void {
    if (!wide && value <= BigInt(INT_MAX) && value >= -BigInt(INT_MAX) - 1n) {
      this.#object(integer)
      this.#int(Number(value))
    } else if (value <= LONG_MAX && value >= -LONG_MAX - 1n) {
      this.#object(long)
      this.#put(fixed(BigInt.asUintN(64, value), 16))
    } else this.#bigInteger(value)
  }

  #bigInteger(value: bigint): void {
    this.#object(bigInteger)
    const magnitude = value < 0n ? -value : value
    const digits = magnitude === 0n ? '' : magnitude.toString(16)
    for (const each of [-1, -1, -2, -2, Number(value > 0n) - Number(value < 0n)]) this.#int(each)
    this.#bytes(Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex'))
    this.#put('78')
  }

  #decimal({ scale, unscaled }: Decimal): void {
    this.#object(bigDecimal)
    this.#int(scale)
    this.#bigInteger(unscaled)
    this.#put('78')
  }

  #bytes(value: Uint8Array): void {
    this.#array(bytes, value.length)
    this.#put(Buffer.from(value).toString('hex'))
  }

  #object(type: WrittenClass): void {
    this.#put('73')
    this.#class(type)
    this.#next++
  }

  #array(type: WrittenClass, size: number): void {
    this.#put('75')
    this.#class(type)
    this.#next++
    this.#int(size)
  }

  #class(type: WrittenClass | null): void {
    if (type === null) return this.#put('70')
    if (this.#refers(type)) return
    const fields = type.fields === '' ? [] : type.fields.split('\n').map((each) => each.split(' '))
    this.#put('72', utf(type.name), type.uid, fixed(BigInt(type.flags), 2), fixed(BigInt(fields.length), 4))
    this.#remember(type)
    for (const [kind = '', name = '', of] of fields) {
      this.#put(Buffer.from(kind).toString('hex'), utf(name))
      if (of !== undefined && !this.#refers(of)) {
        this.#put('74', utf(of))
        this.#remember(of)
      }
    }
    this.#put('78')
    this.#class(type.base)
  }

  /** Texts of a key are objects of their own in Java: equal ones are not shared. */
  #text(value: string): void {
    const encoded = modifiedUtf8(value)
    const long = encoded.length > 0xffff
    this.#put(long ? '7c' : '74', fixed(BigInt(encoded.length), long ? 16 : 4), encoded.toString('hex'))
    this.#next++
  }

  #refers(to: WrittenClass | string): boolean {
    const handle = this.#handles.get(to)
    if (handle !== undefined) this.#put('71', fixed(BigInt(0x7e0000 + handle), 8))
    return handle !== undefined
  }

  #remember(what: WrittenClass | string): void {
    this.#handles.set(what, this.#next++)
  }

  #int(value: number): void {
    this.#put(fixed(BigInt.asUintN(32, BigInt(value)), 8))
  }

  #put(...hex: readonly string[]): void {
    for (const each of hex) this.#hex.push(each)
  }
}

function fixed(value: bigint, digits: number): string {
  return value.toString(16).padStart(digits, '0')
}

function utf(text: string): string {
  const encoded = modifiedUtf8(text)
  return fixed(BigInt(encoded.length), 4) + encoded.toString('hex')
}

/** UTF-16 units one by one, NUL in two bytes. */
function modifiedUtf8(text: string): Buffer {
  const out: number[] = []
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit > 0 && unit < 0x80) out.push(unit)
    else if (unit < 0x800) out.push(0xc0 | (unit >> 6), 0x80 | (unit & 0x3f))
    else out.push(0xe0 | (unit >> 12), 0x80 | ((unit >> 6) & 0x3f), 0x80 | (unit & 0x3f))
  }
  return Buffer.from(out)
}
