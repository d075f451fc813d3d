/** A rowtap worker as a process of its own, as a user starts it: for tests that kill it, or measure it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { freePort } from './services/ports.ts'

export interface WorkerProcess {
  readonly url: string
  readonly process: ChildProcess
  /** Everything it has printed. */
  output(): string
  get<T = unknown>(path: string): Promise<T>
  send(method: 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<unknown>
  /** Waits until the answer satisfies the condition; fails with the last answer and the worker's output. */
  until<T = unknown>(path: string, condition: (answer: T) => boolean, timeoutMs?: number): Promise<T>
  kill(): Promise<void>
  /** SIGTERM, and waits for its end. */
  stop(): Promise<number | null>
}

export interface WorkerOptions {
  readonly dataDirectory: string
  readonly port?: number
  readonly properties?: Readonly<Record<string, string>>
  /** The command; default: `worker`. */
  readonly arguments?: readonly string[]
  /** Runs `dist/`, as the package does (`npm run build` first): what is measured is what users get. */
  readonly built?: boolean
}

const entry = new URL('../../src/rowtap.js', import.meta.url).pathname
const builtEntry = new URL('../../dist/src/rowtap.js', import.meta.url).pathname

export async function startWorkerProcess(options: WorkerOptions): Promise<WorkerProcess> {
  const port = options.port ?? (await freePort())
  const properties = {
    'data.dir': options.dataDirectory,
    listeners: `http://127.0.0.1:${port}`,
    ...options.properties,
  }
  const environment = Object.entries(properties).map(([key, value]) => [`CONNECT_${variable(key)}`, value])
  const child = spawn(
    process.execPath,
    [
      ...(options.built === true
        ? ['--max-semi-space-size=2', builtEntry]
        : ['--conditions=rowtap-source', entry]),
      ...(options.arguments ?? ['worker']),
    ],
    {
      // As the first line of src/rowtap.js has it.
      env: { ...process.env, MALLOC_ARENA_MAX: '1', ...Object.fromEntries(environment) },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  return connectWorker(child, port)
}

const longestEndMs = 120_000

/** Takes over a worker process that was just started, and waits until it answers. */
export async function connectWorker(child: ChildProcess, port: number): Promise<WorkerProcess> {
  let printed = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => {
      printed += text
    })
  const worker = handle(child, `http://127.0.0.1:${port}`, () => printed)
  await worker.until('/connectors', () => true)
  return worker
}

/** `offset.flush.interval.ms` is `OFFSET_FLUSH_INTERVAL_MS`; an underscore is doubled, a dash three of them. */
function variable(key: string): string {
  const forms: Readonly<Record<string, string>> = { '.': '_', _: '__', '-': '___' }
  return key.replace(/[._-]/g, (sign) => forms[sign] ?? sign).toUpperCase()
}

function handle(child: ChildProcess, url: string, output: () => string): WorkerProcess {
  const send: WorkerProcess['send'] = async (method, path, body) => {
    const headers = body === undefined ? {} : { 'content-type': 'application/json' }
    const response = await fetch(url + path, {
      method,
      headers,
      body: body === undefined ? null : JSON.stringify(body),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
    return text === '' ? null : JSON.parse(text)
  }
  const get = async <T>(path: string): Promise<T> => {
    const response = await fetch(url + path)
    const text = await response.text()
    if (!response.ok) throw new Error(`GET ${path}: ${response.status} ${text}`)
    return JSON.parse(text) as T
  }
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
    const exit = once(child, 'exit')
    child.kill(signal)
    const late = setTimeout(() => child.kill('SIGKILL'), longestEndMs)
    await exit
    clearTimeout(late)
    if (signal === 'SIGTERM' && child.signalCode === 'SIGKILL')
      throw new Error(`the worker did not end within ${longestEndMs} ms:\n${output().slice(-4000)}`)
    return child.exitCode
  }
  return {
    url,
    process: child,
    output,
    get,
    send,
    until: async <T>(path: string, condition: (answer: T) => boolean, timeoutMs = 90_000) => {
      const deadline = Date.now() + timeoutMs
      for (let last: unknown = null; ; await delay(20)) {
        if (child.exitCode !== null || child.signalCode !== null)
          throw new Error(`the worker has ended:\n${output()}`)
        try {
          const answer = await get<T>(path)
          if (condition(answer)) return answer
          last = answer
        } catch (error) {
          last = String(error)
        }
        if (Date.now() > deadline)
          throw new Error(
            `${path} is not as expected after ${timeoutMs} ms: ${JSON.stringify(last)}\n${output().slice(-4000)}`,
          )
      }
    },
    kill: async () => {
      await end('SIGKILL')
    },
    stop: () => end('SIGTERM'),
  }
}
