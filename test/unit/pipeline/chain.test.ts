import { expect, test } from 'vitest'
import type { ConnectRecord } from '#data'
import type { PredicatePlugin, TransformPlugin } from '#plugin'
import { chainOf, runChain } from '../../../src/pipeline/chain.ts'
import { base, recordAt, registryOf, TextConverter } from '../../support/pipeline/script.ts'

const append: TransformPlugin = {
  ...base('transformation', 'test.Append', 'append'),
  create: (config) => (record) => ({ ...record, topic: record.topic + (config['text'] ?? '') }),
}
const dropAll: TransformPlugin = {
  ...base('transformation', 'test.DropAll', 'drop'),
  create: () => () => null,
}
const onTopic: PredicatePlugin = {
  ...base('predicate', 'test.OnTopic', 'on-topic'),
  create: (config) => (record) => record.topic === config['topic'],
}
const plugins = registryOf(new TextConverter(), append, dropAll, onTopic)

async function run(config: Readonly<Record<string, string>>, record: ConnectRecord): Promise<string | null> {
  return runChain(await chainOf(config, plugins), { step: 0, record })?.topic ?? null
}

const two = {
  transforms: 'a, b',
  'transforms.a.type': 'append',
  'transforms.a.text': '-1',
  'transforms.b.type': 'test.Append',
  'transforms.b.text': '-2',
}
const behindPredicate = {
  ...two,
  predicates: 'p',
  'predicates.p.type': 'on-topic',
  'predicates.p.topic': 't',
  'transforms.a.predicate': 'p',
}

test('transforms run in their order, each with its own settings', async () => {
  expect(await run(two, recordAt(1))).toBe('t-1-2')
})

test('a predicate decides, negate turns it round', async () => {
  expect(await run(behindPredicate, recordAt(1))).toBe('t-1-2')
  expect(await run(behindPredicate, recordAt(1, { topic: 'u' }))).toBe('u-2')
  const negated = { ...behindPredicate, 'transforms.a.negate': 'true' }
  expect(await run(negated, recordAt(1))).toBe('t-2')
  expect(await run(negated, recordAt(1, { topic: 'u' }))).toBe('u-1-2')
})

test('the first that drops the record ends the chain', async () => {
  expect(await run({ ...two, 'transforms.a.type': 'drop' }, recordAt(1))).toBeNull()
})

test('after a failure the chain goes on at the step that failed', () => {
  let fails = true
  const step = (text: string, failing = false) => ({
    javaClass: text,
    when: null,
    negate: false,
    transform: (record: ConnectRecord) => {
      if (failing && fails) throw new Error('once')
      return { ...record, topic: record.topic + text }
    },
  })
  const chain = [step('-1'), step('-2', true)]
  const state = { step: 0, record: recordAt(1) as ConnectRecord }
  expect(() => runChain(chain, state)).toThrow('once')
  expect(state.step).toBe(1)
  fails = false
  expect(runChain(chain, state)?.topic).toBe('t-1-2')
})

test.each([
  [{ transforms: 'a' }, 'Missing required configuration "transforms.a.type" which has no default value.'],
  [{ ...two, 'transforms.a.predicate': 'q' }, 'Invalid value q for configuration transforms.a.predicate'],
  [
    { ...two, 'transforms.a.negate': 'true' },
    "Config 'transforms.a.negate' was provided but there is no config 'transforms.a.predicate' defining a predicate to be negated.",
  ],
  [{ transforms: 'a', 'transforms.a.type': 'nothing' }, 'Class nothing could not be found.'],
])('%o is refused', async (config, message) => {
  await expect(chainOf(config, plugins)).rejects.toThrow(message)
})
