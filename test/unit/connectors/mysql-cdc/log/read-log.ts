/** Reads golden logs as a server would send them: from a file and position, or what a set of GTIDs lacks. */
import { readFileSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import { ByteBuffer } from '#bytes'
import { CellSlab, RowEvents, TransactionTracker } from '#cdc'
import { type Datum, noHeaders, type OffsetMap, type SourceRecord } from '#data'
import { BinlogDecoder } from '../../../../../connectors/mysql-cdc/decode/binlog-decoder.ts'
import { formatBeforeFirst } from '../../../../../connectors/mysql-cdc/decode/format-description.ts'
import { formatMariadbGtid } from '../../../../../connectors/mysql-cdc/decode/mariadb-gtid.ts'
import { positionOrder } from '../../../../../connectors/mysql-cdc/history/index.ts'
import type { MemoryHistoryStore } from '../../../../../connectors/mysql-cdc/history/memory-store.ts'
import { executedGtids, type LogGtid } from '../../../../../connectors/mysql-cdc/log/executed-gtids.ts'
import { Failures } from '../../../../../connectors/mysql-cdc/log/failures.ts'
import { type EventSource, LogReader } from '../../../../../connectors/mysql-cdc/log/log-reader.ts'
import { schemaEvents } from '../../../../../connectors/mysql-cdc/log/schema-events.ts'
import { concernsCaptured } from '../../../../../connectors/mysql-cdc/log/statement-kind.ts'
import { givenOut, readOffset, type StoredPlace } from '../../../../../connectors/mysql-cdc/offset.ts'
import { sourceIdentity } from '../../../../../connectors/mysql-cdc/source-block.ts'
import { jsonFormat } from '../../../../../src/converters/json-format.ts'
import { JsonWriter } from '../../../../../src/converters/json-writer.ts'
import { golden, spans } from '../golden.ts'
import { schemaStage } from '../tables/schema-stage.ts'

export const file = 'binlog.000007'

export interface LogOptions {
  readonly server: 'mysql' | 'mariadb'
  /** Of the golden files. */
  readonly name: string
  /** What the tables were before the log begins. */
  readonly setup: readonly string[]
  /** Without them the log is read by positions. */
  readonly gtids: boolean
  readonly counted?: boolean
  readonly query?: boolean
  readonly until?: StoredPlace
  readonly counts?: (source: string) => boolean
  readonly failures?: 'fail' | 'warn'
  /** Which events come, by their beginning in the file. */
  readonly keep?: (start: number) => boolean
}

export interface Read {
  readonly records: readonly SourceRecord[]
  readonly reader: LogReader
  readonly counts: ReadonlyMap<string, number>
}

/** The statements before the mark in the .sql of a golden log. */
export function setupOf(name: string): string[] {
  const url = new URL(`../../../../golden/binlog/${name}`, import.meta.url)
  const sql = readFileSync(url, 'utf8').split('-- log --')[0] ?? ''
  return sql.split(';').map((each) => each.trim())
}

const writer = new JsonWriter(jsonFormat(false, true))

export function json(datum: Datum): string {
  const out = new ByteBuffer(256)
  writer.payload(datum, out)
  return out.written().toString()
}

/** All of a record but the times at which it was made. */
export function shown({ topic, key, value }: SourceRecord): string {
  const times = /("op":"."|"source":\{.*?\}),"ts_ms":\d+(,"ts_us":\d+,"ts_ns":\d+)?/
  return `${topic} ${key.schema === null ? '' : json(key)} ${value.schema === null ? '' : json(value).replace(times, '$1')}`
}

async function stageOf({ server, setup }: LogOptions, store: MemoryHistoryStore, at: OffsetMap | null) {
  const stage = schemaStage({ server, store })
  if (at === null) {
    let schema = ''
    const session = {
      ...{ sqlMode: null, charset: null, databaseCollation: null, defaultUtf8mb4Collation: null },
      ...{ timeZone: null, microseconds: null, explicitDefaultsForTimestamp: null, xid: null },
    }
    for (const sql of setup) {
      schema = /^USE (\w+)/i.exec(sql)?.[1] ?? schema
      if (/^(CREATE|DROP|ALTER) /i.test(sql) && !/^CREATE PROCEDURE/i.test(sql))
        await stage.keeper.ddl({ sql, schema, session }, { file: 'binlog.000001', pos: 4 }, 0)
    }
  } else await stage.keeper.recover(positionOrder(server, numbers(givenOut(at))))
  return stage
}

function numbers(map: OffsetMap) {
  return Object.fromEntries(
    Object.entries(map).map(([key, value]) => [key, typeof value === 'bigint' ? Number(value) : value]),
  )
}

/** Reads on from an offset to the end of the log; null: from its beginning. */
export async function readLog(
  options: LogOptions,
  store: MemoryHistoryStore,
  at: OffsetMap | null = null,
): Promise<Read> {
  const { server, query = true, counts = null, until = null } = options
  const stage = await stageOf(options, store, at)
  const bytes = golden(`${options.name}.binlog`)
  const stored = at ?? { file, pos: 4n, ...(options.gtids ? { gtids: previous(options) } : {}) }
  const { resume } = readOffset(stored)
  const transactions = options.counted === true ? new TransactionTracker('p.transaction') : null
  const events = new RowEvents({
    ...{ headers: noHeaders, tombstones: true, skipUnchanged: false, transactions },
    skipped: new Set(),
  })
  const identity = sourceIdentity(server, '1', 'p')
  const reader = new LogReader(
    {
      ...{ partition: { server: 'p' }, identity, events, versions: stage.versions, transactions },
      ...{ query, counts, until, extras: null, reached: null },
      concerns: (statement) => concernsCaptured(statement, (name) => stage.capture.database(name)),
      failures: new Failures(options.failures ?? 'fail', silent, {
        counter: (name) => ({
          inc: (by) => void stage.counts.set(name, (stage.counts.get(name) ?? 0) + by),
        }),
        gauge: () => ({ set: () => {} }),
      }),
    },
    resume,
  )
  reader.begins(true)
  const log = logOf(options.name)
  const sent =
    options.gtids && resume.gtids !== null ? missing(log, resume.gtids, server) : behind(log, resume.pos)
  const begin = options.gtids ? 4 : resume.pos
  const { keep = () => true } = options
  const kept = sent.filter(
    ({ span, previous: isFirst }) => keep(span[0]) && (options.gtids || isFirst === null),
  )
  const feed = feedOf(bytes, begin, kept)
  const records: SourceRecord[] = []
  for (;;) {
    const out: SourceRecord[] = []
    reader.read(feed, 3, out)
    const { barrier } = reader
    if (barrier?.kind === 'definition') {
      const { definition } = barrier
      const { query: statement, place, origin } = definition
      const outcome = await stage.keeper.ddl(statement, numbers(place), origin.time / 1000)
      stage.versions.forget(outcome.shaped)
      const told = { identity, events, topic: 'p', headers: noHeaders, comments: false }
      const versionOf = (id: { database: string; table: string }) => stage.versions.ofSnapshot(id).version
      reader.resolveDefinition((before, behind) =>
        schemaEvents({ ...told, versionOf }, definition, outcome, before, behind),
      )
    }
    records.push(...out)
    if (out.length === 0 && barrier === null) return { records, reader, counts: stage.counts }
  }
}

const silent = {
  ...{ trace: () => {}, debug: () => {}, info: () => {} },
  ...{ warn: () => {}, error: () => {}, fatal: () => {} },
}

function previous({ name, server }: LogOptions): string {
  const text = logOf(name).find((each) => each.previous !== null)?.previous ?? ''
  return executedGtids(server, text).toString()
}

interface Logged {
  readonly span: readonly [from: number, to: number]
  readonly gtid: LogGtid | null
  /** What was executed before the file. */
  readonly previous: string | null
}

function feedOf(bytes: Buffer, pos: number, events: readonly Logged[]): EventSource {
  const begin = firstRotate(pos)
  let next = -1
  return {
    next: () => {
      if (next++ < 0) return { slab: new CellSlab(begin), from: 0, to: begin.length }
      const event = events[next - 1]
      // As chunks of a socket: each event has another slab.
      return event === undefined
        ? null
        : { slab: new CellSlab(bytes), from: event.span[0], to: event.span[1] }
    },
  }
}

/** What every session begins with: an event that is in no file. */
function firstRotate(pos: number): Buffer {
  const event = Buffer.alloc(19 + 8 + file.length + 4)
  event[4] = 4
  event.writeUInt32LE(event.length, 9)
  event.writeUInt16LE(0x20, 17)
  event.writeUInt32LE(pos, 19)
  event.write(file, 27)
  event.writeUInt32LE(crc32(event.subarray(0, -4)), event.length - 4)
  return event
}

/** The format description, and what begins at the position or behind it. */
function behind(log: readonly Logged[], pos: number): Logged[] {
  const [format, ...events] = log
  return [format as Logged, ...events.filter(({ span }) => span[0] >= pos)]
}

/** All but the transactions that were executed. */
function missing(log: readonly Logged[], gtids: string, server: 'mysql' | 'mariadb'): Logged[] {
  const executed = executedGtids(server, gtids)
  let isKnown = false
  return log.filter(({ gtid }) => {
    if (gtid !== null) isKnown = executed.has(gtid)
    return !isKnown
  })
}

const logs = new Map<string, readonly Logged[]>()

function logOf(name: string): readonly Logged[] {
  const known = logs.get(name) ?? decoded(golden(`${name}.binlog`))
  logs.set(name, known)
  return known
}

function decoded(bytes: Buffer): Logged[] {
  const decoder = new BinlogDecoder(formatBeforeFirst(false))
  return spans(bytes).map((span) => {
    const event = decoder.decode(bytes, span[0], span[1])
    const gtid = event.kind === 'gtid' || event.kind === 'mariadbGtid' ? event.gtid : null
    if (event.kind === 'previousGtids') return { span, gtid, previous: event.gtids.toString() }
    const isList = event.kind === 'mariadbGtidList'
    return { span, gtid, previous: isList ? event.gtids.map(formatMariadbGtid).join(',') : null }
  })
}
