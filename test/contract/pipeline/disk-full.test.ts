/** No room on the disk: the store runs in this thread, over a database that may have so many pages and no more. */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { MessageChannel } from 'node:worker_threads'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Broker } from '#broker'
import { datum, type SourceRecord } from '#data'
import { createLocalRunner, type TaskRunner } from '#pipeline'
import type { Registry } from '#plugin'
import { connectEmbedded } from '../../../src/broker/embedded/client.ts'
import { brokerDefaults } from '../../../src/broker/embedded/properties.ts'
import { openDatabase, type OpenDatabase } from '../../../src/broker/embedded/store/database.ts'
import { StoreService } from '../../../src/broker/embedded/store/service.ts'
import {
  Heard,
  partition,
  recordAt,
  registryOf,
  specOf,
  TextConverter,
} from '../../support/pipeline/script.ts'
import { ScriptedSink } from '../../support/pipeline/scripted-sink.ts'
import { ScriptedSource } from '../../support/pipeline/scripted-source.ts'
import { readAll, text } from '../broker/support.ts'

let directory: string
let opened: OpenDatabase
let service: StoreService
let broker: Broker
let source: ScriptedSource
let sink: ScriptedSink
let runner: TaskRunner
const runners: TaskRunner[] = []

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'rowtap-full-'))
  opened = openDatabase(directory)
  service = new StoreService(opened, brokerDefaults({}), () => {})
  const { port1, port2 } = new MessageChannel()
  service.attach(port1)
  broker = await connectEmbedded(port2)
  source = new ScriptedSource()
  sink = new ScriptedSink()
  const plugins = registryOf(new TextConverter(), source.plugin, sink.plugin)
  runner = runnerOf(plugins)
})
afterEach(async () => {
  await Promise.all(runners.splice(0).map((each) => each[Symbol.asyncDispose]()))
  await broker[Symbol.asyncDispose]()
  service.close()
  rmSync(directory, { recursive: true })
})

function runnerOf(plugins: Registry): TaskRunner {
  const made = createLocalRunner({ broker, plugins })
  runners.push(made)
  return made
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await wait(2)
}

/** Of a size and kind that no compression helps. */
const large = (position: number): SourceRecord =>
  recordAt(position, { value: datum(null, `${position} ${randomBytes(20_000).toString('base64')}`) })

const numbers = async (): Promise<number[]> =>
  (await readAll(broker, ['t'])).map(({ value }) => Number.parseInt(text(value) ?? '', 10))

const pages = (count: number): void => opened.db.exec(`PRAGMA max_page_count=${count}`)

function start(kind: 'source' | 'sink', config: Readonly<Record<string, string>> = {}): Heard {
  const heard = new Heard()
  runner.start(specOf(kind, config), heard)
  return heard
}

/** Until all of them are committed, or the task has failed. */
async function fed(
  from: ScriptedSource,
  records: readonly SourceRecord[],
  failed: () => boolean,
): Promise<void> {
  from.feed(...records)
  const last = records.at(-1)?.from.offset()?.['position']
  while (from.committedOffsets.at(-1)?.['position'] !== last && !failed()) await wait(2)
}

test('a source fails with what to do, what was committed stays, and with room it goes on where it was', async () => {
  pages(100)
  const heard = start('source')
  const failed = () => heard.last === 'FAILED'
  for (let next = 0; !failed(); next += 5)
    await fed(
      source,
      Array.from({ length: 5 }, (_, i) => large(next + i)),
      failed,
    )
  expect(heard.trace).toContain('The task c-0 could not store its records and offsets.')
  expect(heard.trace).toContain(`cannot write to ${directory}: database or disk is full`)
  expect(heard.trace).toContain('Make room there')
  const stored = await numbers()
  expect(stored).toEqual([...stored.keys()])
  expect(stored.length).toBeGreaterThan(0)
  start('sink', { 'connector.class': 'scripted-sink', topics: 't' })
  await until(() => sink.values.length === stored.length)

  pages(1000)
  const next = new ScriptedSource()
  runner = runnerOf(registryOf(new TextConverter(), next.plugin))
  const again = start('source')
  await until(() => next.polls === 1)
  expect(await next.context?.offset(partition)).toEqual({ position: BigInt(stored.length - 1) })
  const rest = Array.from({ length: 20 }, (_, i) => large(stored.length + i))
  await fed(next, rest, () => again.last === 'FAILED')
  const all = await numbers()
  expect(all).toEqual([...all.keys()])
  expect(all.length).toBe(stored.length + 20)
  await until(() => sink.values.length === all.length)
})
