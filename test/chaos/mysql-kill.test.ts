import { expect, test, type TestContext } from 'vitest'
import { type Round, runMySqlKills } from '../support/mysql-kill/run.ts'
import { mariaDbAvailable } from '../support/services/mariadb.ts'
import { mySqlAvailable } from '../support/services/mysql.ts'
import type { Flavor } from '../support/mysql-kill/writer.ts'

const seed = Number(process.env['ROWTAP_KILL_SEED'] ?? Date.now() % 2 ** 31)

/** Ten kills of the worker and two of the server. */
const round = (threads: number, altersInSnapshot: boolean): Round => ({
  ...{ threads, altersInSnapshot },
  ...{ snapshotKills: 4, streamKills: 6, restarts: 2 },
})

async function each({ annotate }: TestContext, flavor: Flavor, rounds: readonly Round[]): Promise<void> {
  const report = await runMySqlKills(flavor, rounds, seed)
  await annotate(`kill test: ${JSON.stringify(report)}`)
  const kills = report.rounds.map(({ snapshotKills, streamKills }) => snapshotKills + streamKills)
  expect(kills).toEqual(rounds.map(() => 10))
}

test.skipIf(!mySqlAvailable)('MySQL: fifty kills of the worker, ten of the server', (context) =>
  each(context, 'mysql', [
    ...[round(1, false), round(3, false), round(1, true), round(3, true), round(2, true)],
  ]),
)

test.skipIf(!mariaDbAvailable)('MariaDB: twenty kills of the worker, four of the server', (context) =>
  each(context, 'mariadb', [round(1, false), round(3, true)]),
)
