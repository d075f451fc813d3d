import type { InjectOptions } from 'fastify'
import { afterAll, expect, test } from 'vitest'
import { createRegistry } from '#plugin'
import { createServer } from '#rest'
import { scriptedHerder, info, status } from './scripted-herder.ts'

const herder = scriptedHerder()
const registry = createRegistry([])
const app = createServer({ herder, registry })
afterAll(() => app.close())

async function ask(method: string, url: string, body?: unknown, headers: Record<string, string> = {}) {
  herder.calls.length = 0
  const options: InjectOptions = { method: method as 'GET', url, headers: { host: 'h:1', ...headers } }
  if (body !== undefined) {
    options.payload = Buffer.isBuffer(body) || typeof body === 'string' ? body : JSON.stringify(body)
    options.headers = { 'content-type': 'application/json', ...options.headers }
  }
  const { statusCode, headers: answered, payload } = await app.inject(options)
  return { status: statusCode, type: answered['content-type'], headers: answered, payload }
}

const errorOf = (status: number, message: string) => JSON.stringify({ error_code: status, message })

test('reads: JSON in Connect order, with and without a slash at the end', async () => {
  for (const url of ['/connectors/c', '/connectors/c/', '/connectors/c;x=1?y=2'])
    expect(await ask('GET', url)).toMatchObject({
      status: 200,
      type: 'application/json',
      payload: JSON.stringify(info),
    })
  expect((await ask('GET', '/connectors/c/status')).payload).toBe(JSON.stringify(status))
  expect((await ask('GET', '/connectors/c/tasks/0/status')).status).toBe(200)
  expect((await ask('GET', '/connectors/c/topics')).payload).toBe('{"c":{"topics":["t"]}}')
  expect((await ask('GET', '/')).payload).toContain('"version":"4.3.0"')
})

test('the health answer carries its status', async () => {
  expect(await ask('GET', '/health')).toMatchObject({
    status: 503,
    payload: '{"status":"starting","message":"Worker is still starting up."}',
  })
})

test('metrics are Prometheus text', async () => {
  expect(await ask('GET', '/metrics')).toMatchObject({
    status: 200,
    type: 'text/plain; version=0.0.4; charset=utf-8',
    payload: 'rowtap_up 1\n',
  })
})

test('expand keeps the order asked for and passes over what it does not know', async () => {
  expect((await ask('GET', '/connectors')).payload).toBe('["c"]')
  expect((await ask('GET', '/connectors?expand=foo')).payload).toBe('{"c":{}}')
  const both = JSON.parse((await ask('GET', '/connectors?expand=status&expand=x&expand=info')).payload)
  expect(Object.keys(both.c)).toEqual(['status', 'info'])
})

test('a refusal of the herder is Connect’s error body', async () => {
  expect(await ask('GET', '/connectors/nope')).toMatchObject({
    status: 404,
    type: 'application/json',
    payload: errorOf(404, 'Connector nope not found'),
  })
})

test('what the framework refuses has no content type', async () => {
  expect(await ask('GET', '/nope')).toMatchObject({
    status: 404,
    payload: errorOf(404, 'HTTP 404 Not Found'),
  })
  expect((await ask('GET', '/nope')).type).toBeUndefined()
  const wrongVerb = await ask('POST', '/connectors/c/status')
  expect(wrongVerb).toMatchObject({ status: 405, payload: errorOf(405, 'HTTP 405 Method Not Allowed') })
  expect(wrongVerb.type).toBeUndefined()
  expect(await ask('GET', '/connectors', undefined, { accept: 'text/html' })).toMatchObject({
    status: 406,
    payload: errorOf(406, 'HTTP 406 Not Acceptable'),
  })
  const type = { 'content-type': 'text/plain' }
  expect(await ask('PUT', '/connectors/c/pause', 'x', type)).toMatchObject({ status: 415 })
  expect(await ask('POST', '/connectors', '{}', { 'content-type': '*/*' })).toMatchObject({
    status: 415,
    type: 'application/json',
  })
})

test('the charset asked for comes back', async () => {
  const { type } = await ask('GET', '/connectors', undefined, {
    accept: 'text/xml, application/json; charset=utf-8',
  })
  expect(type).toBe('application/json;charset=utf-8')
})

test('OPTIONS lists the methods; HEAD is a GET without its body', async () => {
  expect(await ask('OPTIONS', '/connectors/c/config')).toMatchObject({
    status: 200,
    type: 'text/plain',
    payload: 'HEAD, GET, OPTIONS, PUT, PATCH',
    headers: { allow: 'HEAD,GET,OPTIONS,PUT,PATCH' },
  })
  expect((await ask('OPTIONS', '/connectors', undefined, { accept: 'application/json' })).payload).toBe('')
  expect(await ask('HEAD', '/connectors/c')).toMatchObject({ status: 200, payload: '' })
})

test('paths that two servers would read differently are refused', async () => {
  for (const url of [
    '/connectors//',
    '/connectors/a%2Fb',
    '/connectors/a%5Cb',
    '/connectors/a%25',
    '/connectors/%zz',
  ])
    expect(await ask('GET', url), url).toMatchObject({ status: 400, type: 'application/json' })
  for (const url of ['/connectors/a|b', '/connectors/%0A', '/connectors/%FF'])
    expect((await ask('GET', url)).status, url).toBe(400)
  expect(await ask('DELETE', '/connectors/a%2Fb')).toMatchObject({ status: 400, payload: '' })
})

test('names are decoded', async () => {
  for (const [url, name] of [
    ['/connectors/a%20b', 'a b'],
    ['/connectors/a+b', 'a+b'],
    ['/connectors/%C3%BC', 'ü'],
    ['/connectors/a%3Bb', 'a;b'],
    [`/connectors/${'a'.repeat(5000)}`, 'a'.repeat(5000)],
  ] as const)
    expect((await ask('GET', url)).payload, url).toBe(errorOf(404, `Connector ${name} not found`))
})

test('POST hands on name, configuration and state, with numbers as they were written', async () => {
  const raw =
    '{"name":" x ","config":{"a":1.50,"b":1E+2,"c":-0,"d":12345678901234567890,"e":true,"f":null},"initial_state":"paused"}'
  const answer = await ask('POST', '/connectors', raw)
  expect(answer).toMatchObject({ status: 201, headers: { location: 'http://h:1/connectors/x' } })
  expect(herder.calls).toEqual([
    {
      verb: 'create',
      args: [
        {
          name: 'x',
          config: { a: '1.50', b: '1E+2', c: '-0', d: '12345678901234567890', e: 'true', f: null },
          targetState: 'PAUSED',
        },
      ],
    },
  ])
})

test('Location encodes only what a path may not hold', async () => {
  const { headers } = await ask('POST', '/connectors', { name: 'a b;c=d,@!$&()*~/\\%ü', config: {} })
  expect(headers.location).toBe('http://h:1/connectors/a%20b;c=d,@!$&()*~/%5C%25%C3%BC')
})

test('bodies are refused with what is wrong, never with what was in them', async () => {
  const cases: [string | Buffer, RegExp][] = [
    ['', /request body is missing/],
    ['null', /request body is missing/],
    ['{"name":"x"}', /field 'config' is missing/],
    ['{"name":', /cannot be read from line 1, column 9 on/],
    ['{"config":{"password":"geheim" x}}', /cannot be read from line 1, column 32 on/],
    ['{"name":"x","config":{}} {}', /not valid JSON/],
    ['[]', /must be a JSON object/],
    ['5', /must be a JSON object/],
    ['{"name":"x","config":{},"more":1}', /Unrecognized field 'more'/],
    ['{"name":"x","config":{"a":{}}}', /The value of 'a' must be a string, not an object/],
    ['{"name":["x"],"config":{}}', /'name' must be a string, not an array/],
    ['{"name":"x","config":{},"initial_state":"FOO"}', /RUNNING, PAUSED or STOPPED/],
    [Buffer.from([0x7b, 0x22, 0xff, 0xfe]), /not valid UTF-8/],
  ]
  for (const [body, message] of cases) {
    const answer = await ask('POST', '/connectors', body)
    expect(answer, String(body)).toMatchObject({ status: 400, type: 'application/json' })
    expect(JSON.parse(answer.payload).message).toMatch(message)
    expect(answer.payload).not.toContain('geheim')
  }
  expect(herder.calls).toEqual([])
})

test('a body may be UTF-16 or begin with a byte order mark', async () => {
  const text = '{"name":"x","config":{}}'
  for (const body of [Buffer.from(text, 'utf16le'), Buffer.from(`\ufeff${text}`)])
    expect((await ask('POST', '/connectors', body)).status).toBe(201)
})

test('PUT creates or changes; PATCH of an unknown connector is 404 before its body is read', async () => {
  expect((await ask('PUT', '/connectors/c/config', { a: 'b' })).status).toBe(200)
  expect(await ask('PUT', '/connectors/new/config', { a: 'b' })).toMatchObject({
    status: 201,
    headers: { location: 'http://h:1/connectors/new' },
  })
  expect((await ask('PATCH', '/connectors/nope/config', '')).status).toBe(404)
  expect((await ask('PATCH', '/connectors/c/config', '')).status).toBe(400)
  expect((await ask('PATCH', '/connectors/c/config', { a: null })).status).toBe(200)
  expect(herder.calls).toEqual([{ verb: 'patch', args: ['c', { a: null }] }])
})

test('the verbs of a connector answer as Connect answers', async () => {
  for (const [method, path, code] of [
    ['PUT', 'pause', 202],
    ['PUT', 'resume', 202],
    ['PUT', 'stop', 204],
    ['PUT', 'topics/reset', 202],
    ['POST', 'restart', 204],
    ['POST', 'restart?includeTasks=foo', 204],
    ['POST', 'restart?includeTasks=TRUE', 202],
    ['POST', 'tasks/0/restart', 204],
  ] as const)
    expect(await ask(method, `/connectors/c/${path}`), path).toMatchObject({ status: code })
  const removed = await ask('DELETE', '/connectors/c')
  expect(removed).toMatchObject({ status: 204, payload: '' })
  expect(removed.type).toBeUndefined()
})

test('a task that is no number is not there', async () => {
  for (const task of ['abc', '99999999999'])
    expect(await ask('GET', `/connectors/c/tasks/${task}/status`)).toMatchObject({
      status: 404,
      type: 'application/json',
      payload: errorOf(404, 'HTTP 404 Not Found'),
    })
})

test('offsets keep their exact numbers in both directions', async () => {
  expect((await ask('GET', '/connectors/c/offsets')).payload).toBe(
    '{"offsets":[{"partition":{"p":1.5},"offset":{"d":100.0,"n":9007199254740993}}]}',
  )
  await ask(
    'PATCH',
    '/connectors/c/offsets',
    '{"offsets":[{"partition":{"p":"x"},"offset":{"n":9223372036854775807}},{}]}',
  )
  expect(herder.calls[0]?.args[1]).toEqual([
    { partition: { p: 'x' }, offset: { n: 9223372036854775807n } },
    { partition: null, offset: null },
  ])
  expect((await ask('PATCH', '/connectors/c/offsets', '{}')).payload).toBe('{"message":"altered"}')
  expect(herder.calls[0]?.args[1]).toBeNull()
  for (const body of ['null', '[]', '{"offsets":{}}', '{"offsets":[1]}', '{"offsets":[{"x":1}]}', '{"x":1}'])
    expect((await ask('PATCH', '/connectors/c/offsets', body)).status, body).toBe(400)
})

test('log levels: worker by default, cluster without an answer', async () => {
  expect((await ask('PUT', '/admin/loggers/a%20b?scope=foo', { level: 'x' })).payload).toBe('["a b"]')
  expect((await ask('PUT', '/admin/loggers/a?scope=CLUSTER', { level: 5 })).status).toBe(204)
  expect(herder.calls).toEqual([{ verb: 'setLogger', args: ['a', '5', 'cluster'] }])
  expect(await ask('PUT', '/admin/loggers/a', {})).toMatchObject({
    status: 400,
    payload: errorOf(400, "Desired 'level' parameter was not specified in request."),
  })
})

test('admin.listeners= takes the loggers away', async () => {
  const closed = createServer({ herder: scriptedHerder({ 'admin.listeners': '' }), registry })
  expect((await closed.inject('/admin/loggers')).statusCode).toBe(404)
  await closed.close()
})

test('validation is asked only for the plugin in the path', async () => {
  const url = '/connector-plugins/FileStreamSource/config/validate'
  expect((await ask('PUT', url, { 'connector.class': 'x.FileStreamSourceConnector' })).status).toBe(200)
  expect(await ask('PUT', url, { 'connector.class': 'Other' })).toMatchObject({
    status: 400,
    payload: errorOf(400, 'Included connector type Other does not match request type FileStreamSource'),
  })
})

test('any name of a plugin will do in the path and in the configuration', async () => {
  const entry = {
    kind: 'source',
    javaClass: 'org.apache.kafka.connect.file.FileStreamSourceConnector',
    aliases: ['file-source'],
    version: '1',
    load: () => Promise.reject(new Error('not needed')),
  } as const
  const named = createServer({ herder, registry: createRegistry([entry]) })
  const validated = (path: string, name: string) =>
    named.inject({
      method: 'PUT',
      url: `/connector-plugins/${path}/config/validate`,
      payload: { 'connector.class': name },
    })
  expect((await validated('FileStreamSource', 'file-source')).statusCode).toBe(200)
  expect((await validated('file-source', entry.javaClass)).statusCode).toBe(200)
  expect((await validated('file-source', 'Other')).statusCode).toBe(400)
  await named.close()
})

test('workers’ own requests need a signature that nobody has here', async () => {
  const signed = (algorithm: string, signature = 'AAAA') => ({
    'x-connect-authorization': signature,
    'x-connect-request-signature-algorithm': algorithm,
  })
  expect((await ask('POST', '/connectors/c/tasks', [])).payload).toContain('missing required signature')
  expect(await ask('PUT', '/connectors/c/fence', undefined, signed('HmacSHA256'))).toMatchObject({
    status: 403,
  })
  expect((await ask('PUT', '/connectors/c/fence', undefined, signed('HmacSHA256', '!'))).payload).toContain(
    'Illegal base64 character 21',
  )
  expect((await ask('PUT', '/connectors/c/fence', undefined, signed('HmacFoo'))).payload).toContain(
    'Algorithm HmacFoo not available',
  )
  const alone = createServer({ herder: { ...scriptedHerder(), mode: 'standalone' }, registry })
  for (const [method, url] of [
    ['POST', '/connectors/c/tasks'],
    ['PUT', '/connectors/c/fence'],
  ] as const) {
    const { statusCode, payload } = await alone.inject({ method, url })
    expect(statusCode).toBe(500)
    expect(payload).toContain('in standalone mode does not support')
  }
  await alone.close()
})

test('text beyond the BMP is escaped as Jackson does', async () => {
  expect((await ask('GET', '/connectors/%F0%9F%98%80')).payload).toBe(
    '{"error_code":404,"message":"Connector \\uD83D\\uDE00 not found"}',
  )
})
