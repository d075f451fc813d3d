/** A worker answers what a real Kafka Connect 4.3 answered, exchange by exchange. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { RawConfig } from '#plugin'
import { replay } from '../support/rest-corpus.ts'
import { kafkaWorkerProperties } from '../support/kafka-worker.ts'
import { startRestWorker } from '../support/rest-worker.ts'
import { kafkaAvailable, kafkaServer } from '../support/services/kafka.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rowtap-rest-'))
})
afterEach(() => rm(folder, { recursive: true }))

/** Exchanges in which we differ, and why. */
const recordings: Readonly<Record<string, readonly string[]>> = {
  '01-basics.jsonl.gz': [
    ...['01.001', '01.002'], // GET / tells rowtap's version too
    ...['01.292', '01.293', '01.294', '01.295', '01.296'], // lists of plugins
  ],
  '03a-validate-file.jsonl.gz': [
    ...['03a.043', '03a.046', '03a.062'], // Java's own classes are not known here: "could not be found"
    ...['03a.057', '03a.058'], // nor are abstract classes
    '03a.122', // Connect answers with a null pointer where a version is unknown; we list the versions
    ...['03a.121', '03a.124'], // nor does it recommend any converter then
    ...['03a.125', '03a.126'], // versions of plugins in the message
  ],
  '04a-crud.jsonl': [],
  // Connect makes the connector `rt{x}` and then answers 500, because it cannot write its Location.
  '04b-names.jsonl': ['04b.029'],
  '04e-failures.jsonl': [],
  '05a-offsets-source.jsonl': [],
  '06-loggers.jsonl': [],
}

/** What needs no broker is played once. */
const brokerless = ['03a-validate-file.jsonl.gz']

async function play(name: string, properties: RawConfig): Promise<string[]> {
  await using worker = await startRestWorker(join(folder, 'data'), properties)
  const differences = recordings[name] ?? []
  const options = { worker: worker.address, folder: join(folder, 'files'), differences }
  return await replay(join(import.meta.dirname, '../golden/rest', name), options)
}

describe('on the embedded broker', () => {
  test.for(Object.keys(recordings))('recorded: %s', async (name) => {
    expect(await play(name, { 'group.id': 'rest-cluster' })).toEqual([])
  })
})

describe.skipIf(!kafkaAvailable)('on Kafka', () => {
  const names = Object.keys(recordings).filter((name) => !brokerless.includes(name))
  test.for(names)('recorded: %s', async (name) => {
    const group = `rest-${process.pid}-${names.indexOf(name)}`
    expect(await play(name, kafkaWorkerProperties(await kafkaServer(), group))).toEqual([])
  })
})
