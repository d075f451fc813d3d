/** What fails, what is started again, and what is not. */
import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { RetriableError } from '#errors'
import type { ConnectorContext } from '#plugin'
import { type TestTable, testSource, testWorker } from '../../support/worker.ts'

const config = { 'connector.class': 'test.Source', count: '2', 'tasks.max': '2' }
const states = (table: TestTable) =>
  table.log.map(({ key, value }) => `${key} ${value === null ? null : JSON.parse(value).state}`)

test('a task that has FAILED keeps its trace, stays so, and is started again on demand', async () => {
  await using made = await testWorker()
  const { worker, runner } = made
  await worker.create({ name: 'c', config })
  await worker.settled()
  runner.started[0]!.listener.state('FAILED', 'java.lang.X: y')
  expect(worker.taskStatus('c', 0)).toMatchObject({ state: 'FAILED', trace: 'java.lang.X: y' })
  const unfailed = await worker.restart('c', { includeTasks: false, onlyFailed: true })
  expect(unfailed).toMatchObject({
    connector: { state: 'RUNNING' },
    tasks: [{ state: 'FAILED' }, { state: 'RUNNING' }],
  })
  const plan = await worker.restart('c', { includeTasks: true, onlyFailed: true })
  expect(plan).toMatchObject({
    connector: { state: 'RUNNING' },
    tasks: [{ state: 'RESTARTING', trace: 'java.lang.X: y' }, { state: 'RUNNING' }],
  })
  await worker.settled()
  expect(worker.taskStatus('c', 0).state).toBe('RUNNING')
  expect(runner.started.map(({ spec }) => spec.task)).toEqual([0, 1, 0])
  runner.started[2]!.listener.state('FAILED', 'again')
  await worker.restartTask('c', 0)
  expect(worker.taskStatus('c', 0).state).toBe('RUNNING')
  expect(made.configs.log).toContainEqual({
    key: 'restart-connector-c',
    value: '{"include-tasks":true,"only-failed":true}',
  })
})

test('restart of everything: RESTARTING in the answer, each task once', async () => {
  await using made = await testWorker()
  const { worker, runner, statuses } = made
  await worker.create({ name: 'c', config })
  await worker.settled()
  statuses.log.length = 0
  const plan = await worker.restart('c', { includeTasks: true, onlyFailed: false })
  expect([plan?.connector.state, ...(plan?.tasks.map(({ state }) => state) ?? [])]).toEqual(
    Array(3).fill('RESTARTING'),
  )
  await worker.settled()
  expect(runner.running('c')).toHaveLength(2)
  expect(runner.started).toHaveLength(4)
  expect(states(statuses).filter((each) => each.includes('task-c-0'))).toEqual([
    'status-task-c-0 UNASSIGNED',
    'status-task-c-0 RESTARTING',
    'status-task-c-0 RUNNING',
  ])
})

test('more tasks than tasks.max: connector and tasks FAILED, unless not enforced', async () => {
  await using made = await testWorker()
  const { worker } = made
  await worker.create({ name: 'c', config })
  await worker.settled()
  await worker.put('c', { ...config, count: '3' })
  await worker.settled()
  expect(worker.status('c').connector.trace).toContain(
    'The connector c has generated 3 tasks, which is greater than 2, the maximum number of tasks it is configured to create.',
  )
  expect(worker.status('c').tasks.map(({ state }) => state)).toEqual(['FAILED', 'FAILED'])
  await worker.put('c', { ...config, count: '3', 'tasks.max.enforce': 'false' })
  await worker.settled()
  expect(made.runner.running('c')).toHaveLength(3)
})

test('a connector that fails to start says so, and a plain restart of it answers 500', async () => {
  let broken = true
  const source = testSource({
    taskConfigs: (given) => {
      if (broken) throw new Error('no such host')
      return [given]
    },
  })
  await using made = await testWorker({ source })
  const { worker } = made
  await worker.create({ name: 'c', config })
  await worker.settled()
  expect(worker.status('c').connector).toMatchObject({
    state: 'FAILED',
    trace: expect.stringContaining('no such host'),
  })
  await worker.pause('c')
  await worker.settled()
  expect(worker.status('c').connector.state).toBe('FAILED')
  await worker.resume('c')
  await expect(worker.restart('c', { includeTasks: false, onlyFailed: false })).rejects.toMatchObject({
    status: 500,
    message: 'Failed to start connector: c',
  })
  broken = false
  await worker.restart('c', { includeTasks: false, onlyFailed: false })
  expect(worker.status('c')).toMatchObject({ connector: { state: 'RUNNING' }, tasks: [{ state: 'RUNNING' }] })
})

test('a passing fault of taskConfigs is tried again', async () => {
  let calls = 0
  const done = Promise.withResolvers<void>()
  const source = testSource({
    taskConfigs: (given) => {
      if (++calls === 1) throw new RetriableError('not now')
      done.resolve()
      return [given]
    },
  })
  await using made = await testWorker({ source })
  await made.worker.create({ name: 'c', config })
  await done.promise
  await made.worker.settled()
  expect(made.runner.running('c')).toHaveLength(1)
})

test('a connector that hangs in taskConfigs can be deleted, and holds up no other', async () => {
  const source = testSource({
    taskConfigs: (given) => (given['count'] === 'hang' ? new Promise<never>(() => {}) : [given]),
  })
  await using made = await testWorker({ source })
  await made.worker.create({ name: 'stuck', config: { ...config, count: 'hang' } })
  await made.worker.create({ name: 'c', config })
  while (made.runner.running('c').length === 0) await turn()
  await made.worker.delete('stuck')
  await made.worker.settled()
  expect(made.worker.connectors()).toEqual(['c'])
  expect(() => made.worker.status('stuck')).toThrow('No status found')
})

test('monitor runs while the connector is STARTED, asks for new tasks, and its throw fails the connector', async () => {
  const contexts: ConnectorContext[] = []
  const ends: ((error: Error) => void)[] = []
  let tables = 1
  const source = testSource({
    taskConfigs: (given) => [{ ...given, tables: String(tables) }],
    monitor: (_config, context) => {
      contexts.push(context)
      return new Promise((resolve, reject) => {
        ends.push(reject)
        context.signal.addEventListener('abort', () => resolve())
      })
    },
  })
  await using made = await testWorker({ source })
  const { worker } = made
  await worker.create({ name: 'c', config })
  await worker.settled()
  tables = 2
  contexts[0]!.reconfigure()
  contexts[0]!.reconfigure()
  await worker.settled()
  expect(made.runner.running('c').map(({ spec }) => spec.taskConfig['tables'])).toEqual(['2'])
  await worker.pause('c')
  await worker.settled()
  expect(contexts[0]!.signal.aborted).toBe(true)
  await worker.resume('c')
  await worker.settled()
  expect(contexts).toHaveLength(2)
  ends[1]!(new Error('connection lost'))
  await turn()
  expect(worker.status('c').connector).toMatchObject({ state: 'FAILED' })
  expect(worker.taskStatus('c', 0).state).toBe('RUNNING')
})
