import { expect, test } from 'vitest'
import {
  bytesBetween,
  executedBefore,
  findPlace,
  type LogFiles,
} from '../../../../../connectors/mysql-cdc/replay/find.ts'
import { parsePlace } from '../../../../../connectors/mysql-cdc/replay/place.ts'
import { transactionsOf } from '../../../../../connectors/mysql-cdc/replay/transactions.ts'
import { eventsOf, golden } from '../golden.ts'
import { logOf, madeFile, recordedLog, uuid } from './made-log.ts'

const find = (log: LogFiles, text: string, side: 'from' | 'to' = 'from') =>
  findPlace(log, parsePlace(text, log.server), side)

async function collected<T>(batches: AsyncIterable<readonly T[]>): Promise<T[]> {
  const found: T[] = []
  for await (const batch of batches) found.push(...batch)
  return found
}

const server = (name: string) => (name.startsWith('mysql') ? 'mysql' : 'mariadb')

test.each(['mysql-events', 'mysql-plain', 'mysql-after-tags', 'mariadb-events'])(
  'a recorded log: %s is one transaction after the other, each event in its place',
  async (name) => {
    const log = recordedLog(name, server(name))
    const headers = eventsOf(golden(`${name}.binlog`)).filter(({ header }) => header.nextPosition !== 0)
    expect(log.all.map(({ end, type }) => ({ end, type }))).toEqual(
      headers.map(({ header }) => ({ end: header.nextPosition, type: header.type })),
    )
    const transactions = await collected(transactionsOf(log.events('log.000001', 4)))
    expect(transactions.length).toBeGreaterThan(0)
    for (const { begin, end } of transactions) expect(end).toBeGreaterThan(begin)
    for (const [i, { begin }] of transactions.entries())
      expect(begin).toBeGreaterThanOrEqual(transactions[i - 1]?.end ?? 4)
  },
)

test.each(['mysql-events', 'mysql-after-tags', 'mariadb-events'])(
  'of %s, the first transaction that is not in what was executed before a place is at that place',
  async (name) => {
    const log = recordedLog(name, server(name))
    for (const { begin } of await collected(transactionsOf(log.events('log.000001', 4)))) {
      const executed = await executedBefore(log, { file: 'log.000001', pos: begin })
      expect(await find(log, executed.toString())).toMatchObject({ pos: begin, note: null })
    }
  },
)

// Three files: transactions 1 to 4, 5 and 6, and none but 7.
const one = madeFile('log.000003', 1000, `${uuid}:1-9`, [
  { number: 10n, times: [1000, 1000, 1001] },
  { number: 11n, times: [1002, 1002, 1002] },
  { number: 12n, times: [1001, 1001, 1030] },
  { number: 13n, times: [1005, 1005, 1031] },
])
const two = madeFile('log.000004', 1040, `${uuid}:1-13`, [
  { number: 14n, times: [1040, 1040, 1040] },
  { number: 15n, times: [1050, 1050, 1050] },
])
const three = madeFile('log.000005', 1060, `${uuid}:1-15`, [{ number: 16n, times: [1060, 1061, 1062] }])
const made = () => logOf('mysql', [one, two, three])

test('a position between transactions is taken as it is', async () => {
  for (const place of ['log.000003:4', 'log.000003:50', 'log.000003:100', 'log.000003:200', 'log.000003:510'])
    for (const side of ['from', 'to'] as const) {
      const [file, pos] = place.split(':')
      expect(await find(made(), place, side)).toEqual({ file, pos: Number(pos), note: null })
    }
  expect(await find(made(), 'log.000004')).toEqual({ file: 'log.000004', pos: 4, note: null })
})

test('a position inside a transaction goes to its beginning, at the end of a replay to its end, and says so', async () => {
  expect(await find(made(), 'log.000003:220')).toEqual({
    file: 'log.000003',
    pos: 200,
    note: 'log.000003:220 is inside a transaction; taken is its beginning, log.000003:200.',
  })
  expect(await find(made(), 'log.000003:221', 'to')).toMatchObject({ pos: 300 })
  expect(await find(made(), 'log.000003:60')).toMatchObject({
    pos: 4,
    note: 'log.000003:60 is inside an event; taken is log.000003:4.',
  })
})

test('a position that is purged, or not there yet, is refused with what is', async () => {
  await expect(find(made(), 'log.000002:154')).rejects.toThrow(
    'The server has purged log.000002: the oldest log that is left is log.000003. Begin at log.000003:4, or take a new snapshot.',
  )
  await expect(find(made(), 'log.000006:4')).rejects.toThrow(
    'The server has no log log.000006: it has log.000003 to log.000005.',
  )
  await expect(find(made(), 'other.000004:4')).rejects.toThrow('The server has no log other.000004')
  await expect(find(made(), 'log.000004:4711')).rejects.toThrow('The log log.000004 ends at 310')
})

test('GTIDs: the first transaction that is not in the set', async () => {
  const at = async (text: string) => find(made(), text)
  expect(await at(`${uuid}:1-9`)).toMatchObject({ file: 'log.000003', pos: 100 })
  expect(await at(`${uuid}:1-11`)).toMatchObject({ file: 'log.000003', pos: 300 })
  expect(await at(`${uuid}:1-10:12-20`)).toMatchObject({ file: 'log.000003', pos: 200 })
  expect(await at(`${uuid}:1-13`)).toMatchObject({ file: 'log.000004', pos: 100 })
  expect(await at(`${uuid}:1-16`)).toEqual({ file: 'log.000005', pos: 210, note: null })
  await expect(at(`${uuid}:1-7`)).rejects.toThrow(
    `The server has purged ${uuid}:8-9, which the GTIDs given do not have: the oldest log that is left is log.000003.`,
  )
})

test('a time: the first transaction with an event of that second or later; at the end, that second included', async () => {
  const at = (seconds: number, side: 'from' | 'to' = 'from') =>
    find(made(), new Date(seconds * 1000).toISOString(), side)
  expect(await at(1003)).toMatchObject({ file: 'log.000003', pos: 300 })
  expect(await at(1031)).toMatchObject({ file: 'log.000003', pos: 400 })
  expect(await at(1040)).toMatchObject({ file: 'log.000004', pos: 100 })
  expect(await at(1055)).toMatchObject({ file: 'log.000005', pos: 100 })
  expect(await at(1062)).toMatchObject({ file: 'log.000005', pos: 100 })
  expect(await at(5000)).toEqual({ file: 'log.000005', pos: 210, note: null })
  expect(await at(1002, 'to')).toMatchObject({ file: 'log.000003', pos: 300 })
  expect(await at(1030, 'to')).toMatchObject({ file: 'log.000003', pos: 400 })
  expect(await at(1050, 'to')).toMatchObject({ file: 'log.000005', pos: 100 })
})

test('a time before the oldest log is refused with the time at which that begins', async () => {
  await expect(find(made(), '1970-01-01T00:10:00Z')).rejects.toThrow(
    'The server has purged its log of 1970-01-01T00:10:00Z: the oldest that is left, log.000003, begins at 1970-01-01T00:16:40Z.',
  )
  const whole = logOf('mysql', [
    madeFile('log.000001', 1000, '', [{ number: 1n, times: [1001, 1001, 1001] }]),
  ])
  expect(await find(whole, '1970-01-01T00:10:00Z')).toMatchObject({ file: 'log.000001', pos: 100 })
})

test('few files are opened to find a place among many', async () => {
  const files = Array.from({ length: 200 }, (_, i) =>
    madeFile(`log.${String(i + 7).padStart(6, '0')}`, 1000 + i * 10, `${uuid}:1-${i + 1}`, [
      { number: BigInt(i + 2), times: [1005 + i * 10, 1005 + i * 10, 1005 + i * 10] },
    ]),
  )
  const log = logOf('mysql', files)
  expect(await find(log, new Date(2003 * 1000).toISOString())).toMatchObject({ file: 'log.000107', pos: 100 })
  expect(log.opened.length).toBeLessThan(12)
})

test('bytes from a place to another', () => {
  expect(bytesBetween(made(), { file: 'log.000003', pos: 100 }, { file: 'log.000003', pos: 300 })).toBe(200)
  expect(bytesBetween(made(), { file: 'log.000003', pos: 500 }, { file: 'log.000005', pos: 10 })).toBe(330)
  expect(bytesBetween(made(), { file: 'log.000004', pos: 4 }, { file: 'log.000003', pos: 4 })).toBeLessThan(0)
})
