import { expect, test, type TestContext } from 'vitest'
import { type KillReport, runKills } from '../support/kill.ts'
import { kafkaAvailable, kafkaServer } from '../support/services/kafka.ts'

const seed = Number(process.env['ROWTAP_KILL_SEED'] ?? 20261120)

async function each({ annotate }: TestContext, report: KillReport, least: number): Promise<void> {
  await annotate(`kill test: ${JSON.stringify(report)}`)
  for (const kills of Object.values(report.kills)) expect(kills).toBeGreaterThanOrEqual(least)
}

test('ten kills lose nothing and double nothing', { timeout: 900_000 }, async (context) => {
  await each(context, await runKills(10, seed), 2)
})

test.skipIf(!kafkaAvailable)(
  'six kills over Kafka lose nothing, and double only what was not committed',
  { timeout: 900_000 },
  async (context) => each(context, await runKills(6, seed, await kafkaServer()), 1),
)
