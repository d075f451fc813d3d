/**
 * What reading costs a sink per record: fetched from the embedded broker (its own thread), unpacked, converted and put
 * into a task that only asks for each value. `npm run bench -- sink-loop`
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Broker, encodeHeaders, openEmbeddedBroker } from '#broker'
import { converterEntries } from '#converters'
import { createLocalRunner } from '#pipeline'
import { createRegistry, type SinkPlugin } from '#plugin'
import { base, entryOf, Heard, specOf } from '../support/pipeline/script.ts'

const count = 200_000
const row = (i: number) =>
  `{"id":${i},"customer":${i * 1000003},"name":"customer number ${i}","note":"note for the order with number ${i}",` +
  `"amount":"AJY=","quantity":${i % 17},"paid":${i % 3 === 0},"created":${1767225600000000 + i * 7123456}}`
const event = (i: number) =>
  `{"before":null,"after":${row(i)},"source":{"version":"0.1.0","connector":"postgresql","name":"bench","ts_ms":1767225600000,` +
  `"snapshot":"false","db":"postgres","sequence":"[\\"23456784\\",\\"${23456848 + i}\\"]","schema":"public","table":"orders",` +
  `"txId":4711,"lsn":${23456848 + i},"xmin":null},"transaction":null,"op":"c","ts_ms":1767225600100}`
const field = (type: string, name: string) => `{"type":"${type}","optional":true,"field":"${name}"}`
const schema = `{"type":"struct","fields":[${[
  ...[field('int64', 'id'), field('int64', 'customer'), field('string', 'name'), field('string', 'note')],
  ...[
    field('bytes', 'amount'),
    field('int32', 'quantity'),
    field('boolean', 'paid'),
    field('int64', 'created'),
  ],
].join(',')}],"optional":false,"name":"bench.Value"}`

async function fill(broker: Broker, topic: string, text: (i: number) => string): Promise<void> {
  await using writer = await broker.sourceWriter({
    ...{ task: 'bench-0', offsetsTopic: 'bench-offsets', newTopic: () => null, overrides: {} },
  })
  const headers = encodeHeaders([])
  for (let i = 0; i < count; i++) {
    const record = {
      ...{ topic, partition: null, timestamp: null, headers },
      writeKey: (out: { appendText(text: string): void }) => {
        out.appendText(`{"id":${i}}`)
        return true
      },
      writeValue: (out: { appendText(text: string): void }) => {
        out.appendText(text(i))
        return true
      },
    }
    for (let barrier = writer.append(record); barrier !== null; barrier = writer.append(record)) await barrier
    if (i % 2000 === 1999) await writer.commit([])
  }
  await writer.commit([])
}

/** Microseconds per record: of this thread's processor time, and of the clock. */
async function read(broker: Broker, topic: string, group: string, converter: object, asks: boolean) {
  const finished = Promise.withResolvers<void>()
  let left = count
  const sink: SinkPlugin = {
    ...base('sink', 'bench.Sink', 'bench'),
    taskClass: 'bench.Task',
    taskConfigs: (config) => [config],
    open: async () => ({
      async put(records) {
        if (asks) for (const record of records) record.value.value()
        left -= records.length
        if (left <= 0) finished.resolve()
      },
      async [Symbol.asyncDispose]() {},
    }),
  }
  const plugins = createRegistry([...converterEntries, entryOf(sink)])
  await using runner = createLocalRunner({ broker, plugins })
  const config = {
    'connector.class': 'bench',
    topics: topic,
    'consumer.override.group.id': group,
    ...converter,
  }
  const began = performance.now()
  const cpu = process.threadCpuUsage()
  const heard = new Heard()
  runner.start(specOf('sink', config), heard)
  await finished.promise
  const { user, system } = process.threadCpuUsage(cpu)
  return [(user + system) / count, ((performance.now() - began) * 1000) / count].map((each) =>
    each.toFixed(2),
  )
}

const json = (schemas: boolean) => ({
  ...{ 'key.converter': 'json', 'key.converter.schemas.enable': 'false' },
  ...{ 'value.converter': 'json', 'value.converter.schemas.enable': String(schemas) },
})
const bytes = { 'key.converter': 'string', 'value.converter': 'bytes' }
const directory = mkdtempSync(join(tmpdir(), 'rowtap-bench-'))
try {
  await using broker = await openEmbeddedBroker({ directory, properties: {} })
  await fill(broker, 'events', event)
  await fill(broker, 'rows', (i) => `{"schema":${schema},"payload":${row(i)}}`)
  for (const [name, topic, converter, asks] of [
    ['bytes', 'events', bytes, false],
    ['JSON events, not looked at', 'events', json(false), false],
    ['JSON events', 'events', json(false), true],
    ['JSON rows with schemas', 'rows', json(true), true],
  ] as const) {
    await read(broker, topic, `${name} warm`.replaceAll(/\W/g, ''), converter, asks)
    const [cpu, clock] = await read(broker, topic, name.replaceAll(/\W/g, ''), converter, asks)
    process.stdout.write(`${name}: ${cpu} µs of processor, ${clock} µs of the clock per record\n`)
  }
} finally {
  rmSync(directory, { recursive: true })
}
