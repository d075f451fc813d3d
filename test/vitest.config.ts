import { defineConfig } from 'vitest/config'
import ClosingLine from './support/closing-line.ts'

// Tests run the sources as they are: the same conditional imports that `npm start` uses. vitest hands these conditions
// to Node, where 'import' would hold for require() too, and break packages that have a file for each (pg).
const conditions = ['rowtap-source', 'node', 'module', 'default']
const project = (name: string, include: string[], more: object = {}) => ({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    name,
    include,
    environment: 'node',
    testTimeout: 30_000,
    hookTimeout: 60_000,
    ...more,
  },
})

export default defineConfig({
  root: new URL('..', import.meta.url).pathname,
  test: {
    pool: 'forks',
    globalSetup: ['test/support/services/global-setup.ts'],
    reporters: [process.env['CI'] === undefined ? 'default' : 'verbose', new ClosingLine()],
    projects: [
      project('architecture', ['test/*.test.ts']),
      project('unit', ['test/unit/**/*.test.ts']),
      project('contract', ['test/contract/**/*.test.ts']),
      project('integration', ['test/integration/**/*.test.ts'], {
        testTimeout: 120_000,
        maxWorkers: 2,
      }),
      project('compat', ['test/compat/**/*.test.ts'], {
        testTimeout: 300_000,
        maxWorkers: 2,
      }),
      project('chaos', ['test/chaos/**/*.test.ts'], {
        testTimeout: 3_600_000,
      }),
    ],
  },
})
