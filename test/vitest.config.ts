import { defineConfig } from 'vitest/config'
import ClosingLine from './support/output/closing-line.ts'
import { quietForks } from './support/output/quiet-forks.ts'

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
    pool: quietForks,
    setupFiles: ['test/support/output/setup.ts'],
    // Bounds for what hangs, not for what is slow: a machine may be busy with other things.
    testTimeout: 60_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 30_000 } },
    ...more,
  },
})

/** Nothing but work for the processor. */
const quick = { maxWorkers: '100%', sequence: { groupOrder: 0 } }
/** Much waiting, and servers beside; the bounds of some tests do not allow for many at once. */
const slow = { maxWorkers: 2, sequence: { groupOrder: 1 } }

export default defineConfig({
  root: new URL('..', import.meta.url).pathname,
  test: {
    silent: 'passed-only',
    globalSetup: ['test/support/services/global-setup.ts'],
    reporters: [process.env['CI'] === undefined ? 'default' : 'verbose', new ClosingLine()],
    projects: [
      project('architecture', ['test/*.test.ts'], quick),
      project('unit', ['test/unit/**/*.test.ts'], quick),
      project('contract', ['test/contract/**/*.test.ts'], { ...slow, testTimeout: 180_000 }),
      project('integration', ['test/integration/**/*.test.ts'], { ...slow, testTimeout: 180_000 }),
      project('compat', ['test/compat/**/*.test.ts'], { ...slow, testTimeout: 300_000 }),
      project('chaos', ['test/chaos/**/*.test.ts'], { ...slow, testTimeout: 3_600_000 }),
    ],
  },
})
