/** How a snapshot begins under what the user may do. */
import { expect, onTestFinished, test } from 'vitest'
import { type Client, connect } from '../../../../../connectors/mysql-cdc/server/index.ts'
import { SnapshotPhase } from '../../../../../connectors/mysql-cdc/snapshot/index.ts'
import { mySqlAvailable, mySqlServer } from '../../../../support/services/mysql.ts'
import { loginOf } from '../server/stage.ts'
import { initial, nowhere, seen, stageOf, taken } from './stage.ts'

const database = `locks_${process.pid}`
const address = mySqlAvailable ? await mySqlServer() : nowhere
const capture = { 'database.include.list': database }

/** A table with a row, and a user with these privileges on its database. */
async function prepared(privileges: string): Promise<{ root: Client; user: string }> {
  const root = await connect(loginOf(address, 'mysql'))
  const user = `locks_${process.pid}`
  onTestFinished(async () => {
    await root.query(`DROP DATABASE ${database}`)
    await root.query(`DROP USER '${user}'@'%'`)
    await root.end()
  })
  await root.query(`DROP DATABASE IF EXISTS ${database}`)
  await root.query(`CREATE DATABASE ${database}`)
  await root.query(`CREATE TABLE ${database}.t (id INT PRIMARY KEY)`)
  await root.query(`INSERT INTO ${database}.t VALUES (1)`)
  await root.query(`CREATE USER '${user}'@'%' IDENTIFIED BY 'secret'`)
  await root.query(`GRANT REPLICATION CLIENT, REPLICATION SLAVE ON *.* TO '${user}'@'%'`)
  await root.query(`GRANT ${privileges} ON ${database}.* TO '${user}'@'%'`)
  return { root, user }
}

const loginAs = (user: string) => loginOf({ ...address, user, password: 'secret' }, 'mysql')

test.skipIf(!mySqlAvailable).each([
  { privileges: 'SELECT, LOCK TABLES', lock: 'tables' },
  { privileges: 'SELECT', lock: 'none' },
])('with $privileges the lock is $lock', async ({ privileges, lock }) => {
  const { root, user } = await prepared(privileges)
  const lines: string[] = []
  const { records } = await taken(await stageOf({ login: loginAs(user), capture, lines }), initial)
  expect(records.map(seen).filter(({ ddl }) => ddl === '')).toMatchObject([
    { snapshot: 'last', row: { id: 1 } },
  ])
  expect(lines).toContain(`opening the snapshot ${JSON.stringify({ lock, sessions: 1 })}`)
  // Nothing is left locked.
  await root.query(`INSERT INTO ${database}.t VALUES (2)`)
})

test.skipIf(!mySqlAvailable)(
  'a lock that is not given in time says what to do, and everything is given up',
  async () => {
    const { root, user } = await prepared('SELECT, LOCK TABLES')
    await root.query(`LOCK TABLES ${database}.t WRITE`)
    const stage = await stageOf({ login: loginAs(user), capture, settings: { lockTimeoutMs: 1000 } })
    await expect(taken(stage, initial)).rejects.toThrow(
      /The lock for the snapshot was not given within 1000 ms \(snapshot\.lock\.timeout\.ms\)\..*SHOW PROCESSLIST/,
    )
    await root.query('UNLOCK TABLES')
    await expect
      .poll(() => root.query('SELECT id FROM information_schema.PROCESSLIST WHERE USER = ?', [user]))
      .toEqual([])
  },
)

test.skipIf(!mySqlAvailable)('extended holds the lock until the last row', async () => {
  const { root, user } = await prepared('SELECT, LOCK TABLES')
  await root.query('SET SESSION lock_wait_timeout = 1')
  const login = loginAs(user)
  const { parts } = await stageOf({ login, capture, settings: { locking: 'extended' } })
  const phase = new SnapshotPhase(parts, initial)
  onTestFinished(() => phase[Symbol.asyncDispose]())
  const { signal } = new AbortController()
  let rows = 0
  while (rows === 0)
    rows = (await phase.poll(performance.now() + 1000, signal)).filter(({ topic }) => topic !== 'test').length
  await expect(root.query(`INSERT INTO ${database}.t VALUES (2)`)).rejects.toThrow(/Lock wait timeout/)
  while (phase.done === null) await phase.poll(performance.now() + 1000, signal)
  await root.query(`INSERT INTO ${database}.t VALUES (2)`)
})

test.skipIf(!mySqlAvailable)('a lock of another kind of server is refused by name', async () => {
  await prepared('SELECT')
  const stage = await stageOf({
    login: loginOf(address, 'mysql'),
    ...{ capture, settings: { locking: 'minimal_percona' } },
  })
  await expect(taken(stage, initial)).rejects.toThrow(
    /minimal_percona: the server has no LOCK TABLES FOR BACKUP/,
  )
})

test.skipIf(!mySqlAvailable).each(['RELOAD', 'LOCK TABLES'])(
  'a snapshot waits for XA transactions that are prepared, then names them: %s',
  async (privilege) => {
    const { root, user } = await prepared('SELECT, LOCK TABLES')
    await root.query(`GRANT ${privilege}, XA_RECOVER_ADMIN ON *.* TO '${user}'@'%'`)
    await root.query(`CREATE TABLE ${database}.other (id INT PRIMARY KEY)`)
    const session = await connect(loginOf(address, 'mysql'))
    await session.query("XA START 'a', 'b'")
    await session.query(`INSERT INTO ${database}.other VALUES (1)`)
    await session.query("XA END 'a', 'b'")
    await session.query("XA PREPARE 'a', 'b'")
    await session.end()
    const only = { 'table.include.list': `${database}.t` }
    const settings = { lockTimeoutMs: 1000 }
    const early = await stageOf({ login: loginAs(user), capture: only, settings })
    await expect(taken(early, initial)).rejects.toThrow(/XA COMMIT X'61',X'62',1; or XA ROLLBACK/)
    const lines: string[] = []
    const waiting = taken(await stageOf({ login: loginAs(user), capture: only, lines }), initial)
    await expect.poll(() => lines.some((line) => line.startsWith('opening the snapshot'))).toBe(true)
    await root.query("XA COMMIT 'a', 'b'")
    expect((await waiting).records.map(seen).at(-1)).toMatchObject({ snapshot: 'last', row: { id: 1 } })
  },
)
