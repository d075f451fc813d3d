import { expect, test } from 'vitest'
import { offsetInStoredOrder, storedOrder } from '../../../src/rest/stored-order.ts'
import { scriptedHerder } from './scripted-herder.ts'

const typed = {
  'connector.class': 'x',
  'tasks.max': '1',
  file: 'f',
  topic: 't',
  name: 'n',
  'batch.size': '9',
}
const stored = ['connector.class', 'file', 'tasks.max', 'batch.size', 'name', 'topic']

test('configurations read back come in the order of a HashMap', () => {
  const order = storedOrder(scriptedHerder())
  expect(Object.keys(order.config(typed))).toEqual(stored)
  expect(order.config(typed)).toEqual(typed)
  const info = { name: 'n', config: typed, tasks: [], type: 'source' } as const
  expect(Object.keys(order.info(info).config)).toEqual(stored)
  expect(Object.keys(order.expanded({ n: { info } })['n']?.info?.config ?? {})).toEqual(stored)
  expect(Object.keys(order.task({ id: { connector: 'n', task: 0 }, config: typed }).config)).toEqual(stored)
})

test('a patched configuration is a copy of the one before, with its size', () => {
  const before = { 'connector.class': 'x', name: 'n', file: 'f', 'tasks.max': '3', topics: 't' }
  const info = { name: 'n', config: { ...before, 'tasks.max': '1' }, tasks: [], type: 'sink' } as const
  const { config } = storedOrder(scriptedHerder()).patched(info, before)
  expect(Object.keys(config)).toEqual(['connector.class', 'name', 'file', 'tasks.max', 'topics'])
})

test('a standalone worker keeps the order typed', () => {
  const order = storedOrder({ ...scriptedHerder(), mode: 'standalone' })
  expect(Object.keys(order.config(typed))).toEqual(Object.keys(typed))
})

test('offsets too, whatever the mode; a missing part stays missing', () => {
  const { partition, offset } = offsetInStoredOrder({
    partition: null,
    offset: { position: 3n, extra: true },
  })
  expect(partition).toBeNull()
  expect(Object.keys(offset ?? {})).toEqual(['extra', 'position'])
})
