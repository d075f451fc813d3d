/** The channel `file`: nothing is lost of it, and it is emptied only of what was followed. */
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { SignalFile } from '#cdc'
import { World } from '../incremental/world.ts'

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rowtap-signals-'))
  path = join(folder, 'signals.txt')
})
afterEach(() => rmSync(folder, { recursive: true }))

const texts = async (file: SignalFile) => (await file.read()).map(({ text }) => text)
const content = () => readFileSync(path, 'utf8')

test('what was added is read once, and stays until it was followed', async () => {
  const file = new SignalFile(path)
  expect(await texts(file)).toEqual([])
  await file.followed()
  writeFileSync(path, 'one\r\n\ntwo\n')
  expect(await texts(file)).toEqual(['one', 'two'])
  expect(await texts(file)).toEqual([])
  expect(content()).toBe('one\r\n\ntwo\n')
  appendFileSync(path, 'three')
  // That has not been read: nothing of it may go.
  await file.followed()
  expect(await texts(file)).toEqual(['three'])
  await file.followed()
  expect(content()).toBe('')
  appendFileSync(path, 'three')
  expect(await texts(file)).toEqual(['three'])
})

test('another file in its place is read from its beginning, and so is the same one after a restart', async () => {
  const file = new SignalFile(path)
  writeFileSync(path, 'one\ntwo\n')
  await file.read()
  writeFileSync(path, 'three\n')
  expect(await texts(file)).toEqual(['three'])
  expect(await texts(new SignalFile(path))).toEqual(['three'])
  rmSync(path)
  expect(await texts(file)).toEqual([])
})

test('a file that cannot be read says so', async () => {
  await expect(new SignalFile(folder).read()).rejects.toThrow('signal.file')
})

test('a signal is gone from the file only when an offset behind it is durable', async () => {
  const world = new World({ channels: [new SignalFile(path)] })
  try {
    world.table('a', 4)
    world.put('a', 9, 9)
    const [before] = world.step(1)
    const line = `${JSON.stringify({
      id: 'f',
      type: 'execute-snapshot',
      data: { type: 'incremental', 'data-collections': ['db.a'] },
    })}\n`
    writeFileSync(path, line)
    await world.settleUntil(() => world.busy)
    if (before === undefined) throw new Error('no record')
    await world.stage.committed([before.from])
    expect(content()).toBe(line)
    await world.settle()
    const last = world.out.at(-1)
    if (last === undefined) throw new Error('no record')
    await world.settleUntil(async () => {
      await world.stage.committed([last.from])
      return content() === ''
    })
    expect(world.sink).toEqual(world.tables)
  } finally {
    world.stop()
  }
})
