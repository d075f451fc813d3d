import { expect, test } from 'vitest'
import { runKills } from '../support/kill.ts'

test('ten kills lose nothing and double nothing', { timeout: 900_000 }, async () => {
  const report = await runKills(10, Number(process.env['ROWTAP_KILL_SEED'] ?? 20261120))
  process.stdout.write(`kill test: ${JSON.stringify(report)}\n`)
  for (const kills of Object.values(report.kills)) expect(kills).toBeGreaterThanOrEqual(2)
})
