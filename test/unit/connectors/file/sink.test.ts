import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { datum, type Datum, noHeaders, nothing, scalar, type SinkRecord } from '#data'
import type { SinkContext, SinkTask } from '#plugin'
import { fileSink } from '../../../../connectors/file/sink.ts'

let folder: string
let file: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rowtap-file-'))
  file = join(folder, 'out.txt')
})
afterEach(() => rm(folder, { recursive: true }))

const silent = () => {}
const signal = new AbortController().signal
const context: SinkContext = {
  connector: 'c',
  task: 0,
  log: { trace: silent, debug: silent, info: silent, warn: silent, error: silent, fatal: silent },
  metrics: { counter: () => ({ inc: silent }), gauge: () => ({ set: silent }) },
  signal,
  report: null,
  retryAfter: silent,
}

const open = (path = file): Promise<SinkTask> => fileSink.open({ file: path }, context)

function record(value: Datum): SinkRecord {
  const origin = { topic: 't', partition: 0 }
  return { ...origin, origin, key: nothing, value, headers: noHeaders, timestamp: null, offset: 0n }
}

test('each value is a line; null is the word', async () => {
  await using task = await open()
  await task.put([record(datum(scalar('string'), 'é')), record(nothing), record(datum(null, 5n))], signal)
  await task.put([], signal)
  await task.flush?.()
  expect(await readFile(file, 'utf8')).toBe('é\nnull\n5\n')
})

test('bytes are written as they are', async () => {
  await using task = await open()
  await task.put([record(datum(scalar('bytes'), Buffer.from([0xff, 0x00])))], signal)
  expect([...(await readFile(file))]).toEqual([0xff, 0x00, 0x0a])
})

test('it appends to what is there, and several tasks share the file', async () => {
  await writeFile(file, 'before\n')
  await using one = await open()
  await using two = await open()
  await one.put([record(datum(null, 'one'))], signal)
  await two.put([record(datum(null, 'two'))], signal)
  await one.put([record(datum(null, 'three'))], signal)
  expect(await readFile(file, 'utf8')).toBe('before\none\ntwo\nthree\n')
})

test('a file that cannot be opened fails the task by name', async () => {
  await expect(open(join(folder, 'missing', 'out.txt'))).rejects.toThrow(
    /Couldn't find or create file '.*missing\/out.txt'/,
  )
})

test('as many tasks as asked for, all alike', () => {
  expect(fileSink.taskConfigs({ file: '/o' }, 2)).toEqual([{ file: '/o' }, { file: '/o' }])
})
