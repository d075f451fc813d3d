/**
 * Connect's REST API over a herder: the table of resources, and around it what HTTP asks for in Connect's way:
 * OPTIONS and HEAD, 404, 405, 406 and 415 in the shape of its errors, paths as strict as those of its web server.
 */
import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { Readable } from 'node:stream'
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify'
import { ConfigError, messageOf } from '#errors'
import { logger, release } from '#observe'
import type { Registry } from '#plugin'
import { type Herder, HerderError, type TopicView } from '#worker'
import { answerText } from './answer-text.ts'
import { readJson } from './body.ts'
import { type Failure, FrameworkError, failureOf } from './failures.ts'
import { addConfiguredHeaders } from './headers.ts'
import { listenerOf } from './listener.ts'
import { acceptedJson, acceptsText, bodyType } from './negotiation.ts'
import { allowedMethods, type Answer, type Exchange, type Method, type Resource } from './resource.ts'
import { connectorResources } from './routes/connectors.ts'
import { internalRequest, internalResources } from './routes/internal.ts'
import { loggerResources } from './routes/loggers.ts'
import { offsetResources } from './routes/offsets.ts'
import { pluginResources } from './routes/plugins.ts'
import { replayResources } from './routes/replay.ts'
import { rootResources } from './routes/root.ts'
import { taskResources } from './routes/tasks.ts'
import { topicResources } from './routes/topics.ts'
import { readTarget } from './target.ts'

/** Longest request head, and longest body: connector configurations are a Kafka record each. */
const HEAD_BYTES = 8192
const BODY_BYTES = 16 * 1024 * 1024
const REQUEST_TIMEOUT_MS = 90_000
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE'] as const

/** What REST stands on. */
export interface RestParts {
  readonly herder: Herder
  readonly registry: Registry
  /** The topics of the worker's own broker; absent: they are not shown. */
  readonly topics?: TopicView
}

function resourcesOf({ herder, registry, topics }: RestParts): Resource[] {
  const admin = herder.properties['admin.listeners']?.trim() === '' ? [] : loggerResources(herder)
  return [
    ...rootResources(herder),
    ...connectorResources(herder),
    ...taskResources(herder, internalRequest(herder, 'tasks')),
    ...offsetResources(herder),
    ...replayResources(herder),
    ...pluginResources(herder, registry),
    ...internalResources(herder),
    ...admin,
    ...(topics === undefined ? [] : topicResources(topics)),
  ]
}

/** The server, not listening yet. */
export function createServer(parts: RestParts): FastifyInstance {
  const { properties } = parts.herder
  const app = fastify({
    bodyLimit: BODY_BYTES,
    forceCloseConnections: true,
    http: { maxHeaderSize: HEAD_BYTES },
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: HEAD_BYTES },
    rewriteUrl: ({ url = '/' }) => {
      const target = readTarget(url)
      return 'problem' in target ? '/' : target.path
    },
    clientErrorHandler: refuseUnreadable,
  })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  app.addHook('onRequest', async (request, reply) => {
    const target = readTarget(request.originalUrl)
    if ('problem' in target) refuseTarget(request, reply, target.problem)
  })
  app.addHook('onSend', async (_request, reply, payload) => {
    const type = mediaTypes.get(reply)
    if (type === undefined) reply.removeHeader('content-type')
    else reply.header('content-type', type)
    return payload
  })
  addConfiguredHeaders(app, properties)
  logRequests(app)
  app.setErrorHandler((error, _request, reply) => refuse(reply, failureOf(error)))
  app.setNotFoundHandler((_request, reply) => refuse(reply, failureOf(new FrameworkError(404))))
  for (const resource of resourcesOf(parts))
    app.route({
      method: [...METHODS],
      url: resource.path,
      handler: (request, reply) => exchange(resource, request, reply),
    })
  return app
}

/** Listens where the worker's properties say; returns the server for closing. */
export async function startServer(parts: RestParts): Promise<FastifyInstance> {
  const { host, port } = listenerOf(parts.herder.properties)
  const app = createServer(parts)
  try {
    await app.listen({ host: host === '' ? '0.0.0.0' : host, port })
  } catch (error) {
    await app.close()
    throw cannotListen(error, host === '' ? '0.0.0.0' : host, port)
  }
  return app
}

const causes: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another process listens there',
  EACCES: 'ports below 1024 are for root',
  EADDRNOTAVAIL: 'this machine has no such address',
  ENOTFOUND: 'there is no host of this name',
}

function cannotListen(error: unknown, host: string, port: number): ConfigError {
  const cause = causes[(error as NodeJS.ErrnoException).code ?? ''] ?? messageOf(error)
  return new ConfigError(`The REST API cannot listen on http://${host}:${port}: ${cause}.`, {
    remedy:
      "Name another address with the worker property 'listeners' (CONNECT_LISTENERS), as in http://127.0.0.1:8084, or end the other process.",
    cause: error,
  })
}

async function exchange(
  resource: Resource,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { accept } = request.headers
  try {
    if (request.method === 'OPTIONS') return options(resource, reply, accept)
    const handler = resource.methods[(request.method === 'HEAD' ? 'GET' : request.method) as Method]
    if (handler === undefined) throw new FrameworkError(405)
    checkBodyType(request)
    const type = resource.produces === 'text' ? 'text/plain' : acceptedJson(accept)
    if (type === null || (type === 'text/plain' && !acceptsText(accept))) throw new FrameworkError(406)
    return send(reply, await inTime(handler(exchangeOf(request, reply))), type)
  } catch (error) {
    return refuse(reply, failureOf(error))
  }
}

function exchangeOf(request: FastifyRequest, reply: FastifyReply): Exchange {
  const params = request.params as Readonly<Record<string, string>>
  const target = readTarget(request.originalUrl)
  const { body, headers } = request
  const gone = new AbortController()
  reply.raw.once('close', () => gone.abort())
  return {
    param: (name) => params[name] ?? '',
    query: 'query' in target ? target.query : '',
    body: () => (Buffer.isBuffer(body) ? readJson(body) : null),
    header: (name) => headers[name]?.toString(),
    origin: `${request.protocol}://${headers.host ?? request.hostname}`,
    signal: gone.signal,
  }
}

function checkBodyType({ method, headers }: FastifyRequest): void {
  if (method === 'GET' || method === 'HEAD') return
  const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
  const type = bodyType(headers['content-type'], hasBody)
  if (type === 'malformed') throw new HerderError(400, 'The header Content-Type is no media type.')
  if (type !== 'json') throw new FrameworkError(415, type === 'undefined')
}

function inTime(answer: Answer | Promise<Answer>): Answer | Promise<Answer> {
  if (!(answer instanceof Promise)) return answer
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new HerderError(500, 'Request timed out')), REQUEST_TIMEOUT_MS)
  return Promise.race([answer, promise]).finally(() => clearTimeout(timer))
}

/** The Content-Type of each reply, as it shall go out: fastify would add a charset, or one where there is none. */
const mediaTypes = new WeakMap<FastifyReply, string>()

function sendText(reply: FastifyReply, type: string | null, body: string | Readable): FastifyReply {
  if (type !== null) mediaTypes.set(reply, type)
  return reply.send(body)
}

function send(reply: FastifyReply, answer: Answer, type: string): FastifyReply {
  reply.code(answer.status)
  if (answer.location !== undefined) reply.header('location', answer.location)
  if (answer.stream !== undefined)
    return sendText(
      reply,
      answer.stream.type,
      Readable.from(ended(answer.stream.lines), { objectMode: false }),
    )
  if (answer.text !== undefined) return sendText(reply, answer.text.type, answer.text.body)
  return answer.json === undefined ? reply.send() : sendText(reply, type, answerText(answer.json))
}

/** A failure in the midst of an answer can only be told by breaking it off: so the log tells it. */
async function* ended(lines: AsyncIterable<string>): AsyncIterable<string> {
  try {
    for await (const line of lines) yield `${line}\n`
  } catch (error) {
    streamLog.warn({ err: error }, 'a stream of records was broken off')
    throw error
  }
}

const streamLog = logger('rest.stream')

function refuse(reply: FastifyReply, { status, message, typed }: Failure): FastifyReply {
  const body = answerText({ error_code: status, message })
  return sendText(reply.code(status), typed ? 'application/json' : null, body)
}

function options(resource: Resource, reply: FastifyReply, accept: string | undefined): FastifyReply {
  const allowed = allowedMethods(resource)
  reply.code(200).header('allow', allowed.join(','))
  if (acceptsText(accept)) return sendText(reply, 'text/plain', allowed.join(', '))
  return sendText(reply, 'application/json', '')
}

/** Connect's web server answers these without a body where the method is one that changes something at its path. */
function refuseTarget({ method }: FastifyRequest, reply: FastifyReply, problem: string): FastifyReply {
  if (method === 'OPTIONS') return reply.code(404).send()
  if (method === 'PUT' || method === 'DELETE') return reply.code(400).send()
  return refuse(reply, failureOf(new HerderError(400, problem)))
}

/** What Node's parser cannot read never reaches a route. */
function refuseUnreadable(error: Error & { code?: string }, socket: Socket): void {
  if (!socket.writable) return
  const failure: Failure =
    error.code === 'HPE_INVALID_METHOD'
      ? failureOf(new FrameworkError(405))
      : error.code === 'HPE_HEADER_OVERFLOW'
        ? { status: 431, message: `The head of the request is longer than ${HEAD_BYTES} bytes.`, typed: true }
        : { status: 400, message: 'The request is not valid HTTP.', typed: true }
  const body = answerText({ error_code: failure.status, message: failure.message })
  const type = failure.typed ? 'Content-Type: application/json\r\n' : ''
  socket.end(
    `HTTP/1.1 ${failure.status} ${STATUS_CODES[failure.status] ?? ''}\r\n${type}` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  )
}

/** Method, path and outcome; never a body (invariant 7). */
function logRequests(app: FastifyInstance): void {
  const log = logger('rest')
  app.addHook('onResponse', async (request, reply) => {
    const path = request.originalUrl.split('?', 1)[0]
    log.debug(
      { method: request.method, path, status: reply.statusCode, ms: Math.round(reply.elapsedTime) },
      'request',
    )
  })
  app.addHook('onClose', async () => release(log))
}
