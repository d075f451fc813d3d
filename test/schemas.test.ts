/** What is made from the connectors' declarations is as `npm run schemas` would make it now. */
import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { generated } from './support/generate.ts'

test('schemas and option tables are up to date; else: npm run schemas', async () => {
  const files = await generated()
  expect(files.size).toBeGreaterThan(2)
  const stale = [...files].filter(
    ([path, text]) => (existsSync(path) ? readFileSync(path, 'utf8') : null) !== text,
  )
  expect(stale.map(([path]) => path)).toEqual([])
})
