/** `/admin/loggers`: levels by logger name, of this worker or of all. */
import { type Herder, HerderError } from '#worker'
import { readLevel } from '../body.ts'
import { type Answer, type Exchange, noContent, ok, type Resource } from '../resource.ts'
import { queryValues } from '../target.ts'

export function loggerResources(herder: Herder): Resource[] {
  return [
    { path: '/admin/loggers', methods: { GET: () => ok(herder.loggers()) } },
    {
      path: '/admin/loggers/:logger',
      methods: {
        GET: (exchange) => ok(herder.logger(exchange.param('logger'))),
        PUT: (exchange) => levelSet(herder, exchange),
      },
    },
  ]
}

async function levelSet(herder: Herder, exchange: Exchange): Promise<Answer> {
  const level = readLevel(exchange.body())
  if (level === null) throw new HerderError(400, "Desired 'level' parameter was not specified in request.")
  const scope = queryValues(exchange.query, 'scope')[0]?.toLowerCase() === 'cluster' ? 'cluster' : 'worker'
  const changed = await herder.setLogger(exchange.param('logger'), level, scope)
  return changed === null ? noContent : ok(changed)
}
