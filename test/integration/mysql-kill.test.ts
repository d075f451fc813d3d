import { expect, test, type TestContext } from 'vitest'
import { runMySqlKills } from '../support/mysql-kill/run.ts'
import { mySqlAvailable } from '../support/services/mysql.ts'

const seed = Number(process.env['ROWTAP_KILL_SEED'] ?? 20261121)

test.skipIf(!mySqlAvailable)(
  'MySQL: kills in snapshot and stream, random statements, a server that restarts: nothing is lost or doubled',
  { timeout: 900_000 },
  async ({ annotate }: TestContext) => {
    const report = await runMySqlKills(
      'mysql',
      [{ threads: 3, snapshotKills: 3, streamKills: 3, restarts: 1, altersInSnapshot: false }],
      seed,
    )
    await annotate(`kill test: ${JSON.stringify(report)}`)
    for (const round of report.rounds) {
      expect(round.snapshotKills).toBe(3)
      expect(round.readAgain).toBeLessThan(10)
    }
  },
)
