/**
 * Headers that the worker's properties add: `access.control.allow.origin` and `.methods` for pages of other origins
 * (none by default), `response.http.headers.config` for whatever else an operator wants on every answer.
 *
 *   config := rule (',' rule)*        a rule with a comma in it stands in double quotes
 *   rule   := ('set' | 'add' | 'setDate' | 'addDate') name ':' value      dates: milliseconds from now
 */
import type { FastifyInstance } from 'fastify'
import { ConfigError } from '#errors'
import type { RawConfig } from '#plugin'

interface HeaderRule {
  readonly action: 'set' | 'add' | 'setDate' | 'addDate'
  readonly name: string
  readonly value: string
}

export function addConfiguredHeaders(app: FastifyInstance, properties: RawConfig): void {
  const rules = headerRules(properties['response.http.headers.config'] ?? '')
  const origins = (properties['access.control.allow.origin'] ?? '').split(',').map((each) => each.trim())
  const methods = properties['access.control.allow.methods']?.trim() || 'GET,POST,HEAD'
  app.addHook('onRequest', async (request, reply) => {
    for (const { action, name, value } of rules) {
      const dated = action.endsWith('Date') ? new Date(Date.now() + Number(value)).toUTCString() : value
      const before = action.startsWith('add') ? reply.getHeader(name) : undefined
      reply.header(name, before === undefined ? dated : [before, dated].flat().map(String))
    }
    const { origin } = request.headers
    if (origin === undefined || !(origins.includes('*') || origins.includes(origin))) return
    reply.header('access-control-allow-origin', origin).header('vary', 'Origin')
    if (request.method === 'OPTIONS') reply.header('access-control-allow-methods', methods)
  })
}

export function headerRules(text: string): HeaderRule[] {
  const parts = text.match(/\s*"[^"]*"|[^,]+/g) ?? []
  return parts
    .map((part) => part.replaceAll('"', '').trim())
    .filter((part) => part !== '')
    .map((part) => {
      const match = /^(set|add|setDate|addDate)\s+([!#$%&'*+\-.^_`|~0-9A-Za-z]+)\s*:\s*(.*)$/.exec(part)
      const [, action = '', name = '', value = ''] = match ?? []
      if (match === null || (action.endsWith('Date') && !/^\d+$/.test(value)))
        throw new ConfigError(
          `The worker property response.http.headers.config has a rule that cannot be read: ${part}.`,
          {
            remedy: "Rules look like 'set X-Frame-Options: DENY', separated by commas.",
          },
        )
      return { action: action as HeaderRule['action'], name, value }
    })
}
