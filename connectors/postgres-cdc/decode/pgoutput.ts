/**
 * Decoder of pgoutput's messages, protocol version 1, with logical messages. Pure: bytes in, calls out. Values are not
 * touched; a row becomes ranges in the slab. Numbers are big-endian, texts end in a zero byte.
 *
 *   message  := B finalLsn:8 time:8 xid:4
 *             | C flags:1 lsn:8 endLsn:8 time:8
 *             | O lsn:8 name:text
 *             | R relation:4 namespace:text name:text identity:1 count:2 column*
 *             | Y type:4 namespace:text name:text
 *             | I relation:4 'N' tuple
 *             | U relation:4 (('K' | 'O') tuple)? 'N' tuple
 *             | D relation:4 ('K' | 'O') tuple
 *             | T count:4 flags:1 relation:4*
 *             | M flags:1 lsn:8 prefix:text length:4 content:length
 *   column   := flags:1 name:text type:4 modifier:4
 *   tuple    := count:2 cell*
 *   cell     := 'n' | 'u' | 't' length:4 bytes:length
 *
 * Anything else is a DecodeError that names the message and the position in it, and nothing is delivered of that
 * message (invariant 4).
 */
import { NO_ROW, NULL_CELL, UNAVAILABLE_CELL } from '#cdc'
import { DecodeError } from '#errors'
import type { CellSlab } from '#cdc'

/** Microseconds between PostgreSQL's epoch (2000-01-01) and 1970. */
const postgresEpoch = 946_684_800_000_000n

export interface Begin {
  /** Where the transaction's commit is in the log. */
  readonly finalLsn: bigint
  /** Microseconds since 1970: safe integers for the next 280 years. */
  readonly commitTime: number
  /** Unsigned. */
  readonly transactionId: number
}

export interface Commit {
  readonly lsn: bigint
  /** Where the log goes on after the commit record: what may be confirmed. */
  readonly endLsn: bigint
  readonly commitTime: number
}

export interface RelationColumn {
  readonly name: string
  readonly typeOid: number
  readonly typeModifier: number
  /** Part of the replica identity. */
  readonly key: boolean
}

/** DEFAULT (the primary key), NOTHING, FULL or USING INDEX. */
export type ReplicaIdentity = 'd' | 'n' | 'f' | 'i'

export interface Relation {
  readonly oid: number
  readonly schema: string
  readonly name: string
  readonly identity: ReplicaIdentity
  readonly columns: readonly RelationColumn[]
}

export interface Truncate {
  readonly relations: readonly number[]
  readonly cascade: boolean
  readonly restartIdentity: boolean
}

export interface LogicalMessage {
  readonly transactional: boolean
  readonly lsn: bigint
  readonly prefix: string
  /** A view of the chunk's bytes. */
  readonly content: Buffer
}

/** What an old image holds: the columns of the replica identity, or the full row. */
export type OldImage = 'K' | 'O'

/** Rows are given as where they start in the slab's `cells`, NO_ROW for none; `columns` is how many cells each has. */
export interface PgoutputHandler {
  begin(begin: Begin): void
  commit(commit: Commit): void
  origin(lsn: bigint, name: string): void
  relation(relation: Relation): void
  type(oid: number, schema: string, name: string): void
  insert(relation: number, after: number, columns: number): void
  update(relation: number, old: OldImage | null, before: number, after: number, columns: number): void
  delete(relation: number, old: OldImage, before: number, columns: number): void
  truncate(truncate: Truncate): void
  message(message: LogicalMessage): void
}

const K = 0x4b
const N = 0x4e
const O = 0x4f

/** Messages of streamed and prepared transactions, which are sent only to those who ask for them. */
const notAskedFor = 'SEcAbPKrp'

/** Decodes the one message in `slab.bytes[from, to)`. */
export function decodeMessage(slab: CellSlab, from: number, to: number, handler: PgoutputHandler): void {
  if (from >= to) throw new DecodeError('An empty message came from pgoutput.')
  const tag = slab.bytes[from] as number
  switch (tag) {
    case 0x49: // I
      return decodeInsert(slab, from, to, handler)
    case 0x55: // U
      return decodeUpdate(slab, from, to, handler)
    case 0x44: // D
      return decodeDelete(slab, from, to, handler)
    default:
      return decodeRare(new MessageReader(slab.bytes, from, to), tag, handler)
  }
}

function decodeInsert(slab: CellSlab, from: number, to: number, handler: PgoutputHandler): void {
  const { bytes } = slab
  if (to - from < 8 || bytes[from + 5] !== N) throw malformed(bytes, from, from + 5, 'a new tuple')
  const columns = bytes.readUInt16BE(from + 6)
  const after = slab.reserve(columns)
  const end = decodeTuple(slab, from, from + 6, to, after)
  if (end !== to) throw malformed(bytes, from, end, 'the end of the message')
  handler.insert(bytes.readUInt32BE(from + 1), after, columns)
}

function decodeUpdate(slab: CellSlab, from: number, to: number, handler: PgoutputHandler): void {
  const { bytes } = slab
  if (to - from < 8) throw malformed(bytes, from, to, 'a tuple')
  const first = bytes[from + 5]
  const columns = bytes.readUInt16BE(from + 6)
  let before: number = NO_ROW
  let at = from + 5
  if (first === K || first === O) {
    before = slab.reserve(columns)
    at = decodeTuple(slab, from, from + 6, to, before)
  }
  if (to - at < 3 || bytes[at] !== N) throw malformed(bytes, from, at, 'a new tuple')
  if (bytes.readUInt16BE(at + 1) !== columns) throw malformed(bytes, from, at + 1, `${columns} columns`)
  const after = slab.reserve(columns)
  const end = decodeTuple(slab, from, at + 1, to, after)
  if (end !== to) throw malformed(bytes, from, end, 'the end of the message')
  const old = before === NO_ROW ? null : first === K ? 'K' : 'O'
  handler.update(bytes.readUInt32BE(from + 1), old, before, after, columns)
}

function decodeDelete(slab: CellSlab, from: number, to: number, handler: PgoutputHandler): void {
  const { bytes } = slab
  const kind = bytes[from + 5]
  if (to - from < 8 || (kind !== K && kind !== O)) throw malformed(bytes, from, from + 5, 'an old tuple')
  const columns = bytes.readUInt16BE(from + 6)
  const before = slab.reserve(columns)
  const end = decodeTuple(slab, from, from + 6, to, before)
  if (end !== to) throw malformed(bytes, from, end, 'the end of the message')
  handler.delete(bytes.readUInt32BE(from + 1), kind === K ? 'K' : 'O', before, columns)
}

/** Notes the cells of the tuple whose column count is at `at` (known to be there); returns where it ends. */
function decodeTuple(slab: CellSlab, message: number, at: number, to: number, row: number): number {
  const { bytes, cells } = slab
  const end = row + (((bytes[at] as number) << 8) | (bytes[at + 1] as number)) * 2
  let position = at + 2
  for (let cell = row; cell < end; cell += 2) {
    if (position >= to) throw malformed(bytes, message, position, 'a cell')
    const kind = bytes[position]
    if (kind === 0x74) {
      // t
      if (to - position < 5) throw malformed(bytes, message, position, 'the length of a cell')
      const length =
        ((bytes[position + 1] as number) << 24) |
        ((bytes[position + 2] as number) << 16) |
        ((bytes[position + 3] as number) << 8) |
        (bytes[position + 4] as number)
      position += 5
      if (length < 0 || length > to - position) throw malformed(bytes, message, position, `${length} bytes`)
      cells[cell] = position
      position += length
      cells[cell + 1] = position
    } else if (kind === 0x6e || kind === 0x75) {
      // n, u
      const absent = kind === 0x6e ? NULL_CELL : UNAVAILABLE_CELL
      cells[cell] = absent
      cells[cell + 1] = absent
      position++
    } else throw malformed(bytes, message, position, 'a cell of kind n, u or t')
  }
  return position
}

function decodeRare(reader: MessageReader, tag: number, handler: PgoutputHandler): void {
  switch (String.fromCharCode(tag)) {
    case 'B': {
      const begin = { finalLsn: reader.int64(), commitTime: reader.time(), transactionId: reader.uint32() }
      reader.end()
      return handler.begin(begin)
    }
    case 'C': {
      reader.uint8()
      const commit = { lsn: reader.int64(), endLsn: reader.int64(), commitTime: reader.time() }
      reader.end()
      return handler.commit(commit)
    }
    case 'O': {
      const lsn = reader.int64()
      const name = reader.text()
      reader.end()
      return handler.origin(lsn, name)
    }
    case 'R':
      return handler.relation(decodeRelation(reader))
    case 'Y': {
      const oid = reader.uint32()
      const schema = reader.text()
      const name = reader.text()
      reader.end()
      return handler.type(oid, schema, name)
    }
    case 'T':
      return handler.truncate(decodeTruncate(reader))
    case 'M':
      return handler.message(decodeLogicalMessage(reader))
    default:
      throw unknownMessage(tag)
  }
}

function decodeRelation(reader: MessageReader): Relation {
  const oid = reader.uint32()
  // pgoutput leaves the name of pg_catalog out.
  const schema = reader.text() || 'pg_catalog'
  const name = reader.text()
  const identity = String.fromCharCode(reader.uint8())
  if (identity !== 'd' && identity !== 'n' && identity !== 'f' && identity !== 'i')
    throw reader.expected('a replica identity of d, n, f or i')
  const columns: RelationColumn[] = []
  for (let count = reader.uint16(); count > 0; count--) {
    const key = (reader.uint8() & 1) === 1
    columns.push({ name: reader.text(), typeOid: reader.uint32(), typeModifier: reader.int32(), key })
  }
  reader.end()
  return { oid, schema, name, identity, columns }
}

function decodeTruncate(reader: MessageReader): Truncate {
  const count = reader.uint32()
  const flags = reader.uint8()
  const relations: number[] = []
  for (let i = 0; i < count; i++) relations.push(reader.uint32())
  reader.end()
  return { relations, cascade: (flags & 1) !== 0, restartIdentity: (flags & 2) !== 0 }
}

function decodeLogicalMessage(reader: MessageReader): LogicalMessage {
  const transactional = (reader.uint8() & 1) === 1
  const lsn = reader.int64()
  const prefix = reader.text()
  const content = reader.bytes(reader.uint32())
  reader.end()
  return { transactional, lsn, prefix, content }
}

/** Reads the fields of one message in turn; whatever is missing is a DecodeError. */
class MessageReader {
  readonly #bytes: Buffer
  readonly #start: number
  readonly #to: number
  #at: number

  constructor(bytes: Buffer, from: number, to: number) {
    this.#bytes = bytes
    this.#start = from
    this.#to = to
    this.#at = from + 1
  }

  #take(count: number): number {
    const at = this.#at
    if (count > this.#to - at) throw this.expected(`${count} more bytes`)
    this.#at = at + count
    return at
  }

  expected(what: string): DecodeError {
    return malformed(this.#bytes, this.#start, this.#at, what)
  }

  uint8(): number {
    return this.#bytes[this.#take(1)] as number
  }

  uint16(): number {
    return this.#bytes.readUInt16BE(this.#take(2))
  }

  uint32(): number {
    return this.#bytes.readUInt32BE(this.#take(4))
  }

  int32(): number {
    return this.#bytes.readInt32BE(this.#take(4))
  }

  int64(): bigint {
    return this.#bytes.readBigUInt64BE(this.#take(8))
  }

  /** Microseconds since 2000, as microseconds since 1970. */
  time(): number {
    return Number(this.#bytes.readBigInt64BE(this.#take(8)) + postgresEpoch)
  }

  text(): string {
    const end = this.#bytes.indexOf(0, this.#at)
    if (end < 0 || end >= this.#to) throw this.expected('a text that ends in a zero byte')
    const text = this.#bytes.toString('utf8', this.#at, end)
    this.#at = end + 1
    return text
  }

  bytes(length: number): Buffer {
    const at = this.#take(length)
    return this.#bytes.subarray(at, at + length)
  }

  end(): void {
    if (this.#at !== this.#to) throw this.expected('the end of the message')
  }
}

function malformed(bytes: Buffer, message: number, at: number, expected: string): DecodeError {
  const tag = String.fromCharCode(bytes[message] as number)
  return new DecodeError(
    `pgoutput message ${tag} is malformed: expected ${expected} at byte ${at - message}.`,
  )
}

function unknownMessage(tag: number): DecodeError {
  const letter = String.fromCharCode(tag)
  if (notAskedFor.includes(letter))
    return new DecodeError(
      `pgoutput sent a message ${letter} of a streamed or prepared transaction, which was not asked for.`,
      { remedy: 'Take the options streaming, two_phase and proto_version out of slot.stream.params.' },
    )
  const shown = tag > 0x20 && tag < 0x7f ? letter : `0x${tag.toString(16)}`
  return new DecodeError(`pgoutput sent a message of the unknown kind ${shown}.`)
}
