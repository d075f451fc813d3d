/**
 * Guesses the type of a text, as SimpleHeaderConverter and InsertHeader do. Grammar:
 *
 *   text   := value | anything else, which is a string as it stands
 *   value  := 'null' | 'true' | 'false' | number | date | time | timestamp | array | map
 *   array  := '[' (inner (',' inner)* ','?)? ']'        map := '{' (inner ':' inner ','?)* '}'
 *   inner  := value | '"' characters, with \" and \\ '"'
 *
 * Numbers get the smallest type that holds them exactly (Connect rounds to a 32-bit float where a fraction has more
 * digits; the value is kept here). Only a text that is used up to its end is a value.
 */
import { array, Decimal, javaFloat, map, type Schema, scalar } from '#data'
import { commonSchema, widened } from './simple-widening.ts'

export interface Guessed {
  /** null for null. */
  readonly schema: Schema | null
  readonly value: unknown
}

const nullGuess: Guessed = { schema: null, value: null }
const schemas = {
  boolean: scalar('boolean'),
  int8: scalar('int8'),
  int16: scalar('int16'),
  int32: scalar('int32'),
  int64: scalar('int64'),
  float32: scalar('float32'),
  float64: scalar('float64'),
  string: scalar('string'),
}
const connectData = 'org.apache.kafka.connect.data.'
const dateSchema = scalar('int32', { name: `${connectData}Date`, version: 1 })
const timeSchema = scalar('int32', { name: `${connectData}Time`, version: 1 })
const timestampSchema = scalar('int64', { name: `${connectData}Timestamp`, version: 1 })

export function parseSimple(text: string): Guessed {
  const parser = new Parser(text)
  const guessed = parser.value(false)
  parser.blanks()
  return guessed !== null && parser.at === text.length ? guessed : { schema: schemas.string, value: text }
}

class Parser {
  readonly text: string
  at = 0

  constructor(text: string) {
    this.text = text
  }

  blanks(): void {
    while (this.at < this.text.length && this.text.charCodeAt(this.at) <= 32) this.at++
  }

  #take(char: string): boolean {
    this.blanks()
    if (this.text[this.at] !== char) return false
    this.at++
    return true
  }

  /** null: no value here. */
  value(nested: boolean): Guessed | null {
    this.blanks()
    const first = this.text[this.at]
    if (first === '[') return this.#array()
    if (first === '{') return this.#map()
    if (first === '"') return nested ? this.#quoted() : null
    return this.#temporal() ?? this.#word()
  }

  #temporal(): Guessed | null {
    const match =
      /^(?:\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d\.\d{3}Z)?|\d\d:\d\d:\d\d\.\d{3}Z)(?![^\s,:\]}])/.exec(
        this.text.slice(this.at, this.at + 25),
      )
    if (match === null) return null
    const guessed = temporalOf(match[0])
    if (guessed !== null) this.at += match[0].length
    return guessed
  }

  #word(): Guessed | null {
    const word = /^[^,:{}[\]"\\\s]+/.exec(this.text.slice(this.at))?.[0]
    const guessed = word === undefined ? null : wordOf(word)
    if (word !== undefined && guessed !== null) this.at += word.length
    return guessed
  }

  #quoted(): Guessed | null {
    const match = /^"((?:[^"\\]|\\[\s\S])*)"/.exec(this.text.slice(this.at))
    if (match === null) return null
    this.at += match[0].length
    return { schema: schemas.string, value: (match[1] ?? '').replace(/\\(["\\])/g, '$1') }
  }

  #array(): Guessed | null {
    this.at++
    const items: Guessed[] = []
    while (!this.#take(']')) {
      const item = this.value(true)
      if (item === null) return null
      items.push(item)
      if (!this.#take(',') && this.text[this.at] !== ']') return null
    }
    const common = commonSchema(items)
    return {
      // Nothing, or things without a type in common, travel without a schema.
      schema: common === null ? null : array(common),
      value: items.map((item) => widened(item, common)),
    }
  }

  #map(): Guessed | null {
    this.at++
    const entries: (readonly [Guessed, Guessed])[] = []
    while (!this.#take('}')) {
      const key = this.value(true)
      if (key === null || key.value === null || !this.#take(':')) return null
      const value = this.value(true)
      if (value === null) return null
      entries.push([key, value])
      if (!this.#take(',') && this.text[this.at] !== '}') return null
    }
    const keys = commonSchema(entries.map(([key]) => key))
    const values = commonSchema(entries.map(([, value]) => value))
    return {
      schema: keys === null || values === null ? null : map(keys, values),
      value: new Map(entries.map(([key, value]) => [widened(key, keys), widened(value, values)])),
    }
  }
}

function wordOf(word: string): Guessed | null {
  if (word === 'null') return nullGuess
  if (word === 'true' || word === 'false') return { schema: schemas.boolean, value: word === 'true' }
  return /^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/.test(word) ? numberOf(word) : null
}

function numberOf(word: string): Guessed | null {
  const exponent = Number(/[eE]([-+]?\d+)$/.exec(word)?.[1] ?? 0)
  if (Math.abs(exponent) > 400) return null
  const decimal = Decimal.parse(word)
  const whole = wholeOf(decimal)
  if (whole !== null) return integerOf(whole)
  const value = Number(word)
  const single = Math.fround(value)
  if (Number.isFinite(single) && Number(javaFloat(single)) === value)
    return { schema: schemas.float32, value: single }
  return { schema: schemas.float64, value }
}

function wholeOf(decimal: Decimal): bigint | null {
  try {
    return decimal.withScale(0).unscaled
  } catch {
    return null
  }
}

function integerOf(value: bigint): Guessed {
  if (BigInt.asIntN(64, value) !== value)
    return {
      schema: scalar('bytes', { name: `${connectData}Decimal`, version: 1, parameters: { scale: '0' } }),
      value: new Decimal(value, 0),
    }
  if (BigInt.asIntN(32, value) !== value) return { schema: schemas.int64, value }
  const bits =
    BigInt.asIntN(8, value) === value ? 'int8' : BigInt.asIntN(16, value) === value ? 'int16' : 'int32'
  return { schema: schemas[bits], value: Number(value) }
}

function temporalOf(text: string): Guessed | null {
  const time = text.length === 13
  const instant = Date.parse(
    time ? `1970-01-01T${text}` : text.length === 10 ? `${text}T00:00:00.000Z` : text,
  )
  if (Number.isNaN(instant)) return null
  if (time) return { schema: timeSchema, value: instant }
  if (text.length === 10) return { schema: dateSchema, value: instant / 86_400_000 }
  return { schema: timestampSchema, value: BigInt(instant) }
}
