/** What an endpoint is: a path with a handler per method. `server.ts` adds what HTTP itself asks for. */
import type { Json } from './body.ts'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

export interface Exchange {
  /** A decoded segment of the path. */
  param(name: string): string
  readonly query: string
  /** The parsed body; null where there is none. */
  body(): Json
  header(name: string): string | undefined
  /** `http://host:port` as the client wrote it. */
  readonly origin: string
  /** Aborted when the client is gone. */
  readonly signal: AbortSignal
}

export interface Answer {
  readonly status: number
  /** Serialized as JSON; absent: no body. */
  readonly json?: unknown
  /** A body that is text already, with its media type. */
  readonly text?: { readonly type: string; readonly body: string }
  /** Lines that are sent as they come. */
  readonly stream?: { readonly type: string; readonly lines: AsyncIterable<string> }
  readonly location?: string
}

export type Handler = (exchange: Exchange) => Answer | Promise<Answer>

export interface Resource {
  /** `/connectors/:connector/config`. */
  readonly path: string
  readonly methods: Partial<Readonly<Record<Method, Handler>>>
  /** What it answers with when asked for text; JSON resources refuse that (406). */
  readonly produces?: 'json' | 'text'
}

export const ok = (json: unknown): Answer => ({ status: 200, json })
export const accepted: Answer = { status: 202 }
export const noContent: Answer = { status: 204 }

/** As `OPTIONS` and its Allow header list them. */
const ranks = ['HEAD', 'DELETE', 'POST', 'GET', 'OPTIONS', 'PUT', 'PATCH']

export function allowedMethods(resource: Resource): string[] {
  const own = Object.keys(resource.methods)
  const all = [...own, 'OPTIONS', ...(own.includes('GET') ? ['HEAD'] : [])]
  return all.sort((a, b) => ranks.indexOf(a) - ranks.indexOf(b))
}
