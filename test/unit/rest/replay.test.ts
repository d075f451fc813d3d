import type { InjectOptions } from 'fastify'
import { afterAll, expect, test } from 'vitest'
import { createRegistry } from '#plugin'
import { createServer } from '#rest'
import { replayStatus, scriptedHerder } from './scripted-herder.ts'

const herder = scriptedHerder()
const app = createServer({ herder, registry: createRegistry([]) })
afterAll(() => app.close())

async function ask(method: string, body?: unknown, name = 'c') {
  herder.calls.length = 0
  const options: InjectOptions = { method: method as 'GET', url: `/connectors/${name}/replay` }
  if (body !== undefined) {
    options.payload = JSON.stringify(body)
    options.headers = { 'content-type': 'application/json' }
  }
  const { statusCode, payload } = await app.inject(options)
  return { status: statusCode, json: JSON.parse(payload) as unknown }
}

test('a replay is started with what was asked for, and accepted', async () => {
  expect(await ask('POST', { from: 'log.000003:154' })).toEqual({ status: 202, json: replayStatus })
  expect(herder.calls).toEqual([
    {
      verb: 'replay',
      args: ['c', { from: 'log.000003:154', to: null, tables: [], topicSuffix: '', dryRun: false }],
    },
  ])
  const all = { from: '', to: '2026-01-02T03:04:05Z', tables: ['a\\.b', 'c.*'], topic_suffix: '.x' }
  expect((await ask('POST', { ...all, dry_run: true })).status).toBe(200)
  expect(herder.calls[0]?.args[1]).toEqual({
    from: '',
    to: all.to,
    tables: all.tables,
    topicSuffix: '.x',
    dryRun: true,
  })
  await ask('POST', { from: 'x', tables: 'a\\.b, c.*' })
  expect(herder.calls[0]?.args[1]).toMatchObject({ tables: all.tables })
})

test('what is wrong with a request is said by field', async () => {
  const wrong: [unknown, string][] = [
    [{}, "The field 'from' is missing"],
    [{ from: 'x', until: 'y' }, "Unrecognized field 'until' in the request"],
    [{ from: 'x', topic_suffix: '/' }, "The field 'topic_suffix' may have letters"],
    [{ from: 'x', tables: [''] }, "The field 'tables' must be an array"],
    [{ from: 'x', tables: { a: 1 } }, "The field 'tables' must be an array"],
    [{ from: 'x', dry_run: 'yes' }, "The field 'dry_run' must be true or false."],
  ]
  for (const [body, message] of wrong)
    expect(await ask('POST', body)).toEqual({
      status: 400,
      json: { error_code: 400, message: expect.stringContaining(message) },
    })
  expect(herder.calls).toEqual([])
})

test('it is looked at and stopped', async () => {
  expect(await ask('GET')).toEqual({ status: 200, json: replayStatus })
  expect(await ask('DELETE')).toMatchObject({ status: 200, json: { state: 'STOPPED' } })
  expect((await ask('GET', undefined, 'x')).status).toBe(404)
})
