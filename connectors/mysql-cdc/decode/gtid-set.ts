/**
 * Sets of MySQL's global transaction identifiers, as text and as the binary form of PREVIOUS_GTIDS.
 *
 *   set      := (source (',' source)*)?                white space anywhere between
 *   source   := uuid (':' tag? interval (':' interval)*)+
 *   tag      := [a-z_][a-z0-9_]{0,31} ':'              MySQL 8.3; stands for all intervals up to the next
 *   interval := number ('-' number)?                   1 ≤ number < 2^63 - 1
 *
 * Printed like the server's, without its line ends: sources by uuid and then by tag (none first), intervals ascending
 * and joined. Sets are values: whatever changes one makes another.
 */
import { ConfigError } from '#errors'
import { EventReader } from './event-reader.ts'

/** From the first to the last number, both within. */
interface Interval {
  readonly first: bigint
  readonly last: bigint
}

/** `uuid` in lower case, or `uuid:tag`. */
type Source = string

const none: readonly Interval[] = []

export class GtidSet {
  static readonly empty = new GtidSet(new Map())
  readonly #sources: ReadonlyMap<Source, readonly Interval[]>

  private constructor(sources: ReadonlyMap<Source, readonly Interval[]>) {
    this.#sources = sources
  }

  static parse(text: string): GtidSet {
    const sources = new Map<Source, Interval[]>()
    for (const part of text.replaceAll(/\s+/g, '').split(','))
      if (part !== '') parseSource(part, text, sources)
    return new GtidSet(new Map([...sources].map(([source, intervals]) => [source, joined(intervals)])))
  }

  /** The body of PREVIOUS_GTIDS. */
  static decode(bytes: Buffer, from: number, to: number): GtidSet {
    return new GtidSet(decodeSources(new EventReader(bytes, from, to, 'PREVIOUS_GTIDS')))
  }

  get isEmpty(): boolean {
    return this.#sources.size === 0
  }

  /** With one more transaction; `tag` is empty for none. */
  with(uuid: string, tag: string, number: bigint): GtidSet {
    const source = sourceOf(uuid, tag)
    const before = this.#sources.get(source) ?? none
    const last = before.at(-1)
    if (last !== undefined && includes(before, number)) return this
    const after =
      last !== undefined && number === last.last + 1n
        ? [...before.slice(0, -1), { first: last.first, last: number }]
        : joined([...before, { first: number, last: number }])
    return new GtidSet(new Map(this.#sources).set(source, after))
  }

  has(uuid: string, tag: string, number: bigint): boolean {
    return includes(this.#sources.get(sourceOf(uuid, tag)) ?? none, number)
  }

  /** Whether all of the other's transactions are in this set. */
  contains(other: GtidSet): boolean {
    for (const [source, intervals] of other.#sources) {
      const own = this.#sources.get(source) ?? none
      if (!intervals.every(({ first, last }) => own.some((each) => each.first <= first && last <= each.last)))
        return false
    }
    return true
  }

  union(other: GtidSet): GtidSet {
    const sources = new Map(this.#sources)
    for (const [source, intervals] of other.#sources)
      sources.set(source, joined([...(sources.get(source) ?? none), ...intervals]))
    return new GtidSet(sources)
  }

  subtract(other: GtidSet): GtidSet {
    const sources = new Map<Source, readonly Interval[]>()
    for (const [source, intervals] of this.#sources) {
      const left = without(intervals, other.#sources.get(source) ?? none)
      if (left.length > 0) sources.set(source, left)
    }
    return new GtidSet(sources)
  }

  intersect(other: GtidSet): GtidSet {
    return this.subtract(this.subtract(other))
  }

  equals(other: GtidSet): boolean {
    return this.toString() === other.toString()
  }

  /** Without the sources whose uuid the predicate refuses (gtid.source.includes, gtid.source.excludes). */
  filter(keep: (uuid: string) => boolean): GtidSet {
    return new GtidSet(new Map([...this.#sources].filter(([source]) => keep(source.slice(0, 36)))))
  }

  /** Lower-case uuids of its transactions. */
  uuids(): string[] {
    return [...new Set([...this.#sources.keys()].map((source) => source.slice(0, 36)))].sort()
  }

  toString(): string {
    const parts: string[] = []
    let uuid = ''
    for (const source of [...this.#sources.keys()].sort()) {
      const intervals = (this.#sources.get(source) ?? none).map(print).join(':')
      const tag = source.slice(37)
      const text = tag === '' ? intervals : `${tag}:${intervals}`
      if (source.slice(0, 36) === uuid) parts.push(`${parts.pop()}:${text}`)
      else parts.push(`${source.slice(0, 36)}:${text}`)
      uuid = source.slice(0, 36)
    }
    return parts.join(',')
  }
}

function sourceOf(uuid: string, tag: string): Source {
  return tag === '' ? uuid : `${uuid}:${tag}`
}

const uuidForm = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/
const tagForm = /^[a-z_][a-z0-9_]{0,31}$/
const intervalForm = /^(\d{1,19})(?:-(\d{1,19}))?$/
const largest = 2n ** 63n - 2n

function parseSource(part: string, text: string, sources: Map<Source, Interval[]>): void {
  const [first = '', ...rest] = part.toLowerCase().split(':')
  if (!uuidForm.test(first) || rest.length === 0) throw notGtids(text, part)
  const uuid = first.replaceAll('-', '').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
  let tag = ''
  let expectsInterval = true
  for (const item of rest) {
    const match = intervalForm.exec(item)
    if (match === null) {
      if (!tagForm.test(item)) throw notGtids(text, part)
      tag = item
      expectsInterval = true
      continue
    }
    const interval = { first: BigInt(match[1] as string), last: BigInt(match[2] ?? (match[1] as string)) }
    if (interval.first < 1n || interval.last > largest) throw notGtids(text, part)
    expectsInterval = false
    // As the server: an interval that ends before it begins is empty.
    if (interval.last < interval.first) continue
    const source = sourceOf(uuid, tag)
    const known = sources.get(source)
    if (known === undefined) sources.set(source, [interval])
    else known.push(interval)
  }
  if (expectsInterval) throw notGtids(text, part)
}

function notGtids(text: string, part: string): ConfigError {
  return new ConfigError(
    `'${text}' is not a set of GTIDs: '${part}' does not have the form uuid:first-last or uuid:tag:first-last.`,
  )
}

/** Sorted, and what touches put together. */
function joined(intervals: readonly Interval[]): readonly Interval[] {
  const sorted = [...intervals].sort((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0))
  const found: Interval[] = []
  for (const interval of sorted) {
    const last = found.at(-1)
    if (last === undefined || interval.first > last.last + 1n) found.push(interval)
    else if (interval.last > last.last) found[found.length - 1] = { first: last.first, last: interval.last }
  }
  return found
}

function without(intervals: readonly Interval[], others: readonly Interval[]): readonly Interval[] {
  const found: Interval[] = []
  for (const interval of intervals) {
    let first = interval.first
    for (const other of others) {
      if (other.last < first || other.first > interval.last) continue
      if (other.first > first) found.push({ first, last: other.first - 1n })
      first = other.last + 1n
    }
    if (first <= interval.last) found.push({ first, last: interval.last })
  }
  return found
}

function includes(intervals: readonly Interval[], number: bigint): boolean {
  return intervals.some(({ first, last }) => first <= number && number <= last)
}

function print({ first, last }: Interval): string {
  return first === last ? `${first}` : `${first}-${last}`
}

let lastUuid = Buffer.alloc(16)
let lastText = '00000000-0000-0000-0000-000000000000'

/** The text of 16 bytes. A log has mostly one uuid. */
export function formatUuid(bytes: Buffer, at: number): string {
  let same = 0
  while (same < 16 && lastUuid[same] === bytes[at + same]) same++
  if (same === 16) return lastText
  const hex = bytes.toString('hex', at, at + 16)
  lastUuid = Buffer.from(bytes.subarray(at, at + 16))
  lastText = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
  return lastText
}

/**
 *   body   := count:8 (uuid:16 (length:1 tag)? intervals:8 (first:8 end:8)*)*
 *
 * With tags (MySQL 8.3) the highest byte of `count` is 1, its middle six bytes are the number, and every source has a
 * tag, whose length is doubled (a variable number of MySQL's serialization, of one byte).
 */
function decodeSources(reader: EventReader): Map<Source, readonly Interval[]> {
  const sources = new Map<Source, readonly Interval[]>()
  const at = reader.take(8)
  const isTagged = reader.bytes[at + 7] === 1
  let count = isTagged ? reader.bytes.readUIntLE(at + 1, 6) : reader.bytes.readUIntLE(at, 6)
  for (; count > 0; count--) {
    const uuid = formatUuid(reader.bytes, reader.take(16))
    const tag = isTagged ? reader.text(reader.uint8() >> 1) : ''
    const intervals: Interval[] = []
    for (let i = reader.uint64(); i > 0n; i--) intervals.push(decodeInterval(reader))
    if (intervals.length > 0) sources.set(sourceOf(uuid, tag), joined(intervals))
  }
  return sources
}

function decodeInterval(reader: EventReader): Interval {
  const [first, end] = [reader.uint64(), reader.uint64()]
  if (first < 1n || end <= first || end > largest + 1n) throw reader.expected('an interval of GTIDs')
  return { first, last: end - 1n }
}
