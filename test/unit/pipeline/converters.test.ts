import { expect, test } from 'vitest'
import { ByteBuffer } from '#bytes'
import { datum } from '#data'
import type { ConverterPlugin } from '#plugin'
import { convertersOf } from '../../../src/pipeline/converters.ts'
import { base, registryOf, TextConverter } from '../../support/pipeline/script.ts'

/** Writes what it was made with. */
const telling: ConverterPlugin = {
  ...base('converter', 'test.Telling', 'telling'),
  create: (config, use) => ({
    write: (_topic, _datum, out) => {
      out.appendText(`${use} ${JSON.stringify(config)}`)
      return true
    },
    read: () => datum(null, use),
  }),
}
const plugins = registryOf(new TextConverter(), telling)
const worker = {
  'key.converter': 'telling',
  'key.converter.of': 'worker',
  'value.converter': 'telling',
  'value.converter.of': 'worker',
}

async function told(connector: Readonly<Record<string, string>>): Promise<string[]> {
  const { key, value } = await convertersOf(connector, worker, plugins)
  return [key, value].map(({ converter }) => {
    const out = new ByteBuffer()
    converter.write('t', datum(null, 1n), out)
    return out.copy().toString()
  })
}

test("the worker's converters come with the worker's settings, whatever the connector sets for them", async () => {
  expect(await told({ 'value.converter.of': 'connector' })).toEqual([
    'key {"of":"worker"}',
    'value {"of":"worker"}',
  ])
})

test("a connector's own converter gets the connector's settings only", async () => {
  expect(await told({ 'value.converter': 'test.Telling', 'value.converter.x': '1' })).toEqual([
    'key {"of":"worker"}',
    'value {"x":"1"}',
  ])
})

test('headers: Simple unless set, and every converter can convert them', async () => {
  const simple = await convertersOf({}, worker, plugins)
  expect(simple.header.javaClass).toBe('org.apache.kafka.connect.storage.SimpleHeaderConverter')
  const { header } = await convertersOf({ 'header.converter': 'telling' }, worker, plugins)
  const out = new ByteBuffer()
  header.converter.write('t', 'h', datum(null, 1n), out)
  expect(out.copy().toString()).toBe('header {}')
  expect(header.converter.read('t', 'h', null).value()).toBe('header')
})

test('no converter at all is refused by name', async () => {
  await expect(convertersOf({}, {}, plugins)).rejects.toThrow('"key.converter"')
})
