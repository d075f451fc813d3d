/** The composed worker as a process: configured over REST, ended or killed, started again on the same directory. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freePort } from '../support/services/ports.ts'
import { startWorkerProcess } from '../support/worker-process.ts'

interface Status {
  readonly connector: { readonly state: string }
  readonly tasks: readonly { readonly state: string; readonly trace?: string }[]
}

interface Offsets {
  readonly offsets: readonly { readonly offset: { readonly position: number } }[]
}

let directory: string
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'rowtap-worker-'))
})
afterAll(() => rmSync(directory, { recursive: true, force: true }))

const runs = ({ connector, tasks }: Status) =>
  connector.state === 'RUNNING' && tasks.length === 1 && tasks[0]?.state === 'RUNNING'
const at = (position: number) => (answer: Offsets) => answer.offsets[0]?.offset.position === position

test('a connector registered over REST is still there after a restart, and goes on where it was', async () => {
  const dataDirectory = join(directory, 'restart')
  const file = join(directory, 'in.txt')
  const out = join(directory, 'out.txt')
  writeFileSync(file, 'one\ntwo\n')
  const source = { 'connector.class': 'FileStreamSource', file, topic: 'lines' }
  const sink = { 'connector.class': 'FileStreamSink', file: out, topics: 'lines' }
  const text = 'org.apache.kafka.connect.storage.StringConverter'
  const properties = { 'key.converter': text, 'value.converter': text, 'offset.flush.interval.ms': '200' }

  const first = await startWorkerProcess({ dataDirectory, properties })
  await first.send('POST', '/connectors', { name: 'in', config: source })
  await first.send('POST', '/connectors', { name: 'out', config: sink })
  await first.until<Offsets>('/connectors/in/offsets', at(8))
  await first.until<{ in: { topics: string[] } }>(
    '/connectors/in/topics',
    (answer) => answer.in.topics[0] === 'lines',
  )
  expect(await first.stop()).toBe(0)

  appendFileSync(file, 'three\n')
  const second = await startWorkerProcess({ dataDirectory, properties })
  expect(await second.get('/connectors')).toEqual(['in', 'out'])
  await second.until<Status>('/connectors/in/status', runs)
  await second.until<Offsets>('/connectors/in/offsets', at(14))
  await second.send('PUT', '/connectors/in/stop')
  await second.until<Status>('/connectors/in/status', ({ tasks }) => tasks.length === 0)
  await second.kill()

  const third = await startWorkerProcess({ dataDirectory, properties })
  await third.until<Status>('/connectors/in/status', ({ connector }) => connector.state === 'STOPPED')
  await third.until<{ offsets: { offset: { kafka_offset: number } }[] }>(
    '/connectors/out/offsets',
    ({ offsets }) => offsets[0]?.offset.kafka_offset === 3,
  )
  expect(await third.stop()).toBe(0)
})

test('twenty stored connectors: REST answers before they are up, and all of them come up', async () => {
  const dataDirectory = join(directory, 'twenty')
  const names = Array.from({ length: 20 }, (_, number) => `c${number}`)
  const first = await startWorkerProcess({ dataDirectory })
  for (const name of names) {
    const file = join(directory, `${name}.txt`)
    writeFileSync(file, `${name}\n`)
    const config = { 'connector.class': 'file-source', file, topic: name }
    await first.send('POST', '/connectors', { name, config })
  }
  for (const name of names) await first.until<Status>(`/connectors/${name}/status`, runs)
  await first.stop()

  const began = performance.now()
  const second = await startWorkerProcess({ dataDirectory })
  const answered = performance.now() - began
  process.stdout.write(`worker with 20 connectors: GET /connectors after ${Math.round(answered)} ms\n`)
  expect(await second.get('/connectors')).toEqual(names)
  for (const name of names) await second.until<Status>(`/connectors/${name}/status`, runs)
  await second.stop()
})

/** Exit code and what was printed. */
async function run(args: readonly string[], environment: Readonly<Record<string, string>>) {
  const entry = new URL('../../src/rowtap.js', import.meta.url).pathname
  const child = spawn(process.execPath, ['--conditions=rowtap-source', entry, ...args], {
    env: { ...process.env, ...environment },
  })
  let printed = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text: Buffer) => (printed += text.toString()))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, printed }
}

test('a second worker on the same directory, half a Kafka, a bad value: refused with what to do', async () => {
  const dataDirectory = join(directory, 'shared')
  const first = await startWorkerProcess({ dataDirectory })
  const listeners = { CONNECT_LISTENERS: `http://127.0.0.1:${await freePort()}` }
  const second = await run(['worker'], { ...listeners, CONNECT_DATA_DIR: dataDirectory })
  expect(second).toMatchObject({ code: 2, printed: expect.stringContaining(dataDirectory) })
  const kafka = { ...listeners, CONNECT_BOOTSTRAP_SERVERS: 'kafka:9092' }
  const nameless = await run(['worker'], kafka)
  expect(nameless).toMatchObject({
    code: 2,
    printed: expect.stringContaining('Missing required configuration "group.id"'),
  })
  const standalone = join(directory, 'on-kafka.properties')
  writeFileSync(standalone, 'offset.storage.file.filename=/tmp/connect.offsets\n')
  expect(await run(['standalone', standalone], kafka)).toMatchObject({
    code: 2,
    printed: expect.stringContaining('A standalone worker has the embedded broker only'),
  })
  const bad = await run(['worker', '-c', join(directory, 'absent.properties')], listeners)
  expect(bad).toMatchObject({ code: 2, printed: expect.stringContaining('absent.properties cannot be read') })
  await first.stop()
})

test('standalone: connectors from files, offsets that outlast the process', async () => {
  const file = join(directory, 'standalone.txt')
  writeFileSync(file, 'a\nb\n')
  const dataDirectory = join(directory, 'standalone')
  const listeners = { CONNECT_LISTENERS: `http://127.0.0.1:${await freePort()}` }
  const worker = join(directory, 'standalone.properties')
  writeFileSync(worker, `data.dir=${dataDirectory}\noffset.flush.interval.ms=200\n`)
  const connector = join(directory, 'connector.json')
  writeFileSync(
    connector,
    JSON.stringify({ name: 'x', 'connector.class': 'file-source', file, topic: 't', 'tasks.max': 1 }),
  )
  const arguments_ = ['standalone', worker, connector]
  for (const _ of ['first', 'again']) {
    const made = await startWorkerProcess({ dataDirectory, arguments: arguments_ })
    await made.until<Status>('/connectors/x/status', runs)
    await made.until<Offsets>('/connectors/x/offsets', at(4))
    expect(await made.stop()).toBe(0)
  }
  writeFileSync(connector, JSON.stringify({ name: 'x', 'connector.class': 'no.Such', topic: 't' }))
  expect(await run(arguments_, listeners)).toMatchObject({
    code: 3,
    printed: expect.stringContaining(
      'Failed to find any class that implements Connector and which name matches no.Such',
    ),
  })
})
