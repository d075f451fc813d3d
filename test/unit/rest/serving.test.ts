import { createConnection } from 'node:net'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import { afterAll, expect, test } from 'vitest'
import { createRegistry } from '#plugin'
import { createServer, startServer } from '#rest'
import type { TopicView } from '#worker'
import { scriptedHerder } from './scripted-herder.ts'

const herder = scriptedHerder()
const registry = createRegistry([])
/** A server without any settings. */
const plain = createServer({ herder, registry })
afterAll(() => plain.close())

test('other origins are let in only where the worker says so', async () => {
  const open = createServer({
    herder: scriptedHerder({ 'access.control.allow.origin': 'http://a,http://b' }),
    registry,
  })
  const asked = await open.inject({ url: '/connectors', headers: { origin: 'http://b' } })
  expect(asked.headers['access-control-allow-origin']).toBe('http://b')
  const refused = await open.inject({ url: '/connectors', headers: { origin: 'http://c' } })
  expect(refused.headers['access-control-allow-origin']).toBeUndefined()
  await open.close()
  const closed = await plain.inject({ url: '/connectors', headers: { origin: 'http://b' } })
  expect(closed.headers).not.toHaveProperty('access-control-allow-origin')
})

test('response.http.headers.config puts headers on every answer, and is refused by name', async () => {
  const rules = 'set X-Frame-Options: DENY, "add Cache-Control: no-cache, no-store"'
  const dressed = createServer({
    herder: scriptedHerder({ 'response.http.headers.config': rules }),
    registry,
  })
  const { headers } = await dressed.inject('/nope')
  expect(headers).toMatchObject({ 'x-frame-options': 'DENY', 'cache-control': 'no-cache, no-store' })
  await dressed.close()
  expect(() =>
    createServer({ herder: scriptedHerder({ 'response.http.headers.config': 'put X: y' }), registry }),
  ).toThrow(/rule that cannot be read: put X: y/)
})

test('the broker’s topics are shown where REST is given them; records are a line each', async () => {
  const topics: TopicView = {
    topics: async () => ['b', 'a'],
    topic: async (topic) => ({ topic, partitions: [{ partition: 0, first: 0n, next: 2n }], config: {} }),
    async *records() {
      yield '{"value":1}'
      yield '{"value":2}'
    },
  }
  const showing = createServer({ herder, registry, topics })
  expect((await showing.inject('/topics')).payload).toBe('["a","b"]')
  expect((await showing.inject('/topics/a')).payload).toContain('"next":2')
  const records = await showing.inject('/topics/a/records?follow=false')
  expect(records.headers['content-type']).toBe('application/x-ndjson')
  expect(records.payload).toBe('{"value":1}\n{"value":2}\n')
  expect((await showing.inject('/topics/a/records?from=x')).statusCode).toBe(400)
  await showing.close()
  expect((await plain.inject('/topics')).statusCode).toBe(404)
})

test('what the server cannot do is refused by name', async () => {
  for (const [properties, message] of [
    [{ listeners: 'https://127.0.0.1:1' }, /'listeners' must name one listener, with the protocol http/],
    [{ listeners: 'http://127.0.0.1:1,http://127.0.0.1:2' }, /must name one listener/],
    [{ 'rest.extension.classes': 'x.BasicAuth' }, /rest.extension.classes is set to x.BasicAuth/],
    [{ 'admin.listeners': 'http://127.0.0.1:9' }, /admin.listeners is set to http:/],
  ] as const)
    await expect(startServer({ herder: scriptedHerder(properties), registry })).rejects.toThrow(message)
})

test('it listens where the worker’s properties say', async () => {
  const herder = scriptedHerder({ listeners: 'http://127.0.0.1:0' })
  const started = await startServer({ herder, registry })
  expect((started.server.address() as AddressInfo).port).toBeGreaterThan(0)
  await started.close()
})

test('what is not HTTP is answered on the socket', async () => {
  const wired = createServer({ herder: scriptedHerder(), registry })
  await wired.listen({ port: 0, host: '127.0.0.1' })
  const { port } = wired.server.address() as AddressInfo
  const send = async (text: string) => {
    const socket = createConnection(port, '127.0.0.1')
    let received = ''
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      received += chunk
    })
    socket.write(text)
    await once(socket, 'close')
    return received
  }
  const method = await send('FOO /connectors HTTP/1.1\r\nHost: h\r\n\r\n')
  expect(method).toMatch(/^HTTP\/1.1 405 /)
  expect(method).not.toMatch(/content-type/i)
  expect(await send(`GET / HTTP/1.1\r\nHost: h\r\nX-Big: ${'a'.repeat(9000)}\r\n\r\n`)).toMatch(
    /^HTTP\/1.1 431 /,
  )
  await wired.close()
})
