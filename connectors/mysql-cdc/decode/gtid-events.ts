/**
 * The events that begin a transaction by naming it.
 *
 *   GTID, ANONYMOUS_GTID := flags:1 uuid:16 number:8 clocks?
 *   clocks               := 2:1 lastCommitted:8 sequence:8 immediate:7 original:7? …    highest bit of immediate set:
 *                           original follows; both are microseconds since 1970
 *   GTID_TAGGED          := fields of MySQL's serialization: size and number of each as `variable`
 *   MariaDB's GTID       := sequence:8 domain:4 flags:1 (commitId:8)? xid?
 *   MariaDB's GTID_LIST  := count:4 (domain:4 server:4 sequence:8)*       count's 4 highest bits are flags
 */
import { DecodeError } from '#errors'
import { EventReader } from './event-reader.ts'
import { formatUuid } from './gtid-set.ts'

/** MySQL's transaction name, or what is known of a transaction without one. */
export interface Gtid {
  /** null: an anonymous transaction. */
  readonly uuid: string | null
  /** Empty: without tag. */
  readonly tag: string
  readonly number: bigint
  /** Microseconds since 1970 of the commit on the first server; null where the server does not say. */
  readonly originalCommit: number | null
  /** The same on the server that wrote this log. */
  readonly immediateCommit: number | null
}

export function decodeGtid(bytes: Buffer, from: number, to: number, anonymous: boolean): Gtid {
  const reader = new EventReader(bytes, from, to, anonymous ? 'ANONYMOUS_GTID' : 'GTID')
  reader.uint8()
  const uuid = formatUuid(bytes, reader.take(16))
  const number = reader.uint64()
  let immediate: number | null = null
  let original: number | null = null
  // Since MySQL 5.7 and 8.0.
  if (reader.left >= 24 && reader.uint8() === 2) {
    reader.take(16)
    const { micros, hasOriginal } = commitTime(reader)
    immediate = micros
    original = hasOriginal ? commitTime(reader).micros : micros
  }
  return {
    uuid: anonymous ? null : uuid,
    tag: '',
    number,
    originalCommit: original,
    immediateCommit: immediate,
  }
}

/** Seven bytes, the highest bit of which says whether another such number follows. */
function commitTime(reader: EventReader): { micros: number; hasOriginal: boolean } {
  const at = reader.take(7)
  const high = reader.bytes[at + 6] as number
  const low = reader.bytes.readUIntLE(at, 6)
  const micros = (high & 0x7f) * 2 ** 48 + low
  if (micros > Number.MAX_SAFE_INTEGER) throw reader.expected('a time before the year 2255')
  return { micros, hasOriginal: (high & 0x80) !== 0 }
}

/** Fields of the tagged event by their number. */
const tagged = { uuid: 1, number: 2, tag: 3, immediate: 6, original: 7 } as const

/**
 *   body  := version:variable size:variable lastRequired:variable (id:variable value)*
 *   value := flags, numbers: variable | uuid: variable{16} | tag: size:variable text
 *
 * A variable number has as many more bytes as its first byte has ones at its low end; signed ones are zigzag.
 */
export function decodeTaggedGtid(bytes: Buffer, from: number, to: number): Gtid {
  const reader = new EventReader(bytes, from, to, 'GTID_TAGGED')
  if (variable(reader) !== 1n) throw reader.expected('the version 1')
  variable(reader)
  variable(reader)
  let uuid = ''
  let tag = ''
  let number = 0n
  let immediate: number | null = null
  let original: number | null = null
  let lastField = -1
  while (reader.left > 0) {
    const field = Number(variable(reader))
    if (field <= lastField) throw reader.expected('fields in ascending order')
    lastField = field
    if (field === tagged.uuid) uuid = taggedUuid(reader)
    else if (field === tagged.number) number = zigzag(variable(reader))
    else if (field === tagged.tag) tag = reader.text(Number(variable(reader)))
    else if (field === tagged.immediate) immediate = Number(variable(reader))
    else if (field === tagged.original) original = Number(variable(reader))
    else if (field <= lastNumberField) variable(reader)
    // A field of a newer server, whose form is not known: all that matters came before.
    else break
  }
  if (uuid === '' || number === 0n) throw reader.expected('a uuid and a number')
  return { uuid, tag, number, originalCommit: original ?? immediate, immediateCommit: immediate }
}

/** Flags, last committed, sequence number, transaction length, server versions, commit group ticket. */
const lastNumberField = 11

function taggedUuid(reader: EventReader): string {
  const raw = Buffer.alloc(16)
  for (let i = 0; i < 16; i++) raw[i] = Number(variable(reader))
  return formatUuid(raw, 0)
}

function variable(reader: EventReader): bigint {
  const first = reader.uint8()
  let more = 0
  while (more < 8 && ((first >> more) & 1) === 1) more++
  const at = reader.take(more)
  let rest = 0n
  for (let i = more - 1; i >= 0; i--) rest = (rest << 8n) | BigInt(reader.bytes[at + i] as number)
  return more >= 7 ? rest : (rest << BigInt(7 - more)) | BigInt(first >> (more + 1))
}

function zigzag(value: bigint): bigint {
  return (value & 1n) === 0n ? value >> 1n : -(value >> 1n) - 1n
}

export interface MariadbGtid {
  readonly domain: number
  /** The server that wrote it first: of the event's header. */
  readonly server: number
  readonly sequence: bigint
  /** A statement that commits by itself (DDL): no XID or COMMIT follows. */
  readonly standalone: boolean
  readonly ddl: boolean
  /** The transaction is prepared (XA PREPARE), or decides on one that was. */
  readonly xa: 'prepared' | 'completed' | null
}

const standaloneFlag = 1
const groupCommitFlag = 2
const ddlFlag = 32
const preparedFlag = 64
const completedFlag = 128

export function decodeMariadbGtid(bytes: Buffer, from: number, to: number, server: number): MariadbGtid {
  const reader = new EventReader(bytes, from, to, 'GTID of MariaDB')
  const sequence = reader.uint64()
  const domain = reader.uint32()
  const flags = reader.uint8()
  if ((flags & groupCommitFlag) !== 0) reader.uint64()
  const xa = (flags & preparedFlag) !== 0 ? 'prepared' : (flags & completedFlag) !== 0 ? 'completed' : null
  return {
    domain,
    server,
    sequence,
    standalone: (flags & standaloneFlag) !== 0,
    ddl: (flags & ddlFlag) !== 0,
    xa,
  }
}

export interface MariadbGtidEntry {
  readonly domain: number
  readonly server: number
  readonly sequence: bigint
}

/** The last transaction of each server in each domain before this file. */
export function decodeMariadbGtidList(bytes: Buffer, from: number, to: number): MariadbGtidEntry[] {
  const reader = new EventReader(bytes, from, to, 'GTID_LIST')
  const count = reader.uint32() & 0x0fffffff
  if (count * 16 > reader.left) throw new DecodeError('A binlog event GTID_LIST is shorter than it says.')
  return Array.from({ length: count }, () => ({
    domain: reader.uint32(),
    server: reader.uint32(),
    sequence: reader.uint64(),
  }))
}
