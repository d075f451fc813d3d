import { expect, test } from 'vitest'
import { SignalTopic } from '#cdc'
import type { Logger } from '#observe'
import { parseSignal, signalData, snapshotRequest, stopRequest } from '../../../../src/cdc/signals/signal.ts'
import { MemoryTopicLogs } from '../../../support/memory-topic-logs.ts'

const execute = (data: unknown) =>
  snapshotRequest(parseSignal(JSON.stringify({ id: 'x', type: 'execute-snapshot', data }), 'file', 'other'))

test('a snapshot is asked for by tables, conditions and a surrogate key', () => {
  const request = execute({
    type: 'BLOCKING',
    'data-collections': [' db.a ', 'db\\..*'],
    'additional-conditions': [{ 'data-collection': 'DB.A', filter: 'SELECT 1' }],
    'surrogate-key': 'k',
  })
  expect(request).toMatchObject({ id: 'x', kind: 'blocking', tables: ['db.a', 'db\\..*'], surrogateKey: 'k' })
  expect(
    request.conditions.map(({ table, filter }) => [table.test('db.a'), table.test('db.ab'), filter]),
  ).toEqual([[true, false, 'SELECT 1']])
  expect(execute({ 'data-collections': ['a'] })).toMatchObject({ kind: 'incremental', surrogateKey: null })
})

test('what makes no sense is told', () => {
  expect(() => execute({})).toThrow('names no data-collections')
  expect(() => execute({ 'data-collections': 'a' })).toThrow('no list of texts')
  expect(() => execute({ 'data-collections': ['a'], type: 'full' })).toThrow(
    'neither incremental nor blocking',
  )
  expect(() => execute({ 'data-collections': ['('] })).toThrow('no regular expression')
  expect(() => execute({ 'data-collections': ['a'], 'additional-conditions': [{}] })).toThrow(
    'needs a data-collection',
  )
  expect(() => signalData('not json')).toThrow('no JSON')
  expect(() => signalData('[1]')).toThrow('no JSON object')
  expect(() => parseSignal('{"id":"1"}', 'kafka', '')).toThrow('no type')
  const stop = (data: string) => stopRequest(parseSignal(`{"type":"s","data":${data}}`, 'kafka', ''))
  expect(() => stop('{"type":"blocking"}')).toThrow('cannot be stopped')
  expect(stop('{}').tables).toEqual([])
  expect(signalData(null)).toEqual({})
})

test('data may be an object or its text, an id may be absent', () => {
  const signal = { type: 'log', channel: 'kafka', data: { message: 'hi' } }
  expect(parseSignal('{"type":"log","data":{"message":"hi"}}', 'kafka', 'own')).toEqual({
    ...signal,
    id: 'own',
  })
  expect(parseSignal('{"id":"7","type":"log","data":"{\\"message\\":\\"hi\\"}"}', 'kafka', 'own')).toEqual({
    ...signal,
    id: '7',
  })
})

const quiet = () => {}
const log = { warn: quiet } as unknown as Logger
const options = { topic: 'p-signal', bootstrapServers: null, producer: {}, consumer: {} }

/** All texts up to so many. */
async function texts(topic: SignalTopic, count: number): Promise<readonly string[]> {
  const out: string[] = []
  while (out.length < count) {
    for (const { text, offset } of await topic.read()) out.push(`${offset} ${text}`)
    await new Promise((resolve) => setImmediate(resolve))
  }
  return out
}

test('a topic is followed from its end or from behind the last signal; keys of others are passed over', async () => {
  const logs = new MemoryTopicLogs()
  const writer = logs.open(options)
  await writer.create({})
  const send = (...records: readonly (readonly [string | null, string])[]) =>
    writer.append(
      records.map(([key, value]) => ({
        key: key === null ? null : Buffer.from(key),
        value: Buffer.from(value),
      })),
    )
  await send(['p', 'old'])
  await using anew = new SignalTopic(logs.open(options), 'p', null, log)
  await anew.read()
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve))
  await send(['q', 'foreign'], [null, 'keyless'], ['p', 'new'])
  expect(await texts(anew, 1)).toEqual(['3 new'])
  await using again = new SignalTopic(logs.open(options), 'p', -1n, log)
  expect(await texts(again, 2)).toEqual(['0 old', '3 new'])
})
