/**
 * The hot path of the binlog without I/O, on one core: packets of a real MySQL's log of a ten-column table → events →
 * rows → Debezium records, their keys and values written as complete JSON. All but the socket is the connector's own.
 *   npm run bench -- codecs binlog [bulk|single] [ROWS]
 */
import { ByteBuffer } from '#bytes'
import { RowEvents } from '#cdc'
import { noHeaders, type SourceRecord } from '#data'
import { Failures } from '../../../connectors/mysql-cdc/log/failures.ts'
import { LogReader } from '../../../connectors/mysql-cdc/log/log-reader.ts'
import { readOffset } from '../../../connectors/mysql-cdc/offset.ts'
import { sourceIdentity } from '../../../connectors/mysql-cdc/source-block.ts'
import { jsonFormat } from '../../../src/converters/json-format.ts'
import { JsonWriter } from '../../../src/converters/json-writer.ts'
import { type BenchLog, benchLog, eventsOf, logFile, ordersSetup, type Transactions } from './binlog.ts'
import { schemaStage } from '../../unit/connectors/mysql-cdc/tables/schema-stage.ts'
import type { CodecResult } from '../../bench/codecs.ts'

const quiet = { trace() {}, debug() {}, info() {}, warn() {}, error() {}, fatal() {} }
const noMetrics = { counter: () => ({ inc() {} }), gauge: () => ({ set() {} }) }
const recordsPerPoll = 2048

/** A connector that knows the table and has read nothing of the log. */
async function readerOf({ begin }: BenchLog): Promise<LogReader> {
  const stage = schemaStage({ server: 'mysql' })
  const create = ordersSetup.find((sql) => /^\s*CREATE TABLE/.test(sql)) ?? ''
  const statements = [
    { database: 'shop', ddl: 'CREATE DATABASE shop CHARACTER SET utf8mb4' },
    { database: 'shop', ddl: create.trim() },
  ]
  await stage.keeper.snapshot(statements, { file: logFile, pos: 4 }, 0)
  const events = new RowEvents({
    ...{ headers: noHeaders, tombstones: true, skipUnchanged: false, transactions: null, skipped: new Set() },
  })
  const nothing = { transactions: null, counts: null, until: null, extras: null, reached: null }
  const options = {
    ...{ ...nothing, partition: { server: 'p' }, identity: sourceIdentity('mysql', '1', 'p'), events },
    ...{ versions: stage.versions, query: false, concerns: () => true },
    failures: new Failures('fail', quiet, noMetrics),
  }
  const { resume } = readOffset({ file: logFile, pos: BigInt(begin), gtids: '' })
  const reader = new LogReader(options, resume)
  reader.begins(true)
  return reader
}

async function once(log: BenchLog): Promise<CodecResult> {
  const reader = await readerOf(log)
  const source = eventsOf(log)
  const writer = new JsonWriter(jsonFormat(false, true))
  const out = new ByteBuffer(4 << 20)
  const records: SourceRecord[] = []
  let [done, written] = [0, 0]
  const began = process.cpuUsage()
  for (;;) {
    records.length = 0
    reader.read(source, recordsPerPoll, records)
    if (records.length === 0) break
    for (const { key, value } of records) {
      writer.payload(key, out)
      writer.payload(value, out)
    }
    done += records.length
    written += out.length
    out.clear()
  }
  const { user, system } = process.cpuUsage(began)
  if (done !== log.rows) throw new Error(`${done} records came of ${log.rows} rows`)
  return {
    rowsPerSecond: Math.round(done / ((user + system) / 1e6)),
    bytesPerRow: Math.round(written / done),
  }
}

/** Three rounds, the first of which warms up; the best of the others. */
export async function runBinlogCodec(kind: Transactions, rows: number): Promise<CodecResult> {
  const log = benchLog(kind, rows)
  await once(log)
  const rounds = [await once(log), await once(log)]
  return rounds.sort((a, b) => b.rowsPerSecond - a.rowsPerSecond)[0] as CodecResult
}
