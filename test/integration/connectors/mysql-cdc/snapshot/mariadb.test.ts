/** MariaDB tells which position a transaction shows: no lock is needed, whatever is written meanwhile. */
import { expect, onTestFinished, test } from 'vitest'
import { connect, logPosition } from '../../../../../connectors/mysql-cdc/server/index.ts'
import { mariaDbAvailable, startMariaDb } from '../../../../support/services/mariadb.ts'
import { loginOf } from '../server/stage.ts'
import { Sink } from './sink.ts'
import { initial, seen, stageOf, taken } from './stage.ts'

test.skipIf(!mariaDbAvailable)(
  'without a lock, amid writes, over two sessions',
  async () => {
    const server = await startMariaDb(['--log-bin=binlog', '--binlog-format=ROW', '--server-id=3'])
    onTestFinished(() => server.stop())
    const login = loginOf(server.address, 'mariadb')
    const client = await connect(login)
    for (const statement of [
      'CREATE DATABASE amid',
      'USE amid',
      'CREATE TABLE t (id INT PRIMARY KEY AUTO_INCREMENT, v INT)',
      'CREATE TABLE u (id INT PRIMARY KEY)',
      'CREATE SEQUENCE s',
      'INSERT INTO t (v) SELECT seq FROM seq_1_to_2000',
      'INSERT INTO u VALUES (1)',
    ])
      await client.query(statement)
    let writing = true
    const writer = (async () => {
      for (let i = 0; writing; i++) {
        await client.query('INSERT INTO t (v) VALUES (?)', [i])
        await client.query('DELETE FROM t ORDER BY id LIMIT 1')
        await client.query('UPDATE t SET v = v + 1 ORDER BY id DESC LIMIT 3')
      }
    })()
    const stage = await stageOf({
      ...{ login, capture: { 'database.include.list': 'amid' } },
      settings: { locking: 'none', threads: 2 },
    })
    const { records, phase } = await taken(stage, initial)
    writing = false
    await writer
    const sink = new Sink()
    for (const record of records) sink.apply(record)
    const marks = records.map(seen).map(({ snapshot }) => snapshot)
    expect(marks.filter((mark) => mark === 'first' || mark === 'last')).toHaveLength(2)
    if (phase.done === null) throw new Error('the snapshot has no end')
    const { signal } = new AbortController()
    const log = stage.follow(phase.done, await logPosition(client, stage.parts.facts))
    while (!log.arrived)
      for (const record of await log.poll(performance.now() + 1000, signal)) sink.apply(record)
    await log[Symbol.asyncDispose]()
    const rows = await client.query('SELECT id, v FROM t')
    expect(sink.tables.get('test.amid.t')).toEqual(
      new Map(rows.map(({ id, v }) => [`[${id}]`, `[${id},${v}]`])),
    )
    await client.end()
  },
  60_000,
)
