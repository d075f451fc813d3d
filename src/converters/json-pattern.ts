/**
 * The JSON of fields that follow from a few numbers: printed once, and from then on only those digits are printed anew
 * that have changed. Where a number's digits are is found by printing with other numbers and looking what differs.
 */

import { Literal } from '#bytes'

/** Two numbers of sixteen digits that differ in all of them. */
const probes = [1111111111111111, 2222222222222222] as const
const probeSize = 16

/** So many digits are counted on in integers of 32 bits; where more change, all is printed. */
const lowDigits = 1e8

/** The bytes between two places of numbers, and which number comes behind them; -1 at the end. */
interface Part {
  readonly bytes: Buffer
  readonly number: number
}

/** A number as it is printed now. */
interface Printed {
  /** It may become any other from `min` to below `max` by changes of its last eight digits alone. */
  min: number
  max: number
  /** What its last eight digits count from. */
  base: number
  low: number
  /** Behind its last digit, wherever it is. */
  readonly ends: number[]
}

export class JsonPattern {
  readonly #encode: (numbers: Float64Array) => Buffer
  readonly #parts: readonly Part[]
  readonly #last: Float64Array
  readonly #printed: readonly Printed[]
  /** Per number: whether zeros stand behind its digits. With them a zero would be a number of several zeros. */
  readonly #scaled: readonly boolean[]
  #now: Literal

  constructor(count: number, encode: (numbers: Float64Array) => Buffer) {
    this.#encode = encode
    this.#parts = partsOf(count, encode)
    this.#last = new Float64Array(count).fill(Number.NaN)
    this.#printed = Array.from({ length: count }, () => ({ min: 0, max: 0, base: 0, low: 0, ends: [] }))
    this.#scaled = this.#printed.map((_, i) => isScaled(i, this.#parts))
    this.#now = new Literal('')
  }

  /** The fields for these numbers; valid until the next call. */
  print(numbers: Float64Array): Literal {
    const last = this.#last
    for (let i = 0; i < last.length; i++) {
      const number = numbers[i] as number
      if (number === last[i]) continue
      const printed = this.#printed[i] as Printed
      if (!(number >= printed.min && number < printed.max)) return this.#printAll(numbers)
      patch(this.#now.bytes, printed, number)
      last[i] = number
    }
    return this.#now
  }

  #printAll(numbers: Float64Array): Literal {
    if (numbers.some((number, i) => number === 0 && this.#scaled[i])) {
      this.#last.fill(Number.NaN)
      for (const printed of this.#printed) printed.max = 0
      return new Literal(this.#encode(numbers))
    }
    this.#last.set(numbers)
    for (const [i, number] of numbers.entries())
      begin(this.#printed[i] as Printed, number, this.#scaled[i] === true)
    const pieces: Buffer[] = []
    let size = 0
    for (const { bytes, number } of this.#parts) {
      const digits = Buffer.from(number < 0 ? '' : `${numbers[number]}`)
      pieces.push(bytes, digits)
      size += bytes.length + digits.length
      if (number >= 0) this.#printed[number]?.ends.push(size)
    }
    this.#now = new Literal(Buffer.concat(pieces))
    return this.#now
  }
}

function begin(printed: Printed, number: number, scaled: boolean): void {
  printed.low = number % lowDigits
  printed.base = number - printed.low
  const digits = `${number}`.length
  printed.min = digits === 1 && !scaled ? 0 : Math.max(printed.base, 10 ** (digits - 1))
  printed.max = Math.min(printed.base + lowDigits, 10 ** digits)
  printed.ends.length = 0
}

/** Prints the last digits, as many as differ. */
function patch(bytes: Uint8Array, printed: Printed, number: number): void {
  const { ends } = printed
  const low = (number - printed.base) | 0
  let was = printed.low
  let rest = low
  for (let back = 1; rest !== was; back++) {
    const next = (rest / 10) | 0
    const digit = 0x30 + rest - next * 10
    for (let i = 0; i < ends.length; i++) bytes[(ends[i] as number) - back] = digit
    rest = next
    was = (was / 10) | 0
  }
  printed.low = low
}

function isScaled(number: number, parts: readonly Part[]): boolean {
  return parts.some((part, i) => part.number === number && parts[i + 1]?.bytes[0] === 0x30)
}

/** Finds the places of the numbers in what `encode` prints. */
function partsOf(count: number, encode: (numbers: Float64Array) => Buffer): Part[] {
  const numbers = new Float64Array(count).fill(probes[0])
  const bytes = Buffer.from(encode(numbers))
  const places: { at: number; number: number }[] = []
  for (let number = 0; number < count; number++) {
    numbers[number] = probes[1]
    const other = encode(numbers)
    numbers[number] = probes[0]
    for (let at = 0; at < bytes.length; at++)
      if (bytes[at] !== other[at]) {
        places.push({ at, number })
        at += probeSize - 1
      }
  }
  places.sort((a, b) => a.at - b.at)
  let from = 0
  const parts = places.map(({ at, number }): Part => {
    const part = { bytes: bytes.subarray(from, at), number }
    from = at + probeSize
    return part
  })
  return [...parts, { bytes: bytes.subarray(from), number: -1 }]
}
