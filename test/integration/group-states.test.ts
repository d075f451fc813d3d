/**
 * A group of a real Kafka Connect and its states: rowtap does not start beside it; after it, each connector is as it was
 * left (running, paused, stopped, gone), and what rowtap makes of them Connect finds in turn.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { kafkaWorkerProperties } from '../support/kafka-worker.ts'
import { type RestClient, restClient } from '../support/rest-client.ts'
import { connectAvailable, type ConnectWorker, startConnect } from '../support/services/connect.ts'
import { kafkaServer } from '../support/services/kafka.ts'
import { startWorkerProcess, type WorkerProcess } from '../support/worker-process.ts'

const group = `group-states-${process.pid}`

describe.skipIf(!connectAvailable)('the states of a group', () => {
  let bootstrap: string
  let directory: string
  const ends: (() => Promise<unknown>)[] = []
  beforeAll(async () => {
    bootstrap = await kafkaServer()
    directory = mkdtempSync(join(tmpdir(), 'rowtap-group-'))
  })
  afterAll(async () => {
    for (const end of ends) await end()
    rmSync(directory, { recursive: true, force: true })
  })

  const connect = async (): Promise<ConnectWorker> => {
    const worker = await startConnect({ bootstrap, groupId: group })
    ends.push(() => worker.kill())
    return worker
  }
  const rowtap = async (): Promise<WorkerProcess> => {
    const properties = kafkaWorkerProperties(bootstrap, group)
    const worker = await startWorkerProcess({ dataDirectory: '', properties })
    ends.push(() => worker.kill())
    return worker
  }

  test('go from Kafka Connect to rowtap and back, one worker at a time', async () => {
    const first = await connect()
    const theirs = restClient(first.url)
    for (const name of ['running', 'paused', 'stopped', 'gone'])
      await theirs.put(`/connectors/${name}/config`, {
        'connector.class': 'FileStreamSink',
        topics: `${group}-lines`,
        file: join(directory, name),
      })
    await eventually(theirs, { running, paused: running, stopped: running, gone: running })
    await theirs.put('/connectors/paused/pause')
    await theirs.put('/connectors/stopped/stop')
    await theirs.delete('/connectors/gone')
    const left = { running, paused: 'PAUSED PAUSED', stopped: 'STOPPED' }
    await eventually(theirs, left)
    await expect(rowtap()).rejects.toThrow(new RegExp(`The group '${group}' .* is at work: connect-`))
    await first.stop()

    const second = await rowtap()
    const ours = restClient(second.url)
    await eventually(ours, left)
    await ours.put('/connectors/paused/resume')
    await ours.put('/connectors/running/stop')
    await ours.delete('/connectors/stopped')
    const changed = { running: 'STOPPED', paused: running }
    await eventually(ours, changed)
    expect(await second.stop()).toBe(0)

    const third = await connect()
    await eventually(restClient(third.url), changed)
    await third.stop()
  })
})

const running = 'RUNNING RUNNING'

interface Status {
  readonly status: {
    readonly connector: { readonly state: string }
    readonly tasks: readonly { readonly state: string }[]
  }
}

/** `expected`: of each connector and its tasks. */
function eventually(rest: RestClient, expected: Readonly<Record<string, string>>): Promise<void> {
  const stateOf = ({ status: { connector, tasks } }: Status) =>
    [connector, ...tasks].map(({ state }) => state).join(' ')
  const read = async () => {
    const all = await rest.get<Record<string, Status>>('/connectors?expand=status')
    return Object.fromEntries(Object.entries(all).map(([name, each]) => [name, stateOf(each)]))
  }
  return expect.poll(read, { timeout: 60_000, interval: 100 }).toEqual(expected)
}
