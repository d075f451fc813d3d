/** The reader of the log over messages made by hand: transactions, restarts, barriers, positions. */
import { expect, test } from 'vitest'
import { type ColumnType, RowEvents, type TableVersion, tableVersion, TransactionTracker } from '#cdc'
import { scalar, type SourceRecord, type Struct } from '#data'
import { Inbox } from '../../../../connectors/postgres-cdc/inbox.ts'
import { LogReader } from '../../../../connectors/postgres-cdc/log-reader.ts'
import { MessageEvents } from '../../../../connectors/postgres-cdc/message-event.ts'
import { readOffset, type ResumePoint } from '../../../../connectors/postgres-cdc/offset.ts'
import {
  sourceIdentity,
  sourceNames,
  sourceSchema,
} from '../../../../connectors/postgres-cdc/source-block.ts'
import { keepalive, logData } from '../../../support/log-stream.ts'

const quiet = { keepalive: () => {}, other: () => {} }

const int64 = (value: number) => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigInt64BE(BigInt(value))
  return bytes
}
const int32 = (value: number) => {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}
const int16 = (value: number) => int32(value).subarray(2)
const cell = (text: string) => Buffer.concat([Buffer.from('t'), int32(text.length), Buffer.from(text)])
const tuple = (text: string) => Buffer.concat([Buffer.from('N'), int16(1), cell(text)])
const begin = (final: number, id: number) =>
  Buffer.concat([Buffer.from('B'), int64(final), int64(0), int32(id)])
const commit = (lsn: number, end: number) =>
  Buffer.concat([Buffer.from('C\0'), int64(lsn), int64(end), int64(0)])
const insert = (text: string, relation = 5) => Buffer.concat([Buffer.from('I'), int32(relation), tuple(text)])
const relation = Buffer.concat([
  ...[Buffer.from('R'), int32(5), Buffer.from('s\0t\0d'), int16(1), Buffer.from([1]), Buffer.from('v\0')],
  ...[int32(25), int32(-1)],
])

const textColumn: ColumnType = {
  schema: scalar('string'),
  read: (bytes, from, to, writer) => writer.text(bytes, from, to),
  fallback: '',
  unavailable: null,
}
const version: TableVersion = tableVersion({
  topic: 'p.s.t',
  database: 'd',
  schemaName: 's',
  table: 't',
  columns: [{ name: 'v', type: textColumn, cell: 0 }],
  key: null,
  source: sourceSchema,
  names: sourceNames('s', 't'),
})

class Log {
  readonly inbox = new Inbox()
  readonly records: SourceRecord[] = []
  readonly reader: LogReader
  barriers = 0

  constructor(
    resume: Partial<ResumePoint> = {},
    until: number | null = null,
    transactions: TransactionTracker | null = null,
  ) {
    const rows = new RowEvents({
      headers: [],
      tombstones: true,
      skipped: new Set(['t']),
      skipUnchanged: false,
      transactions,
    })
    this.reader = new LogReader(
      {
        partition: { server: 'p' },
        identity: sourceIdentity('1', 'p', 'd'),
        rows,
        messages: new MessageEvents('p.message', 'bytes'),
        messagePrefix: () => true,
        captured: () => true,
        until,
        transactions,
      },
      { lsn: 0, partly: null, lastCommit: null, ...resume },
    )
  }

  data(lsn: number, message: Buffer): this {
    this.inbox.receive(logData(BigInt(lsn), message), quiet)
    return this
  }

  keepalive(lsn: number): this {
    this.inbox.receive(keepalive(BigInt(lsn)), quiet)
    return this
  }

  /** Reads everything; returns the rows' values that came out. */
  read(most = 1000): string[] {
    const out: SourceRecord[] = []
    for (;;) {
      this.reader.read(this.inbox, most, out)
      if (this.reader.barrier === null) break
      this.barriers++
      this.reader.resolve(version)
    }
    this.records.push(...out)
    return out.map((record) => ((record.value.value() as Struct).get('after') as Struct).get('v') as string)
  }
}

/** One transaction of four rows, two of them at one LSN. */
function transaction(log: Log): Log {
  return log
    .data(100, begin(200, 7))
    .data(100, relation)
    .data(110, insert('a'))
    .data(120, insert('b'))
    .data(120, insert('c'))
    .data(130, insert('d'))
    .data(210, commit(200, 210))
}

test('decoding stops at a relation and goes on behind it; positions count rows of one LSN', () => {
  const log = transaction(new Log())
  expect(log.read()).toEqual(['a', 'b', 'c', 'd'])
  expect(log.barriers).toBe(1)
  expect(log.records.map((record) => record.from.offset()?.['lsn_events_processed'] ?? 1n)).toEqual([
    1n,
    1n,
    2n,
    1n,
  ])
  expect(log.reader.resumePoint).toEqual({ lsn: 210, partly: null, lastCommit: 210 })
})

test('a restart goes on behind the very row, even if keepalives come before the transaction', () => {
  for (const [resume, rows] of [
    [{ lsn: 110, transactionId: 7, nth: 1 }, ['b', 'c', 'd']],
    [{ lsn: 120, transactionId: 7, nth: 1 }, ['c', 'd']],
    [{ lsn: 120, transactionId: 7, nth: 2 }, ['d']],
    [{ lsn: 130, transactionId: 7, nth: 1 }, []],
  ] as const)
    expect(transaction(new Log(partOf(resume)).keepalive(105).keepalive(150)).read()).toEqual(rows)
})

function partOf(partly: { lsn: number; transactionId: number; nth: number }): Partial<ResumePoint> {
  return { lsn: partly.lsn, partly }
}

test('a restart in a long transaction does not give out again what committed before it began to be sent', () => {
  // 8 began later than 7 and committed first: it was given out as a whole, 7 up to its first row.
  const log = new Log({ lsn: 170, partly: { lsn: 110, transactionId: 7, nth: 1 }, lastCommit: 170 })
  log.data(140, begin(160, 8)).data(140, relation).data(140, insert('seen')).data(170, commit(160, 170))
  expect(transaction(log).read()).toEqual(['b', 'c', 'd'])
})

test('the place within a transaction is kept until it came again, or the log is past its end', () => {
  const log = new Log({ lsn: 110, partly: { lsn: 110, transactionId: 7, nth: 1 } })
  log.reader.begins(250)
  log.keepalive(150).read()
  expect(log.reader.idlePosition()).toBeNull()
  expect(log.reader.resumePoint).toMatchObject({ lsn: 150, partly: { lsn: 110, transactionId: 7 } })
  log.keepalive(250).read()
  expect(log.reader.idlePosition()?.safe).toBe(250)
})

test('catching up ends before the first transaction that the snapshot does not have', () => {
  const log = transaction(new Log({}, 205))
  expect(log.read()).toEqual(['a', 'b', 'c', 'd'])
  expect(log.reader.arrived).toBe(true)
  expect(log.records.at(-1)?.from.offset()).toMatchObject({ snapshot: 'INITIAL', snapshot_completed: false })
  const next = transaction(new Log({}, 200))
  expect(next.read()).toEqual([])
  expect(next.reader.arrived).toBe(true)
  const quiet = new Log({}, 200).keepalive(199)
  expect([quiet.read(), quiet.reader.arrived]).toEqual([[], false])
  expect([quiet.keepalive(200).read(), quiet.reader.arrived]).toEqual([[], true])
})

test('transactions that ended before the position are skipped, later ones are not', () => {
  const log = transaction(new Log({ lsn: 210 }))
  log.data(300, begin(400, 8)).data(300, insert('e')).data(410, commit(400, 410))
  expect(log.read()).toEqual(['e'])
})

test('a transaction with early rows that ended late is not taken for one that was seen', () => {
  // Its rows were written before the position, its commit after it.
  const log = new Log({ lsn: 150, partly: { lsn: 150, transactionId: 9, nth: 1 } })
  log.data(100, begin(300, 8)).data(100, relation).data(110, insert('early')).data(310, commit(300, 310))
  expect(log.read()).toEqual(['early'])
})

test('a lost session begins behind the last row, in the middle of its transaction', () => {
  const log = new Log()
  log
    .data(100, begin(200, 7))
    .data(100, relation)
    .data(110, insert('a'))
    .data(120, insert('b'))
    .data(120, insert('c'))
  expect(log.read()).toEqual(['a', 'b', 'c'])
  log.inbox.clear()
  log.reader.restarted()
  expect(log.reader.resumePoint).toEqual({
    lsn: 0,
    partly: { lsn: 120, transactionId: 7, nth: 2 },
    lastCommit: null,
  })
  expect(transaction(log).read()).toEqual(['d'])
})

test('what is stored while nothing comes: positions between transactions that are further than all records', () => {
  const log = new Log()
  log.keepalive(50).read()
  expect(log.reader.idlePosition()?.offset()).toEqual({ lsn_proc: 50n, lsn: 50n, ts_usec: 0n })
  expect(log.reader.idlePosition()).toBeNull()
  log.data(100, begin(200, 7)).data(100, relation).data(110, insert('a')).keepalive(150).read()
  expect(log.reader.idlePosition()).toBeNull()
  log.data(210, commit(200, 210)).read()
  expect(log.reader.idlePosition()?.safe).toBe(210)
  log.keepalive(260).read()
  expect(log.reader.idlePosition()?.safe).toBe(260)
})

test('an offset is never behind one that was stored while its transaction was open', () => {
  const log = new Log().keepalive(150)
  log.read()
  expect(log.reader.idlePosition()?.safe).toBe(150)
  transaction(log).read()
  const [first] = log.records
  expect(first?.from.offset()).toMatchObject({ lsn: 110n, lsn_commit: 150n })
  expect(readOffset(first?.from.offset() ?? {}).resume).toEqual({
    lsn: 150,
    partly: { lsn: 110, transactionId: 7, nth: 1 },
    lastCommit: 150,
  })
})

test('a row of a relation that was never described, or of another shape, halts', () => {
  expect(() => new Log().data(1, begin(9, 1)).data(2, insert('x')).read()).toThrow(/not described/)
  const wide = Buffer.concat([Buffer.from('I'), int32(5), Buffer.from('N'), int16(2), cell('x'), cell('y')])
  expect(() => new Log().data(1, begin(9, 1)).data(1, relation).data(2, wide).read()).toThrow(/has 2 columns/)
})

/** What a record says of its transaction: BEGIN, END, or a row with its two numbers. */
function told(record: SourceRecord): string {
  const value = record.value.value() as Struct
  if (record.topic === 'p.transaction') return `${value.get('status')} ${value.get('id')}`
  const transaction = value.get('transaction') as Struct
  return `${transaction.get('id')} ${transaction.get('total_order')}/${transaction.get('data_collection_order')}`
}

/** All records of a log that is read with transaction metadata. */
function counted(log: Log): SourceRecord[] {
  const out: SourceRecord[] = []
  log.reader.read(log.inbox, 1000, out)
  while (log.reader.barrier !== null) {
    log.reader.resolve(version)
    log.reader.read(log.inbox, 1000, out)
  }
  return out
}

test('transaction metadata: BEGIN, counted rows, END, each at a place of its own', () => {
  const records = counted(transaction(new Log({}, null, new TransactionTracker('p.transaction'))))
  expect(records.map(told)).toEqual([
    'BEGIN 7:100',
    ...['7:110 1/1', '7:120 2/2', '7:120 3/3', '7:130 4/4'],
    'END 7:210',
  ])
  expect(records.map(({ from }) => from.offset()?.['transaction_data_collection_order_s.t'] ?? null)).toEqual(
    [...[null, 1n, 2n, 3n, 4n, null]],
  )
  expect(records[0]?.from.offset()).toMatchObject({ messageType: 'BEGIN', transaction_id: '7:100' })
  const end = records[5]?.value.value() as Struct
  expect(end.get('event_count')).toBe(4n)
  expect((end.get('data_collections') as Struct[]).map(({ values }) => values)).toEqual([['s.t', 4n]])
})

test('transaction metadata: a restart at any record goes on counting, and tells nothing twice', () => {
  const whole = counted(transaction(new Log({}, null, new TransactionTracker('p.transaction'))))
  for (const [i, record] of whole.entries()) {
    const { resume } = readOffset(record.from.offset() ?? {})
    const rest = counted(transaction(new Log(resume, null, new TransactionTracker('p.transaction'))))
    expect(rest.map(told)).toEqual(whole.slice(i + 1).map(told))
  }
})

test('transaction metadata: a lost session goes on counting, and tells nothing twice', () => {
  const whole = counted(transaction(new Log({}, null, new TransactionTracker('p.transaction')))).map(told)
  for (let given = 1; given < whole.length; given++) {
    const log = transaction(new Log({}, null, new TransactionTracker('p.transaction')))
    const out: SourceRecord[] = []
    while (out.length < given) {
      log.reader.read(log.inbox, given, out)
      log.reader.resolve(version)
    }
    log.reader.restarted()
    while (log.inbox.next() !== null);
    expect([...out, ...counted(transaction(log))].map(told)).toEqual(whole)
  }
})
