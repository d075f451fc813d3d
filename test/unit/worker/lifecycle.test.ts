/** Connectors come, change, pause, stop, go, and come back. */
import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { recordingTable, type TestTable, testWorker } from '../../support/worker.ts'

const config = { 'connector.class': 'test.Source', count: '2', 'tasks.max': '2' }
const states = (table: TestTable) =>
  table.log.map(({ key, value }) => `${key} ${value === null ? null : JSON.parse(value).state}`)

test('a new connector: its answer has no tasks yet, then it and they run', async () => {
  await using made = await testWorker()
  const { worker } = made
  const info = await worker.create({ name: ' c ', config })
  expect(info).toEqual({ name: 'c', config: { ...config, name: 'c' }, tasks: [], type: 'source' })
  expect(Object.keys(info.config)).toEqual(['connector.class', 'count', 'tasks.max', 'name'])
  await worker.settled()
  expect(worker.status('c')).toEqual({
    name: 'c',
    connector: { state: 'RUNNING', worker_id: 'here:8083', version: '1.0' },
    tasks: [0, 1].map((id) => ({ id, state: 'RUNNING', worker_id: 'here:8083', version: '1.0' })),
    type: 'source',
  })
  expect(worker.tasks('c')[1]).toEqual({
    id: { connector: 'c', task: 1 },
    config: { ...config, name: 'c', 'task.class': 'test.SourceTask' },
  })
  expect(made.configs.log.map(({ key }) => key)).toEqual(['connector-c', 'task-c-0', 'task-c-1', 'commit-c'])
})

test('what is refused: a name that is taken, another name, an unknown connector', async () => {
  await using made = await testWorker()
  const { worker } = made
  await worker.create({ name: 'c', config })
  await expect(worker.create({ name: 'c', config })).rejects.toMatchObject({
    status: 409,
    message: 'Connector c already exists',
  })
  await expect(worker.put('c', { ...config, name: 'd' })).rejects.toMatchObject({
    status: 400,
    message: "Connector name configuration (d) doesn't match connector name in the URL (c)",
  })
  expect(() => worker.connector('x')).toThrow('Connector x not found')
  expect(() => worker.status('x')).toThrow('No status found for connector x')
  expect(() => worker.taskStatus('c', 7)).toThrow('No status found for task c-7')
  await expect(worker.delete('x')).rejects.toMatchObject({ status: 404, message: 'Connector x not found' })
  await expect(worker.pause('x')).rejects.toMatchObject({ status: 404, message: 'Unknown connector x' })
  await expect(worker.restart('x', { includeTasks: false, onlyFailed: false })).rejects.toThrow(
    'Unknown connector: x',
  )
  await worker.settled()
  await expect(worker.restartTask('c', 9)).rejects.toThrow('Unknown task: c-9')
})

test('of two creations at once one wins', async () => {
  await using made = await testWorker()
  const both = await Promise.allSettled([1, 2].map(() => made.worker.create({ name: 'c', config })))
  expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
})

test('the same configuration again restarts the connector and leaves its tasks alone', async () => {
  await using made = await testWorker()
  await made.worker.create({ name: 'c', config })
  await made.worker.settled()
  made.statuses.log.length = 0
  expect(await made.worker.put('c', config)).toMatchObject({ created: false })
  await made.worker.settled()
  expect(states(made.statuses)).toEqual(['status-connector-c UNASSIGNED', 'status-connector-c RUNNING'])
  expect(made.runner.started).toHaveLength(2)
})

test('fewer tasks: all are stopped first, those left start anew, the others are forgotten', async () => {
  await using made = await testWorker()
  await made.worker.create({ name: 'c', config })
  await made.worker.settled()
  await made.worker.patch('c', { count: '1', 'tasks.max': null })
  await made.worker.settled()
  expect(made.runner.running('c').map(({ spec }) => spec.task)).toEqual([0])
  expect(made.runner.started).toHaveLength(3)
  expect(made.worker.status('c').tasks).toHaveLength(1)
  expect(made.statuses.log).toContainEqual({ key: 'status-task-c-1', value: null })
})

test('pause, resume, stop', async () => {
  await using made = await testWorker()
  const { worker, runner, configs } = made
  await worker.create({ name: 'c', config })
  await worker.settled()
  await worker.pause('c')
  await worker.settled()
  expect([worker.status('c').connector.state, worker.taskStatus('c', 0).state]).toEqual(['PAUSED', 'PAUSED'])
  await worker.resume('c')
  await worker.settled()
  expect([worker.status('c').connector.state, worker.taskStatus('c', 1).state]).toEqual([
    'RUNNING',
    'RUNNING',
  ])
  expect(runner.started).toHaveLength(2)
  configs.log.length = 0
  await worker.stop('c')
  await worker.settled()
  expect(worker.status('c')).toMatchObject({ connector: { state: 'STOPPED' }, tasks: [] })
  expect(configs.log).toEqual([
    { key: 'commit-c', value: '{"tasks":0}' },
    { key: 'target-state-c', value: '{"state":"PAUSED","state.v2":"STOPPED"}' },
  ])
  await expect(worker.restartTask('c', 0)).rejects.toMatchObject({ status: 409 })
  await worker.resume('c')
  await worker.settled()
  expect(runner.running('c')).toHaveLength(2)
})

test('created PAUSED or STOPPED it has no tasks until it is resumed', async () => {
  await using made = await testWorker()
  for (const targetState of ['PAUSED', 'STOPPED'] as const) {
    await made.worker.create({ name: targetState, config, targetState })
    await made.worker.settled()
    expect(made.worker.status(targetState)).toMatchObject({ connector: { state: targetState }, tasks: [] })
    await made.worker.resume(targetState)
    await made.worker.settled()
    expect(made.worker.status(targetState).tasks).toHaveLength(2)
  }
})

test('delete: tombstones of connector and target state, of all states and topics', async () => {
  await using made = await testWorker()
  const { worker, runner, configs, statuses } = made
  await worker.create({ name: 'c', config })
  await worker.settled()
  runner.started[0]!.listener.topic('t')
  expect(worker.topics('c')).toEqual(['t'])
  configs.log.length = 0
  await worker.delete('c')
  await worker.settled()
  expect(configs.log).toEqual([
    { key: 'connector-c', value: null },
    { key: 'target-state-c', value: null },
  ])
  const last = new Map(statuses.log.map(({ key, value }) => [key, value]))
  expect([...last.values()]).toEqual([null, null, null, null])
  expect(() => worker.status('c')).toThrow('No status found')
  expect(worker.topics('c')).toEqual([])
  expect(runner.running('c')).toEqual([])
  await worker.create({ name: 'c', config })
  await worker.settled()
  expect(runner.running('c')).toHaveLength(2)
})

test('what a stopped task still says is not heard', async () => {
  await using made = await testWorker()
  await made.worker.create({ name: 'c', config })
  await made.worker.settled()
  await made.worker.stop('c')
  await made.worker.settled()
  made.runner.started[0]!.listener.state('FAILED', 'late')
  made.runner.started[0]!.listener.topic('late')
  expect(made.worker.status('c').tasks).toEqual([])
  expect(made.worker.topics('c')).toEqual([])
})

test('references: stored and shown as typed, resolved for the task', async () => {
  process.env['ROWTAP_TEST_SECRET'] = 'hidden'
  const properties = {
    'config.providers': 'env',
    'config.providers.env.class': 'EnvVarConfigProvider',
  }
  await using made = await testWorker({ properties })
  const password = '$' + '{env:ROWTAP_TEST_SECRET}'
  await made.worker.create({ name: 'c', config: { ...config, password } })
  await made.worker.settled()
  expect(made.worker.config('c')['password']).toBe(password)
  expect(made.worker.tasks('c')[0]?.config['password']).toBe(password)
  expect(made.runner.started[0]?.spec.taskConfig['password']).toBe('hidden')
  expect(made.runner.started[0]?.spec.connectorConfig['password']).toBe('hidden')
  expect(JSON.stringify(made.configs.log)).not.toContain('hidden')
})

test('a worker that begins again brings back what is stored, and its end leaves it UNASSIGNED', async () => {
  const tables = { 'connect-configs': recordingTable(), 'connect-status': recordingTable() }
  {
    await using first = await testWorker({ tables })
    await first.worker.create({ name: 'runs', config })
    await first.worker.create({ name: 'stopped', config, targetState: 'STOPPED' })
    await first.worker.settled()
  }
  expect(states(tables['connect-status']).slice(-4).sort()).toEqual([
    'status-connector-runs UNASSIGNED',
    'status-connector-stopped UNASSIGNED',
    'status-task-runs-0 UNASSIGNED',
    'status-task-runs-1 UNASSIGNED',
  ])
  const written = tables['connect-configs'].log.length
  await using second = await testWorker({ tables })
  expect(second.worker.connectors()).toEqual(['runs', 'stopped'])
  expect(second.worker.status('runs').connector.state).toBe('UNASSIGNED')
  second.worker.start()
  while (second.runner.running('runs').length < 2) await turn()
  await second.worker.settled()
  expect(second.worker.status('runs').connector.state).toBe('RUNNING')
  expect(second.worker.status('stopped')).toMatchObject({ connector: { state: 'STOPPED' }, tasks: [] })
  expect(tables['connect-configs'].log).toHaveLength(written)
  expect(second.runner.started).toHaveLength(2)
})

test('a standalone worker answers when the connector has followed, and stores no configuration', async () => {
  await using made = await testWorker({ mode: 'standalone' })
  const info = await made.worker.create({ name: 'c', config })
  expect(info.tasks).toHaveLength(2)
  expect(made.worker.taskStatus('c', 1).state).toBe('RUNNING')
  await expect(made.worker.restartTask('c', 9)).rejects.toMatchObject({
    status: 404,
    message: 'Task c-9 not found',
  })
  await made.worker.delete('c')
  expect(() => made.worker.status('c')).toThrow('No status found')
  await expect(made.worker.stop('c')).rejects.toThrow('No connector `c` configured')
  expect(made.configs.log).toEqual([])
})

test('active topics: told once, reset, told again', async () => {
  await using made = await testWorker()
  const { worker, runner, statuses } = made
  await worker.create({ name: 'c', config })
  await worker.settled()
  runner.started[0]!.listener.topic('t')
  runner.started[1]!.listener.topic('t')
  await worker.resetTopics('c')
  expect(worker.topics('c')).toEqual([])
  expect(runner.started[0]!.calls).toContain('forgetTopics')
  const records = statuses.log.filter(({ key }) => key === 'status-topic-t:connector-c')
  expect(records).toHaveLength(2)
  expect(JSON.parse(records[0]?.value ?? '')).toEqual({
    topic: { name: 't', connector: 'c', task: 0, discoverTimestamp: expect.any(Number) },
  })
  expect(records[1]?.value).toBeNull()
})

test('while it ends a worker refuses', async () => {
  const made = await testWorker()
  await made.worker.create({ name: 'c', config })
  await made[Symbol.asyncDispose]()
  await expect(made.worker.create({ name: 'd', config })).rejects.toThrow('Worker is shutting down')
})
