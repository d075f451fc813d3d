/** A process on the embedded broker does without kafkajs. */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const script = (more: string): string => `
  import { createRequire } from 'node:module'
  import { openEmbeddedBroker, openKafkaBroker } from '#broker'
  await using broker = await openEmbeddedBroker({ directory: process.argv[1], properties: {} })
  await broker.admin.topics()
  ${more}
  const loaded = Object.keys(createRequire(process.cwd() + '/x.js').cache)
  process.stdout.write(String(loaded.some((path) => path.includes('/kafkajs/'))))`

test.each([
  ['', 'false'],
  ['await openKafkaBroker({ properties: {} }).catch(() => {})', 'true'],
])('after %j kafkajs is loaded: %s', async (more, loaded) => {
  const directory = mkdtempSync(join(tmpdir(), 'rowtap-lazy-'))
  const args = ['--conditions=rowtap-source', '--input-type=module', '-e', script(more), directory]
  const { stdout } = await promisify(execFile)(process.execPath, args)
  rmSync(directory, { recursive: true })
  expect(stdout).toBe(loaded)
})
