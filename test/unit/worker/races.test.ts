/** Verbs that cross each other: what is left in the end is what was stored last, and nothing runs twice. */
import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { testWorker, type TestWorker } from '../../support/worker.ts'

const config = { 'connector.class': 'test.Source', count: '2', 'tasks.max': '4' }

test.each(['stop', 'delete'] as const)(
  'a flagged restart that crosses a %s leaves no ghost',
  async (verb) => {
    await using made = await testWorker()
    const { worker } = made
    await worker.create({ name: 'c', config })
    await worker.settled()
    const flags = { includeTasks: true, onlyFailed: false }
    await Promise.all([
      worker.restart('c', flags),
      worker[verb]('c'),
      worker.restart('c', flags).catch(() => null),
    ])
    await worker.settled()
    await turn()
    await worker.settled()
    if (verb === 'stop')
      expect(worker.status('c')).toMatchObject({ connector: { state: 'STOPPED' }, tasks: [] })
    else expect(() => worker.status('c')).toThrow('No status found for connector c')
    expect(made.runner.running('c')).toEqual([])
  },
)

/** A small generator of numbers, the same for the same seed. */
function dice(seed: number): (sides: number) => number {
  let state = seed
  return (sides) => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0
    return (state >>> 8) % sides
  }
}

test.each(Array.from({ length: 40 }, (_, seed) => seed))('a storm of verbs, seed %i', async (seed) => {
  await using made = await testWorker()
  const { worker, runner } = made
  const roll = dice(seed)
  const twice: string[] = []
  const start = runner.start.bind(runner)
  runner.start = (spec, listener) => {
    const other = runner.running(spec.connector).find((each) => each.spec.task === spec.task)
    if (other !== undefined) twice.push(`${spec.connector}-${spec.task}`)
    return start(spec, listener)
  }
  const asked: Promise<unknown>[] = []
  for (let step = 0; step < 60; step++) {
    const name = ['a', 'b'][roll(2)] as string
    asked.push(verbs[roll(verbs.length)]?.(made, name, roll).catch(() => {}) ?? Promise.resolve())
    if (roll(4) === 0) runner.stopping = slowly()
    if (roll(3) === 0) await turn()
  }
  await Promise.all(asked)
  await worker.settled()
  expect(twice).toEqual([])
  for (const name of ['a', 'b']) mustAgree(made, name)
})

async function slowly(): Promise<void> {
  for (let turns = 0; turns < 5; turns++) await turn()
}

type Verb = (made: TestWorker, name: string, roll: (sides: number) => number) => Promise<unknown>

const verbs: readonly Verb[] = [
  ({ worker }, name, roll) => worker.put(name, { ...config, count: String(1 + roll(4)) }),
  ({ worker }, name, roll) => worker.put(name, { ...config, count: String(1 + roll(4)) }),
  ({ worker }, name) => worker.delete(name),
  ({ worker }, name) => worker.pause(name),
  ({ worker }, name) => worker.resume(name),
  ({ worker }, name) => worker.stop(name),
  ({ worker }, name, roll) =>
    worker.restart(name, { includeTasks: roll(2) === 0, onlyFailed: roll(2) === 0 }),
  ({ worker }, name, roll) => worker.restartTask(name, roll(4)),
  async ({ runner }, name) => runner.running(name)[0]?.listener.state('FAILED', 'java.lang.X: y'),
]

/** What is shown, what is stored and what runs are one. */
function mustAgree({ worker, runner }: TestWorker, name: string): void {
  const running = runner.running(name)
  if (!worker.connectors().includes(name)) {
    expect(running).toEqual([])
    expect(() => worker.status(name)).toThrow('No status found')
    return
  }
  const { connector, tasks } = worker.status(name)
  const numbers = worker.connector(name).tasks.map(({ task }) => task)
  expect(tasks.map(({ id }) => id)).toEqual(numbers)
  expect(running.map(({ spec }) => spec.task).sort()).toEqual(numbers)
  for (const { state } of tasks) expect([connector.state, 'FAILED']).toContain(state)
}
