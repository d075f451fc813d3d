/** A worker answers what a real Kafka Connect 4.3 answered, exchange by exchange. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { replay } from '../../support/rest-corpus.ts'
import { type RestWorker, startRestWorker } from '../../support/rest-worker.ts'

let folder: string
let worker: RestWorker

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rowtap-rest-'))
  worker = await startRestWorker(join(folder, 'data'))
})
afterEach(async () => {
  await worker[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

const differences: Readonly<Record<string, readonly string[]>> = {
  // Connect makes the connector `rt{x}` and then answers 500, because it cannot write its Location.
  '04b-names': ['04b.029'],
}

for (const name of ['04a-crud', '04b-names', '05a-offsets-source', '06-loggers'])
  test(`recorded: ${name}`, async () => {
    const file = join(import.meta.dirname, '../../golden/rest', `${name}.jsonl`)
    const options = {
      worker: worker.address,
      folder: join(folder, 'files'),
      differences: differences[name] ?? [],
    }
    expect(await replay(file, options)).toEqual([])
  })
