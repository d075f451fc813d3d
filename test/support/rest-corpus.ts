/**
 * Plays recorded exchanges of a real Kafka Connect against a worker and compares the answers: status, the headers that
 * clients read, and the body, key order and number text included. Files are in `test/golden/rest`, a JSON object a
 * line: requests with their recorded responses, and steps between them (wait for a state, write a file).
 *
 * Not compared: what a line names as volatile, the texts of documentation, and plugin versions. Where Kafka Connect
 * stumbled (the text of its JSON parser or of a null pointer, its web server's HTML), a 4xx with a message of our own
 * is right too.
 */
import { appendFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { request as send } from 'node:http'
import { connect } from 'node:net'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import { compact, type Json, type Members, NumberText, parse } from './exact-json.ts'

interface Recorded {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** Parsed, or null where the body is no JSON. */
  readonly json: Json | undefined
  readonly raw: string
}

export interface Replay {
  /** host:port of the worker. */
  readonly worker: string
  /** A directory for the files that connectors read and write. */
  readonly folder: string
  /** Ids of exchanges in which we differ on purpose. */
  readonly differences?: readonly string[]
}

/** What differs, a text each, with the id of the exchange; empty where all is equal. */
export async function replay(file: string, options: Replay): Promise<string[]> {
  const found: string[] = []
  const variables: Record<string, string> = {
    WORKER: options.worker,
    TMP: options.folder,
    RUN: 'run1',
    CONFIGS_TOPIC: 'connect-configs',
  }
  const bytes = await readFile(file)
  const lines = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8').split('\n')
  for (const text of lines) {
    if (text.trim() === '') continue
    const line = parse(
      text.replace(/\{\{([A-Z0-9_]+)\}\}/g, (whole, name: string) => variables[name] ?? whole),
    ) as Members
    if (line['request'] === undefined) await step(line, options)
    else {
      const id = String(line['id'])
      const meant = options.differences?.includes(id) === true
      const difference = await play(options.worker, line, meant ? 0 : settlingMs)
      if (difference !== null && !meant) found.push(`${id}: ${difference}`)
    }
  }
  return found
}

/** The recording waits as long as Kafka Connect took for what follows a change; a loaded machine may take longer. */
const settlingMs = 30_000

/** Asks, and what only reads is asked again while its answer differs, up to the deadline. */
async function play(worker: string, line: Members, deadlineMs: number): Promise<string | null> {
  const request = line['request'] as Members
  const end = performance.now() + (request['method'] === 'GET' ? deadlineMs : 0)
  for (;;) {
    const got = await exchange(worker, request)
    const difference = compare(recordedOf(line['response'] as Members), got, line)
    if (difference === null || performance.now() >= end) return difference
    await delay(50)
  }
}

const numberOf = (value: Json | undefined, otherwise = 0): number =>
  value instanceof NumberText ? Number(value.text) : otherwise
const textsOf = (value: Json | undefined): string[] => (Array.isArray(value) ? value.map(String) : [])

function bodyOf(request: Members): Buffer | null {
  if (request['fill'] !== undefined) {
    const { prefix = '', suffix = '' } = request['fill'] as Members
    return Buffer.from(`${String(prefix)}${filled(request['fill'] as Members)}${String(suffix)}`)
  }
  if (request['raw_hex'] !== undefined) return Buffer.from(String(request['raw_hex']), 'hex')
  if (request['raw'] !== undefined) return Buffer.from(String(request['raw']))
  return request['body'] === undefined ? null : Buffer.from(compact(request['body']))
}

const filled = ({ char = '', count = null }: Members): string => String(char).repeat(numberOf(count))

async function exchange(worker: string, request: Members): Promise<Recorded> {
  const body = bodyOf(request)
  const headers: Record<string, string> = body === null ? {} : { 'Content-Type': 'application/json' }
  for (const [name, value] of Object.entries((request['headers'] ?? {}) as Members)) {
    for (const known of Object.keys(headers))
      if (known.toLowerCase() === name.toLowerCase()) delete headers[known]
    if (value !== null) headers[name] = String(value)
  }
  headers['Content-Length'] = String(body?.length ?? 0)
  const path = String(request['path']) + filled((request['path_fill'] ?? {}) as Members)
  const method = String(request['method'])
  if (/[^!-~]/.test(path) || /[a-z]/.test(method)) return rawExchange(worker, method, path, headers, body)
  const [host, port] = worker.split(':')
  return new Promise((resolve, reject) => {
    const sent = send({ host, port, method, path, headers }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', reject)
      response.on('end', () => {
        const kept = ['content-type', 'location', 'allow'].flatMap((name) => {
          const value = response.headers[name]
          return value === undefined ? [] : [[name, String(value)] as const]
        })
        const raw = Buffer.concat(chunks).toString('utf8')
        resolve({
          status: response.statusCode ?? 0,
          headers: Object.fromEntries(kept),
          json: asJson(raw),
          raw,
        })
      })
    })
    sent.on('error', reject).end(body ?? '')
  })
}

/** Paths and methods that Node's client does not send as they are, by a socket of our own; HTTP/1.0, so that the answer ends with it. */
async function rawExchange(
  worker: string,
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body: Buffer | null,
): Promise<Recorded> {
  const [host = '', port] = worker.split(':')
  const socket = connect(Number(port), host)
  const head = Object.entries({ Host: worker, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.write(`${method} ${path} HTTP/1.0\r\n${head.join('')}\r\n`)
  if (body !== null) socket.write(body)
  const chunks: Buffer[] = []
  for await (const chunk of socket) chunks.push(chunk as Buffer)
  const [before = '', raw = ''] = Buffer.concat(chunks)
    .toString('utf8')
    .split(/\r\n\r\n([\s\S]*)/)
  const kept = [...before.matchAll(/^(content-type|location|allow): (.*)$/gim)]
  return {
    status: Number(/^HTTP\/1\.\d (\d+)/.exec(before)?.[1] ?? 0),
    headers: Object.fromEntries(kept.map(([, name = '', value = '']) => [name.toLowerCase(), value.trim()])),
    json: asJson(raw),
    raw,
  }
}

function asJson(raw: string): Json | undefined {
  try {
    return raw === '' ? undefined : parse(raw)
  } catch {
    return undefined
  }
}

/** A body that is written as text was recorded byte for byte. */
function recordedOf(response: Members): Recorded {
  const headers = response['headers'] as Record<string, string>
  const status = numberOf(response['status'])
  if (response['body'] === undefined)
    return { status, headers, json: undefined, raw: String(response['raw']) }
  return { status, headers, json: response['body'], raw: compact(response['body']) }
}

const accidents =
  /StreamReadFeature|com\.fasterxml|runtime\.rest\.|NullPointerException|Cannot invoke|<html|<h1>|PluginDesc\{|FAIL_ON_TRAILING_TOKENS|java\.lang\./

function isAccident(expected: Recorded): boolean {
  return expected.status >= 400 && accidents.test(expected.raw)
}

function isSensible({ status, json }: Recorded): boolean {
  const { error_code: code, message } = (json ?? {}) as Members
  return status >= 400 && status < 500 && numberOf(code) === status && String(message).length > 10
}

function compare(expected: Recorded, got: Recorded, line: Members): string | null {
  const difference = differenceOf(expected, got, line)
  return difference !== null && isAccident(expected) && isSensible(got) ? null : difference
}

function differenceOf(expected: Recorded, got: Recorded, line: Members): string | null {
  if (expected.status !== got.status)
    return `status ${got.status} instead of ${expected.status}: ${got.raw.slice(0, 300)}`
  const headers = JSON.stringify(sorted(expected.headers))
  if (headers !== JSON.stringify(sorted(got.headers)))
    return `headers ${JSON.stringify(got.headers)} instead of ${headers}`
  if (expected.json === undefined) {
    const free = textsOf(line['volatile']).includes('')
    return free || expected.raw === got.raw ? null : `body ${got.raw} instead of ${expected.raw}`
  }
  if (got.json === undefined) return `body ${got.raw} is no JSON`
  const [a, b] = [masked(expected.json, line), masked(got.json, line)]
  return a === b ? null : `body ${b.slice(0, 2000)} instead of ${a.slice(0, 2000)}`
}

function sorted(headers: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(headers).sort(([a], [b]) => (a < b ? -1 : 1))
}

/** The body as text, without what the line says is not to be compared. */
function masked(json: Json, line: Members): string {
  const root: Members = { body: structuredCloneOf(json) }
  hideOurOwn(root['body'] ?? null)
  const each = (pointers: readonly string[], change: (value: Json) => Json) => {
    for (const pointer of pointers) at(root, ['body', ...pointer.split('/').slice(1).map(unescaped)], change)
  }
  each(textsOf(line['volatile']), () => '<volatile>')
  each(textsOf(line['first_line']), (value) => String(value).split('\n')[0] ?? '')
  each(textsOf(line['unordered']), (value) =>
    Array.isArray(value) ? value.sort((a, b) => (compact(a) < compact(b) ? -1 : 1)) : value,
  )
  for (const [pointer, marker] of Object.entries((line['until'] ?? {}) as Members))
    each([pointer], (value) => String(value).split(String(marker))[0] ?? '')
  return compact(root['body'] ?? null)
}

/** Which plugins there are, their versions and what they say of their properties, is each project's own. */
export function hideOurOwn(json: Json): void {
  if (typeof json !== 'object' || json === null || json instanceof NumberText) return
  const members = json as Members
  if ('documentation' in members) members['documentation'] = '<text>'
  if ('class' in members && 'version' in members) members['version'] = '<version>'
  const { definition, value } = members as { readonly [key: string]: Members }
  if (textsOf(value?.['recommended_values']).some((each) => each.includes('.')))
    Object.assign(value ?? {}, { recommended_values: '<plugins>' })
  if (String(definition?.['name']).endsWith('.plugin.version'))
    Object.assign(members, { definition: '<version>', value: value?.['errors'] ?? null })
  for (const each of Object.values(members)) hideOurOwn(each)
}

const unescaped = (part: string): string => part.replaceAll('~1', '/').replaceAll('~0', '~')
const structuredCloneOf = (json: Json): Json => parse(compact(json))

/** Changes every place that a pointer with `*` reaches. */
function at(node: Json, path: readonly string[], change: (value: Json) => Json): void {
  const [first, ...rest] = path
  if (first === undefined || typeof node !== 'object' || node === null || node instanceof NumberText) return
  const members = node as Members
  for (const key of first === '*' ? Object.keys(members) : Object.hasOwn(members, first) ? [first] : []) {
    const value = members[key] ?? null
    if (rest.length === 0) members[key] = change(value)
    else at(value, rest, change)
  }
}

async function step(line: Members, options: Replay): Promise<void> {
  const { worker } = options
  if (line['sleep'] !== undefined) await delay(numberOf(line['sleep']))
  else if (line['wait_for'] !== undefined) await waitFor(worker, line['wait_for'] as Members)
  else if (line['file'] !== undefined) await fileStep(line['file'] as Members)
  else if (line['produce'] !== undefined) await produce(line['produce'] as Members, options)
  else if (line['scenario'] === undefined && line['kafka_admin'] === undefined)
    throw new Error(`the recording has a step that is not known here: ${compact(line)}`)
}

/** Lines into a topic, by a connector that is gone again before the next exchange. */
async function produce({ topic = null, lines = null }: Members, { worker, folder }: Replay): Promise<void> {
  const name = 'rest-corpus-producer'
  const file = join(folder, `${name}.txt`)
  await fileStep({
    path: file,
    content: textsOf(lines)
      .map((each) => `${each}\n`)
      .join(''),
  })
  const at = async (): Promise<number> => {
    const { json } = await exchange(worker, { method: 'GET', path: `/topics/${String(topic)}` })
    const [partition] = ((json as Members)['partitions'] ?? []) as Members[]
    return numberOf(partition?.['next'])
  }
  const before = await at()
  const converter = 'org.apache.kafka.connect.storage.StringConverter'
  const config = { 'connector.class': 'file-source', topic, file, 'value.converter': converter }
  const made = await exchange(worker, { method: 'POST', path: '/connectors', body: { name, config } })
  if (made.status !== 201) throw new Error(`the lines could not be produced: ${made.raw}`)
  while ((await at()) < before + textsOf(lines).length) await delay(20)
  await exchange(worker, { method: 'PUT', path: `/connectors/${name}/stop` })
  await waitFor(worker, { path: `/connectors/${name}/status`, jsonpointer: '/tasks', equals: [] })
  await exchange(worker, { method: 'DELETE', path: `/connectors/${name}/offsets` })
  await exchange(worker, { method: 'DELETE', path: `/connectors/${name}` })
  await waitFor(worker, { path: `/connectors/${name}/status`, status: new NumberText('404') })
}

async function fileStep(file: Members): Promise<void> {
  const path = String(file['path'])
  if (file['remove'] === true) return rm(path, { recursive: true, force: true })
  if (file['mkdir'] === true) return void (await mkdir(path, { recursive: true }))
  await mkdir(dirname(path), { recursive: true })
  if (file['append'] !== undefined) await appendFile(path, String(file['append']))
  else await writeFile(path, String(file['content'] ?? ''))
}

async function waitFor(worker: string, condition: Members): Promise<void> {
  const until = performance.now() + Math.max(numberOf(condition['timeout_ms']), settlingMs)
  for (;;) {
    const got = await exchange(worker, { method: 'GET', path: condition['path'] ?? '/' })
    if (holds(condition, got)) return
    if (performance.now() > until)
      throw new Error(
        `waited in vain for ${compact(condition)}; last seen: ${got.status} ${got.raw.slice(0, 300)}`,
      )
    await delay(20)
  }
}

function holds(condition: Members, got: Recorded): boolean {
  const pointer = condition['jsonpointer']
  if (pointer === undefined) return got.status === numberOf(condition['status'])
  if (got.status !== 200 || got.json === undefined) return false
  let value: Json | undefined = got.json
  for (const part of String(pointer).split('/').slice(1).map(unescaped))
    value = typeof value === 'object' && value !== null ? (value as Members)[part] : undefined
  if (condition['length'] !== undefined)
    return Array.isArray(value) && value.length === numberOf(condition['length'])
  if (condition['exists'] !== undefined)
    return (value !== undefined && value !== null) === condition['exists']
  return value !== undefined && compact(value) === compact(condition['equals'] ?? null)
}
