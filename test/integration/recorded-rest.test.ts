/** A sample of what `npm run test:compat` plays: the life of a connector, as a real Kafka Connect 4.3 answered it. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { replay } from '../support/rest-corpus.ts'
import { startRestWorker } from '../support/rest-worker.ts'

test('recorded: 04a-crud', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rowtap-rest-'))
  try {
    await using worker = await startRestWorker(join(folder, 'data'))
    const file = join(import.meta.dirname, '../golden/rest/04a-crud.jsonl')
    expect(await replay(file, { worker: worker.address, folder: join(folder, 'files') })).toEqual([])
  } finally {
    await rm(folder, { recursive: true })
  }
})
