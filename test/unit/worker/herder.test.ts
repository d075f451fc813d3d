import { expect, test } from 'vitest'
import { jsonText, parseJson } from '#worker'
import { invalid, recordingTable, testWorker } from '../../support/worker.ts'

const config = { 'connector.class': 'test.Source' }

test('an invalid configuration is refused with all that is wrong, an existing name or not', async () => {
  const validate = async () => invalid('one', 'two')
  await using made = await testWorker({ validate })
  const message =
    'Connector configuration is invalid and contains the following 2 error(s):\none\ntwo\nYou can also find the above list of errors at the endpoint `/connector-plugins/{connectorType}/config/validate`'
  await expect(made.worker.create({ name: 'c', config })).rejects.toMatchObject({ status: 400, message })
  await expect(made.worker.put('c', config)).rejects.toMatchObject({ status: 400, message })
  await expect(made.worker.patch('c', {})).rejects.toMatchObject({ status: 404 })
  expect(made.worker.connectors()).toEqual([])
})

test('PATCH merges, removes and does not mind another name', async () => {
  await using made = await testWorker()
  await made.worker.create({ name: 'c', config: { ...config, a: '1', b: '2' } })
  const { config: patched } = await made.worker.patch('c', { b: null, nope: null, d: '3', name: 'other' })
  expect(Object.entries(patched)).toEqual([
    ['connector.class', 'test.Source'],
    ['a', '1'],
    ['name', 'other'],
    ['d', '3'],
  ])
})

test('an empty or null name in the configuration is replaced where it stands', async () => {
  await using made = await testWorker()
  for (const name of ['', null]) {
    const { info } = await made.worker.put('c', { name, ...config })
    expect(Object.entries(info.config)[0]).toEqual(['name', 'c'])
  }
})

test('expansion leaves out what has no status yet, and knows no other keys', async () => {
  const stored = recordingTable([{ key: 'connector-c', value: JSON.stringify({ properties: config }) }])
  await using made = await testWorker({ tables: { 'connect-configs': stored } })
  const { worker } = made
  expect(worker.connectors()).toEqual(['c'])
  expect(worker.expand(['status', 'info'])).toEqual({})
  expect(worker.expand([])).toEqual({ c: {} })
  await worker.put('c', config)
  await worker.settled()
  expect(Object.keys(worker.expand(['status', 'info'])['c'] ?? {})).toEqual(['status', 'info'])
  await worker.put('odd', { 'connector.class': 'gone.Class' })
  await worker.settled()
  expect(worker.status('odd')).toMatchObject({
    connector: { state: 'FAILED', version: null },
    type: 'unknown',
  })
})

test('topic tracking can be switched off, its reset too', async () => {
  await using off = await testWorker({ properties: { 'topic.tracking.enable': 'false' } })
  expect(() => off.worker.topics('c')).toThrow('Topic tracking is disabled.')
  await expect(off.worker.resetTopics('c')).rejects.toMatchObject({ status: 403 })
  await using noReset = await testWorker({ properties: { 'topic.tracking.allow.reset': 'false' } })
  expect(noReset.worker.topics('c')).toEqual([])
  await expect(noReset.worker.resetTopics('c')).rejects.toThrow('Topic tracking reset is disabled.')
})

test('loggers: text prefixes, only what changed, both scopes', async () => {
  await using made = await testWorker()
  const { worker, runner } = made
  const set = (name: string, level: string) => worker.setLogger(name, level, 'worker')
  expect(await set('x.rest', 'debug')).toEqual(['x.rest'])
  expect(await set('x.rest', 'DEBUG')).toEqual([])
  expect(await set('x.restless', 'warn')).toEqual(['x.restless'])
  expect(await set('x.rest', ' INFO')).toEqual(['x.rest', 'x.restless'])
  expect(worker.logger('x.restless')).toEqual({ level: 'INFO', last_modified: expect.any(Number) })
  expect(worker.logger('ROOT').level).toBe('INFO')
  expect(() => worker.logger('x')).toThrow('Logger x not found.')
  expect(Object.keys(worker.loggers())).toEqual(expect.arrayContaining(['root', 'worker', 'x.rest']))
  await expect(set('x', 'warning')).rejects.toMatchObject({
    status: 404,
    message: "invalid log level 'warning'.",
  })
  await expect(set('x', '')).rejects.toMatchObject({
    status: 500,
    message: 'Illegal null or empty Level name.',
  })
  expect(await worker.setLogger('x.cl', 'trace', 'cluster')).toBeNull()
  expect(worker.logger('x.cl').level).toBe('TRACE')
  expect(made.configs.log).toEqual([{ key: 'logger-cluster-x.cl', value: '{"level":"trace"}' }])
  expect(runner.levels.at(-1)).toEqual(['x.cl', 'trace'])
})

test('metrics: the tasks’ own, and connectors and tasks by state', async () => {
  await using made = await testWorker()
  await made.worker.create({ name: 'c"', config })
  await made.worker.settled()
  const text = await made.worker.metrics()
  expect(text.startsWith('# tasks\n# HELP')).toBe(true)
  expect(text).toContain('rowtap_worker_connectors{state="running"} 1\n')
  expect(text).toContain('rowtap_worker_tasks{state="failed"} 0\n')
  expect(text).toContain('rowtap_worker_connector_tasks{connector="c\\"",state="running"} 1\n')
})

test('JSON as Jackson writes it', () => {
  const text = '{"a":[1,9223372036854775807,1.0,1.5E10,null,true],"u":"\\uD83D\\uDE00ü\\u001F\\n"}'
  expect(jsonText(parseJson(text))).toBe(text)
  expect(parseJson('[1, 1.0]')).toEqual([1n, 1])
})

test('health: starting, then healthy for as long as the broker answers', async () => {
  let gone = false
  const topics = async () => {
    if (gone) throw new Error('gone')
    return []
  }
  await using made = await testWorker({ admin: { topics } })
  expect(await made.worker.health()).toEqual({ status: 'starting', message: 'Worker is still starting up.' })
  made.worker.start()
  expect(await made.worker.health()).toMatchObject({ status: 'healthy' })
  gone = true
  expect(await made.worker.health()).toMatchObject({ status: 'unhealthy' })
})
