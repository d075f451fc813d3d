/** Where REST listens: `listeners`, or the older `rest.host.name` and `rest.port`. */
import { ConfigError } from '#errors'
import type { RawConfig } from '#plugin'

export interface Listener {
  readonly protocol: 'http' | 'https'
  /** '' means all interfaces. */
  readonly host: string
  readonly port: number
}

const byDefault = 'http://127.0.0.1:8083'

/** `listeners` of the worker; `key` may name another property of the same form (`admin.listeners`). */
export function listenersOf(properties: RawConfig, key = 'listeners'): readonly Listener[] {
  const given = properties[key]?.trim()
  if (given !== undefined && given !== '') return given.split(',').map((each) => listener(each.trim(), key))
  if (key !== 'listeners') return []
  const { 'rest.host.name': host, 'rest.port': port } = properties
  if (host === undefined && port === undefined) return [listener(byDefault, key)]
  return [listener(`http://${host ?? '127.0.0.1'}:${port ?? '8083'}`, key)]
}

/** host:port under which other workers and clients know this one: `worker_id`. */
export function advertisedAddress(properties: RawConfig, hostname: string): string {
  const all = listenersOf(properties)
  const wanted = properties['rest.advertised.listener'] ?? (all.some(isPlain) ? 'http' : 'https')
  const chosen = all.find(({ protocol }) => protocol === wanted) ?? all[0]
  const host = properties['rest.advertised.host.name'] ?? chosen?.host
  const port = properties['rest.advertised.port'] ?? String(chosen?.port ?? '')
  return `${host === undefined || host === '' || host === '0.0.0.0' || host === '[::]' ? hostname : host}:${port}`
}

function isPlain({ protocol }: Listener): boolean {
  return protocol === 'http'
}

function listener(text: string, key: string): Listener {
  const match = /^(https?):\/\/(\[[0-9a-fA-F:.%]*\]|[^:/[\]]*):(\d{1,5})$/i.exec(text)
  const port = Number(match?.[3])
  if (match === null || port > 65_535)
    throw new ConfigError(
      `Invalid value ${text} for configuration ${key}: Listener doesn't have the right format (protocol://hostname:port).`,
      { remedy: 'Write it like http://127.0.0.1:8083.' },
    )
  return { protocol: match[1]?.toLowerCase() === 'https' ? 'https' : 'http', host: match[2] ?? '', port }
}
