/**
 * A real Kafka Connect's connectors are taken over from its topics, with their offsets, and handed back: each change
 * arrives once, in order, whoever runs the connector.
 */
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Broker, openKafkaBroker } from '#broker'
import { readAll } from '../contract/broker/support.ts'
import { connectAvailable } from '../support/services/connect.ts'
import { createDatabase, type TestDatabase } from '../support/services/database.ts'
import { kafkaServer } from '../support/services/kafka.ts'
import { running, Shift, type Status } from '../support/takeover.ts'

describe.skipIf(!connectAvailable)('takeover', { timeout: 600_000 }, () => {
  test('of FileStream connectors, and back', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'rowtap-takeover-'))
    const [input, output] = [join(folder, 'in.txt'), join(folder, 'out.txt')]
    const id = `takeover-${process.pid}`
    const shift = new Shift(await kafkaServer(), id)
    const written: string[] = []
    const write = async (line: string): Promise<void> => {
      written.push(line)
      await appendFile(input, `${line}\n`)
    }
    const arrived = () =>
      expect
        .poll(() => readFile(output, 'utf8').catch(() => ''), { timeout: 60_000 })
        .toBe(written.map((line) => `${line}\n`).join(''))
    const source = { 'connector.class': 'FileStreamSource', 'tasks.max': '1', file: input, topic: id }
    const sink = { 'connector.class': 'FileStreamSink', 'tasks.max': '1', file: output, topics: id }
    try {
      await writeFile(input, '')
      await shift.connect(async (rest) => {
        await rest.put('/connectors/lines/config', source)
        await write('Kafka Connect')
        await rest.put('/connectors/copy/config', sink)
        await arrived()
        await rest.put('/connectors/lines/pause')
      })
      await write('while nobody ran')
      await shift.rowtap(async (rest) => {
        expect((await rest.get<string[]>('/connectors')).sort()).toEqual(['copy', 'lines'])
        expect(await rest.get('/connectors/lines/config')).toEqual({ ...source, name: 'lines' })
        await rest.until<Status>('/connectors/lines/status', ({ connector }) => connector.state === 'PAUSED')
        await rest.put('/connectors/lines/resume')
        await write('rowtap')
        await arrived()
      })
      await write('while nobody ran again')
      await shift.connect(async (rest) => {
        await running(rest, 'lines')
        await write('Kafka Connect again')
        await arrived()
      })
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  test("of Debezium's PostgreSQL connector, and back", async () => {
    const id = `takeover_${process.pid}`
    const bootstrap = await kafkaServer()
    const database = await createDatabase('takeover')
    await using broker = await openKafkaBroker({ properties: { 'bootstrap.servers': bootstrap } })
    const shift = new Shift(bootstrap, id)
    const { client } = database
    await client.query('CREATE TABLE t (id serial PRIMARY KEY, who text); CREATE TABLE noise (n int)')
    const inserted: string[] = []
    const insert = async (...names: string[]): Promise<void> => {
      inserted.push(...names)
      await client.query('INSERT INTO t (who) SELECT unnest($1::text[])', [names])
    }
    /** What moves the log without being captured: the reader confirms it, or does not. */
    const noise = () => client.query('INSERT INTO noise SELECT generate_series(1, 1000); CHECKPOINT')
    const arrived = () =>
      expect.poll(() => names(broker, `${id}.public.t`), { timeout: 60_000 }).toEqual(inserted)
    try {
      await insert('snapshot 1', 'snapshot 2')
      await shift.connect(async (rest) => {
        await rest.put('/connectors/pg/config', debezium(database, id))
        await arrived()
        await insert('Debezium 1', 'Debezium 2')
        await arrived()
        await noise()
      })
      await noise()
      await insert('between 1')
      await shift.rowtap(async (rest) => {
        await arrived()
        await insert('rowtap 1', 'rowtap 2')
        await arrived()
        await running(rest, 'pg')
        await noise()
      })
      await insert('between 2')
      await shift.connect(async (rest) => {
        await arrived()
        await insert('Debezium again')
        await arrived()
        await running(rest, 'pg')
      })
      await noise()
      await shift.rowtap(async (rest) => {
        await insert('rowtap again')
        await arrived()
        await running(rest, 'pg')
      })
    } finally {
      await database.drop()
    }
  })
})

function debezium(
  { host, port, user, password, database }: TestDatabase,
  prefix: string,
): Record<string, string> {
  return {
    'connector.class': 'io.debezium.connector.postgresql.PostgresConnector',
    'tasks.max': '1',
    'topic.prefix': prefix,
    'database.hostname': host,
    'database.port': String(port),
    'database.user': user,
    'database.password': password,
    'database.dbname': database,
    'plugin.name': 'pgoutput',
    'slot.name': database,
    'publication.name': database,
    'table.include.list': 'public.t',
    'publication.autocreate.mode': 'filtered',
  }
}

async function names(broker: Broker, topic: string): Promise<string[]> {
  if ((await broker.admin.describe(topic)) === null) return []
  const records = await readAll(broker, [topic])
  return records.map(({ value }) => {
    const event = JSON.parse(Buffer.from(value ?? []).toString()) as { payload: { after: { who: string } } }
    return event.payload.after.who
  })
}
