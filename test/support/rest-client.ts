/** A client of Kafka Connect's REST API, whoever answers it. */
import { setTimeout as delay } from 'node:timers/promises'

export interface RestClient {
  get<T>(path: string): Promise<T>
  /** Again where a worker of Connect refuses because its group settles. */
  put(path: string, body?: unknown): Promise<void>
  delete(path: string): Promise<void>
  /** Asks until the answer is right; a refusal counts as not yet. Fails with the last answer. */
  until<T>(path: string, right: (answer: T) => boolean, timeoutMs?: number): Promise<T>
}

export function restClient(url: string): RestClient {
  const ask = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(url + path, {
      method,
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    })
    const text = await response.text()
    if (response.status === 409) throw new Conflict(`${method} ${path}: ${text}`)
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
    return text === '' ? null : JSON.parse(text)
  }
  const get = async <T>(path: string): Promise<T> => (await ask('GET', path)) as T
  return {
    get,
    put: async (path, body) => void (await settled(() => ask('PUT', path, body))),
    delete: async (path) => void (await settled(() => ask('DELETE', path))),
    until: async <T>(path: string, right: (answer: T) => boolean, timeoutMs = 60_000): Promise<T> => {
      const end = performance.now() + timeoutMs
      for (let last = ''; ; await delay(50)) {
        try {
          const answer = await get<T>(path)
          if (right(answer)) return answer
          last = JSON.stringify(answer)
        } catch (error) {
          last = String(error)
        }
        if (performance.now() > end)
          throw new Error(`${url}${path} is not as expected after ${timeoutMs} ms: ${last}`)
      }
    },
  }
}

class Conflict extends Error {}

const mostConflicts = 100

async function settled<T>(verb: () => Promise<T>): Promise<T> {
  for (let conflicts = 1; ; conflicts++)
    try {
      return await verb()
    } catch (error) {
      if (!(error instanceof Conflict) || conflicts === mostConflicts) throw error
      await delay(100)
    }
}
