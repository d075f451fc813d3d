import { appendFile, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { OffsetMap, SourceRecord } from '#data'
import type { SourceContext, SourceTask } from '#plugin'
import { StandardInput } from '../../../../connectors/file/input.ts'
import { fileSource } from '../../../../connectors/file/source.ts'

let folder: string
let file: string
const never = new AbortController().signal

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rowtap-file-'))
  file = join(folder, 'in.txt')
})
afterEach(() => rm(folder, { recursive: true }))

const silent = () => {}
const log = { trace: silent, debug: silent, info: silent, warn: silent, error: silent, fatal: silent }

function open(config: Record<string, string> = {}, stored: OffsetMap | null = null): Promise<SourceTask> {
  const context: SourceContext = {
    connector: 'c',
    task: 0,
    log,
    metrics: { counter: () => ({ inc: silent }), gauge: () => ({ set: silent }) },
    signal: never,
    offset: async () => stored,
    topicLog: () => {
      throw new Error('a file source keeps no log')
    },
  }
  return fileSource.open({ file, topic: 't', ...config }, context)
}

const texts = (records: readonly SourceRecord[]) => records.map((record) => record.value.value())

/** Polls until a poll brings records. */
async function next(task: SourceTask): Promise<readonly SourceRecord[]> {
  for (;;) {
    const records = await task.poll(never)
    if (records.length > 0) return records
  }
}

test('each line is a record with its file and the characters up to its end as the offset', async () => {
  await writeFile(file, 'één\ntwee\nrest')
  await using task = await open()
  const records = await task.poll(never)
  expect(texts(records)).toEqual(['één', 'twee'])
  expect(records.map(({ from }) => [from.partition, from.offset()])).toEqual([
    [{ filename: file }, { position: 4n }],
    [{ filename: file }, { position: 9n }],
  ])
  const [first] = records
  expect([first?.topic, first?.partition, first?.key.value(), first?.headers]).toEqual(['t', null, null, []])
  expect(first?.value.schema?.type).toBe('string')
})

test('the stored position is where reading goes on', async () => {
  await writeFile(file, 'één\ntwee\n')
  await using task = await open({}, { position: 4n })
  expect(texts(await task.poll(never))).toEqual(['twee'])
})

test('a position within a line gives the rest of that line', async () => {
  await writeFile(file, 'één\ntwee\n')
  await using task = await open({}, { position: 2n })
  const records = await task.poll(never)
  expect(texts(records)).toEqual(['n', 'twee'])
  expect(records[0]?.from.offset()).toEqual({ position: 4n })
})

test('a poll returns at most batch.size lines, and at least one whatever its value; others wait for input', async () => {
  await writeFile(file, 'a\nb\nc\n')
  await using two = await open({ 'batch.size': '2' })
  expect(texts(await two.poll(never))).toEqual(['a', 'b'])
  const waiting = next(two)
  await appendFile(file, 'd\ne\n')
  expect(texts(await waiting)).toEqual(['c', 'd'])
  await using none = await open({ 'batch.size': '-1' })
  expect(texts(await none.poll(never))).toEqual(['a'])
})

test('lines that are appended follow, also into a line begun before', async () => {
  await writeFile(file, 'a\nbe')
  await using task = await open()
  expect(texts(await task.poll(never))).toEqual(['a'])
  const waiting = next(task)
  await appendFile(file, 'gun\n')
  expect(texts(await waiting)).toEqual(['begun'])
})

test('a file that is not there yet is waited for', async () => {
  await using task = await open()
  const waiting = next(task)
  await writeFile(file, 'late\n')
  expect(texts(await waiting)).toEqual(['late'])
})

test('stopping ends a poll that waits', async () => {
  await writeFile(file, '')
  await using task = await open()
  const stop = new AbortController()
  const polled = task.poll(stop.signal)
  stop.abort()
  expect(await polled).toEqual([])
})

test('a file shorter than the position fails the task and says what to do', async () => {
  await writeFile(file, 'a\nb\n')
  await using task = await open({}, { position: 100n })
  await expect(task.poll(never)).rejects.toThrow(
    /has 4 characters, fewer than the 100 read so far.*reset its offsets/,
  )
  await using followed = await open()
  await followed.poll(never)
  await truncate(file, 1)
  await expect(next(followed)).rejects.toThrow(/truncated or replaced/)
})

test('a stored position of another kind is refused', async () => {
  await expect(open({}, { position: 2.5 })).rejects.toThrow(/position 2.5 .* is no position/)
})

test('bytes that are not UTF-8 become replacement characters', async () => {
  await writeFile(file, Buffer.from([0x61, 0xff, 0x62, 0x0a]))
  await using task = await open()
  expect(texts(await task.poll(never))).toEqual(['a\ufffdb'])
})

test('a directory cannot be read', async () => {
  await using task = await open({ file: folder })
  await expect(task.poll(never)).rejects.toThrow(`The file '${folder}' cannot be read: EISDIR`)
})

test('the standard input hands on what is written to it', async () => {
  const pipe = new PassThrough()
  await using input = new StandardInput(pipe)
  const room = Buffer.alloc(10)
  expect(await input.read(room)).toBe(0)
  const woken = input.changed(60_000, never)
  pipe.write('a line')
  await woken
  expect(room.toString('utf8', 0, await input.read(room))).toBe('a line')
  expect(await input.read(room)).toBe(0)
})

const alter = (partition: OffsetMap | null, offset: OffsetMap | null, config: Record<string, string> = {}) =>
  fileSource.alterOffsets?.({ file: '/in', topic: 't', ...config }, [{ partition, offset }])

test('altered offsets are checked in the words of Kafka', () => {
  const partition = { filename: '/in' }
  expect(alter(partition, { position: 2n, extra: true })).toBe(true)
  expect(alter(partition, null)).toBe(true)
  expect(alter(null, null)).toBe(true)
  expect(() => alter(partition, {})).toThrow(
    "Offset objects should either be null or contain the key 'position'",
  )
  for (const position of ['2', 2.5, null])
    expect(() => alter(partition, { position })).toThrow('is expected to be a Long value')
  expect(() => alter(partition, { position: -1n })).toThrow('should be a non-negative value')
  expect(() => alter(null, { position: 1n })).toThrow('Partition objects cannot be null')
  expect(() => alter({ file: '/in' }, { position: 1n })).toThrow("should contain the key 'filename'")
})

test('the standard input has no offsets to alter', () => {
  expect(() => fileSource.alterOffsets?.({ topic: 't' }, [])).toThrow(/no offsets/)
})

test('the standard input cannot be read exactly once', async () => {
  const required = { topic: 't', 'exactly.once.support': 'required' }
  expect((await fileSource.check?.(required, never))?.map(({ field }) => field)).toEqual([
    'exactly.once.support',
  ])
  expect(await fileSource.check?.({ ...required, file: '/in' }, never)).toEqual([])
  expect(await fileSource.check?.({ topic: 't' }, never)).toEqual([])
})

test('one task, whatever tasks.max says', () => {
  expect(fileSource.taskConfigs({ topic: 't' }, 5)).toEqual([{ topic: 't' }])
})
