/** Recorded cases: what Debezium made of these statements, we make of them. */
import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { differences } from '../support/recorded-case.ts'

test.each(readdirSync(new URL('../golden/postgres/', import.meta.url)))('%s', async (name) => {
  expect(await differences(name)).toEqual([])
})
