import { expect, test } from 'vitest'
import { type KillReport, runKills } from '../support/kill.ts'
import { kafkaAvailable, kafkaServer } from '../support/services/kafka.ts'

const seed = Number(process.env['ROWTAP_KILL_SEED'] ?? 20261120)

function each(report: KillReport, least: number): void {
  process.stdout.write(`kill test: ${JSON.stringify(report)}\n`)
  for (const kills of Object.values(report.kills)) expect(kills).toBeGreaterThanOrEqual(least)
}

test('ten kills lose nothing and double nothing', { timeout: 900_000 }, async () => {
  each(await runKills(10, seed), 2)
})

test.skipIf(!kafkaAvailable)(
  'six kills over Kafka lose nothing, and double only what was not committed',
  { timeout: 900_000 },
  async () => each(await runKills(6, seed, await kafkaServer()), 1),
)
