/** `/connectors` and a connector's life: create, read, change, restart, pause, resume, stop, delete. */
import type { ConnectorInfo, Expansion, Herder } from '#worker'
import { readConfig, readCreateRequest } from '../body.ts'
import { accepted, type Answer, type Exchange, noContent, ok, type Resource } from '../resource.ts'
import { storedOrder } from '../stored-order.ts'
import { locationPath, queryFlag, queryValues } from '../target.ts'

const connector = '/connectors/:connector'
const nameOf = (exchange: Exchange): string => exchange.param('connector')

export function connectorResources(herder: Herder): Resource[] {
  const stored = storedOrder(herder)
  return [
    {
      path: '/connectors',
      methods: {
        GET: ({ query }) => ok(listed(herder, query)),
        POST: async (exchange) => created(exchange, await herder.create(readCreateRequest(exchange.body()))),
      },
    },
    {
      path: connector,
      methods: {
        GET: (exchange) => ok(stored.info(herder.connector(nameOf(exchange)))),
        DELETE: async (exchange) => {
          await herder.delete(nameOf(exchange))
          return noContent
        },
      },
    },
    {
      path: `${connector}/config`,
      methods: {
        GET: (exchange) => ok(stored.config(herder.config(nameOf(exchange)))),
        PUT: async (exchange) => {
          const result = await herder.put(nameOf(exchange), readConfig(exchange.body()))
          return result.created ? created(exchange, result.info) : ok(result.info)
        },
        PATCH: (exchange) => patched(herder, exchange),
      },
    },
    { path: `${connector}/status`, methods: { GET: (exchange) => ok(herder.status(nameOf(exchange))) } },
    { path: `${connector}/restart`, methods: { POST: (exchange) => restarted(herder, exchange) } },
    ...lifeCycle(herder),
    ...topics(herder),
  ]
}

/** Names, or with `expand` an object of what was asked for; unknown expansions are passed over. */
function listed(herder: Herder, query: string): unknown {
  const asked = queryValues(query, 'expand')
  if (asked.length === 0) return herder.connectors()
  const known = asked.filter((each): each is Expansion => each === 'info' || each === 'status')
  return storedOrder(herder).expanded(herder.expand(known))
}

function created({ origin }: Exchange, info: ConnectorInfo): Answer {
  return { status: 201, json: info, location: origin + locationPath(info.name) }
}

async function patched(herder: Herder, exchange: Exchange): Promise<Answer> {
  const name = nameOf(exchange)
  const body = exchange.body()
  const before = herder.config(name) // an unknown connector is said before a missing body
  return ok(storedOrder(herder).patched(await herder.patch(name, readConfig(body)), before))
}

async function restarted(herder: Herder, exchange: Exchange): Promise<Answer> {
  const plan = await herder.restart(nameOf(exchange), {
    includeTasks: queryFlag(exchange.query, 'includeTasks', false),
    onlyFailed: queryFlag(exchange.query, 'onlyFailed', false),
  })
  return plan === null ? noContent : { status: 202, json: plan }
}

function lifeCycle(herder: Herder): Resource[] {
  const verb = (path: string, act: (name: string) => Promise<void>, answer: Answer): Resource => ({
    path: `${connector}/${path}`,
    methods: {
      PUT: async (exchange) => {
        await act(nameOf(exchange))
        return answer
      },
    },
  })
  return [
    verb('pause', (name) => herder.pause(name), accepted),
    verb('resume', (name) => herder.resume(name), accepted),
    verb('stop', (name) => herder.stop(name), noContent),
    verb('topics/reset', (name) => herder.resetTopics(name), accepted),
  ]
}

function topics(herder: Herder): Resource[] {
  return [
    {
      path: `${connector}/topics`,
      methods: {
        GET: (exchange) => {
          const name = nameOf(exchange)
          return ok({ [name]: { topics: herder.topics(name) } })
        },
      },
    },
  ]
}
