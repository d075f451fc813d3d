import { expect, test } from 'vitest'
import { runKills } from '../support/kill.ts'

test('fifty kills lose nothing and double nothing', async () => {
  const report = await runKills(50, Number(process.env['ROWTAP_KILL_SEED'] ?? Date.now() % 2 ** 31))
  process.stdout.write(`kill test: ${JSON.stringify(report)}\n`)
  for (const kills of Object.values(report.kills)) expect(kills).toBeGreaterThanOrEqual(10)
})
