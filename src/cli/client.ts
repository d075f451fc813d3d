/** A client of the worker's REST API, for the commands. Errors carry the worker's own message. */
import { ConfigError, ConnectError, messageOf } from '#errors'

export interface RestClient {
  readonly address: string
  get(path: string): Promise<unknown>
  send(method: 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<unknown>
  /** Lines of newline-delimited JSON, as they come, until the signal. */
  lines(path: string, signal: AbortSignal): AsyncIterable<unknown>
}

export function restClient(address: string): RestClient {
  if (!/^https?:\/\//.test(address) || !URL.canParse(address))
    throw new ConfigError(`'${address}' is no address of a worker.`, {
      remedy: 'Write it like http://127.0.0.1:8083.',
    })
  const url = (path: string): string => `${address.replace(/\/$/, '')}${path}`
  return {
    address,
    get: async (path) => answer(await request(url(path), {})),
    send: async (method, path, body) => {
      const headers = body === undefined ? {} : { 'content-type': 'application/json' }
      return answer(
        await request(url(path), {
          method,
          headers,
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        }),
      )
    },
    lines: (path, signal) => lines(url(path), signal),
  }
}

async function request(url: string, options: RequestInit): Promise<Response> {
  try {
    return await fetch(url, options)
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
    throw new ConnectError(`No worker answers at ${new URL(url).origin}: ${messageOf(cause)}.`, {
      remedy: 'Start one with `rowtap worker`, or name its address with --url.',
      cause,
    })
  }
}

async function answer(response: Response): Promise<unknown> {
  const text = await response.text()
  const body = parsed(text)
  if (response.ok && body !== undefined) return body
  if (body === undefined)
    throw new ConnectError(`What answers at ${new URL(response.url).origin} is no worker of rowtap.`, {
      remedy: 'Name the address of one with --url.',
    })
  const message = typeof body === 'object' && body !== null && 'message' in body ? String(body.message) : text
  throw new ConnectError(`The worker answered ${response.status}: ${message}`)
}

/** undefined for what is no JSON: then it is no worker that answers. */
function parsed(text: string): unknown {
  try {
    return text === '' ? null : JSON.parse(text)
  } catch {
    return undefined
  }
}

async function* lines(url: string, signal: AbortSignal): AsyncIterable<unknown> {
  const response = await request(url, { signal })
  if (!response.ok || response.body === null) {
    await answer(response)
    return
  }
  let rest = ''
  const decoder = new TextDecoder()
  try {
    for await (const chunk of response.body) {
      rest += decoder.decode(chunk as Uint8Array, { stream: true })
      const complete = rest.split('\n')
      rest = complete.pop() ?? ''
      for (const line of complete) if (line !== '') yield JSON.parse(line)
    }
  } catch (error) {
    if (!signal.aborted) throw error
  }
}
