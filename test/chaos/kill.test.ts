import { expect, test, type TestContext } from 'vitest'
import { type KillReport, runKills } from '../support/kill.ts'
import { kafkaAvailable, kafkaServer } from '../support/services/kafka.ts'

const seed = Number(process.env['ROWTAP_KILL_SEED'] ?? Date.now() % 2 ** 31)

async function tenEach({ annotate }: TestContext, report: KillReport): Promise<void> {
  await annotate(`kill test: ${JSON.stringify(report)}`)
  for (const kills of Object.values(report.kills)) expect(kills).toBeGreaterThanOrEqual(10)
}

test('fifty kills lose nothing and double nothing', async (context) =>
  tenEach(context, await runKills(50, seed)))

test.skipIf(!kafkaAvailable)(
  'fifty kills over Kafka lose nothing, and double only what was not committed',
  async (context) => tenEach(context, await runKills(50, seed, await kafkaServer())),
)
