import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { version } from '#plugin'

test('plugins carry the version of the package', () => {
  const manifest: { version: string } = JSON.parse(readFileSync('package.json', 'utf8'))
  expect(version).toBe(manifest.version)
})
