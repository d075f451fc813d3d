/**
 * A binlog for measurements: transactions that a real MySQL has written (test/golden/binlog/orders), one after the other
 * as often as wanted, with positions, GTIDs and checksums that go on, in the packets in which a server sends them.
 */
import { readFileSync } from 'node:fs'
import { crc32, gunzipSync } from 'node:zlib'
import { PacketInbox } from '../../../connectors/mysql-cdc/server/packet-inbox.ts'
import { eventType } from '../../../connectors/mysql-cdc/decode/event-types.ts'
import type { EventSource } from '../../../connectors/mysql-cdc/log/log-reader.ts'

/** `bulk`: 500 rows in a transaction; `single`: one. */
export type Transactions = 'bulk' | 'single'

const folder = new URL('../../golden/binlog/', import.meta.url)
const file = gunzipSync(readFileSync(new URL('orders.binlog.gz', folder)))

/** The statements that made the table. */
export const ordersSetup: readonly string[] = (
  readFileSync(new URL('orders.sql', folder), 'utf8').split('-- log --')[0] ?? ''
).split(';')

export const logFile = 'binlog.000001'
const rowsPerRepetition = 500

function events(): Buffer[] {
  const found: Buffer[] = []
  for (let at = 4; at < file.length; at += file.readUInt32LE(at + 9))
    found.push(file.subarray(at, at + file.readUInt32LE(at + 9)))
  return found
}

const typeOf = (event: Buffer): number => event[4] as number

/** The events from one GTID to the next. */
function transactions(): Buffer[][] {
  const found: Buffer[][] = []
  for (const event of events()) {
    if (typeOf(event) === eventType.GTID) found.push([])
    found.at(-1)?.push(event)
  }
  return found
}

/** The log begins with one of 500 rows, and has 500 of one behind it. */
function chosen(kind: Transactions): Buffer[][] {
  const all = transactions()
  return kind === 'bulk' ? all.slice(0, 1) : all.slice(1, 1 + rowsPerRepetition)
}

/** As packets: length, number, a status of 0, the event. */
function packet(event: Buffer): Buffer {
  const head = Buffer.alloc(5)
  head.writeUIntLE(event.length + 1, 0, 3)
  return Buffer.concat([head, event])
}

function follows(event: Buffer, end: number, transaction: number): Buffer {
  const copy = Buffer.from(event)
  copy.writeUInt32LE(end, 13)
  if (typeOf(copy) === eventType.GTID) copy.writeBigUInt64LE(BigInt(transaction), 19 + 17)
  copy.writeUInt32LE(crc32(copy.subarray(0, -4)), copy.length - 4)
  return copy
}

export interface BenchLog {
  readonly packets: Buffer
  readonly rows: number
  /** Where the first transaction begins. */
  readonly begin: number
}

export function benchLog(kind: Transactions, rows: number): BenchLog {
  const of = chosen(kind)
  const format = events()[0] as Buffer
  const begin = 4 + format.length
  const parts = [packet(format)]
  const repetitions = Math.ceil(rows / rowsPerRepetition)
  let [at, transaction] = [begin, 0]
  for (let i = 0; i < repetitions; i++)
    for (const each of of) {
      transaction++
      for (const event of each) {
        at += event.length
        parts.push(packet(follows(event, at, transaction)))
      }
    }
  return { packets: Buffer.concat(parts), rows: repetitions * rowsPerRepetition, begin }
}

const readSize = 64 * 1024

/** Events as the connector takes them off its socket, which reads 64 KiB at a time. */
export function eventsOf({ packets }: BenchLog): EventSource {
  const inbox = new PacketInbox()
  const frame = { slab: inbox.slab, from: 0, to: 0 }
  let at = 0
  return {
    next() {
      while (!inbox.next()) {
        if (at === packets.length) return null
        inbox.receive(packets.subarray(at, (at += Math.min(readSize, packets.length - at))))
      }
      frame.slab = inbox.slab
      frame.from = inbox.from + 1
      frame.to = inbox.to
      return frame
    },
  }
}
