/** The embedded broker: the common suite, and what only it promises. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { connectBroker, type EmbeddedBroker, openEmbeddedBroker } from '#broker'
import { brokerSuite } from './broker-suite.ts'

const directory = mkdtempSync(join(tmpdir(), 'rowtap-broker-'))
let owner: EmbeddedBroker

beforeAll(async () => {
  owner = await openEmbeddedBroker({ directory, properties: {} })
})
afterAll(async () => {
  await owner[Symbol.asyncDispose]()
  rmSync(directory, { recursive: true })
})

brokerSuite('embedded broker', () => ({ open: () => connectBroker(owner.connect()) }))
