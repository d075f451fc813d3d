import { expect, test, vi } from 'vitest'
import { ConfigError, ConnectError, traceOf } from '#errors'
import type { ReplayPlan, SourcePlugin } from '#plugin'
import type { FakeTask } from '../../support/fake-runner.ts'
import { testSource, testWorker } from '../../support/worker.ts'

const nobody = () => Promise.reject(new Error('never called here'))
const replayable: SourcePlugin = testSource({ replay: { plan: nobody, open: nobody } })
const order = { from: 'a', to: null, tables: ['t'], topicSuffix: '.x', dryRun: false }
const plan: ReplayPlan = {
  ...{ from: 'a', to: 'z', bytes: 1000, events: 10, estimated: true, tables: ['t'], topics: ['p.t'] },
  ...{ start: {}, end: {}, notes: ['note'] },
}

async function made() {
  const worker = await testWorker({ source: replayable })
  await worker.worker.create({ name: 'c', config: { 'connector.class': 'test.Source' } })
  await worker.worker.settled()
  const started = worker.worker.replays.start('c', order)
  started.catch(() => {})
  await vi.waitFor(() => expect(worker.runner.running('c-replay')).toHaveLength(1))
  const [task] = worker.runner.running('c-replay') as [FakeTask]
  return { ...worker, started, task }
}

test('it runs as a task of its own name, beside those of the connector', async () => {
  const { worker, runner, started, task } = await made()
  expect(task.spec).toMatchObject({
    ...{ connector: 'c-replay', kind: 'source', paused: false },
    replay: { request: { from: 'a', to: null, tables: ['t'] }, topicSuffix: '.x', planOnly: false },
  })
  expect(worker.replays.status('c')).toMatchObject({ state: 'PLANNING', plan: null, worker_id: 'here:8083' })
  task.listener.replay?.({ is: 'planned', plan })
  expect(await started).toMatchObject({
    state: 'RUNNING',
    plan: { from: 'a', to: 'z', events_estimated: true, topics: ['p.t.x'], notes: ['note'] },
    progress: null,
  })
  expect(worker.status('c').tasks).toHaveLength(1)
  expect(runner.running('c')).toHaveLength(1)
})

test('progress is told with its rates, and the end', async () => {
  const { worker, task } = await made()
  task.listener.replay?.({ is: 'planned', plan })
  const progress = { position: 'm', bytes: 337, events: 3 }
  task.listener.replay?.({ is: 'progress', progress, records: 5 })
  expect(worker.replays.status('c').progress).toMatchObject({ ...progress, records: 5, percent: 33.7 })
  task.listener.topic('p.t.x')
  expect(worker.topics('c')).toEqual(['p.t.x'])
  task.listener.replay?.({ is: 'done', progress: { position: 'z', bytes: 1000, events: 10 }, records: 7 })
  expect(worker.replays.status('c')).toMatchObject({
    state: 'FINISHED',
    ended_at: expect.any(Number),
    progress: { position: 'z', percent: 100, records: 7 },
  })
  // What comes late changes nothing.
  task.listener.state('FAILED', 'java.lang.RuntimeException: late')
  expect(worker.replays.status('c')).toMatchObject({ state: 'FINISHED', error: null })
})

test.each([
  [new ConfigError('The log\nis purged.', { remedy: 'Begin later.' }), 400],
  [new ConnectError('The server is away.'), 500],
])('a plan that fails is refused with the error’s own message: %s', async (error, status) => {
  const { worker, started, task } = await made()
  task.listener.state('FAILED', traceOf(error))
  await expect(started).rejects.toMatchObject({ status, message: error.message })
  expect(worker.replays.status('c')).toMatchObject({ state: 'FAILED', error: error.message })
})

test('stopped while it is planned: whoever asked for it hears of it', async () => {
  const { worker, started, task } = await made()
  expect((await worker.replays.stop('c')).state).toBe('STOPPED')
  await expect(started).rejects.toMatchObject({
    status: 409,
    message: 'The replay of connector c was stopped.',
  })
  expect(task.calls).toEqual(['stop'])
  const again = worker.replays.start('c', order)
  again.catch(() => {})
  await vi.waitFor(() => expect(worker.replays.status('c').state).toBe('PLANNING'))
})

test('it ends with the connector, and with the worker', async () => {
  const first = await made()
  await first.worker.delete('c')
  expect(first.task.calls).toEqual(['stop'])
  expect(() => first.worker.replays.status('c')).toThrow('Connector c not found')
  const second = await made()
  await second[Symbol.asyncDispose]()
  expect(second.task.calls).toEqual(['stop'])
  await expect(second.worker.replays.start('c', order)).rejects.toThrow('Worker is shutting down')
})

test('a connector that was never replayed has no replay', async () => {
  const { worker } = await testWorker({ source: replayable })
  await worker.create({ name: 'd', config: { 'connector.class': 'test.Source' } })
  expect(() => worker.replays.status('d')).toThrow(
    'Connector d has not been replayed since this worker started.',
  )
  await expect(worker.replays.stop('d')).rejects.toMatchObject({ status: 404 })
})
