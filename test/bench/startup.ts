/**
 * Time from the launch of a worker to its first answer of `GET /connectors`, with 20 stored connectors.
 *   npm run bench -- startup
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startWorkerProcess } from '../support/worker-process.ts'

export interface StartupResult {
  readonly connectors: number
  readonly milliseconds: readonly number[]
}

export async function benchStartup(connectors = 20, rounds = 5): Promise<StartupResult> {
  const directory = mkdtempSync(join(tmpdir(), 'rowtap-startup-'))
  const input = join(directory, 'in.txt')
  writeFileSync(input, 'a line\n')
  const first = await startWorkerProcess({ dataDirectory: directory, built: true })
  for (let i = 0; i < connectors; i++) {
    const config = { 'connector.class': 'file-source', file: input, topic: `lines-${i}` }
    await first.send('POST', '/connectors', { name: `file-${i}`, config })
  }
  await first.stop()
  const milliseconds: number[] = []
  for (let i = 0; i < rounds; i++) {
    const began = performance.now()
    const worker = await startWorkerProcess({ dataDirectory: directory, built: true })
    milliseconds.push(Math.round(performance.now() - began))
    const names = await worker.get<string[]>('/connectors')
    if (names.length !== connectors)
      throw new Error(`${names.length} connectors are there, not ${connectors}`)
    await worker.stop()
  }
  rmSync(directory, { recursive: true, force: true })
  return { connectors, milliseconds }
}

if (process.argv[1] === new URL(import.meta.url).pathname)
  process.stdout.write(`${JSON.stringify(await benchStartup())}\n`)
