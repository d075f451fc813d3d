/** `/connector-plugins`: what is installed, what it can be told, and whether a configuration will do. */
import {
  type ConfigFields,
  connectorFields,
  definitions,
  type PluginEntry,
  type Registry,
  versionField,
} from '#plugin'
import { type Herder, HerderError } from '#worker'
import { readConfig } from '../body.ts'
import { type Answer, type Exchange, ok, type Resource } from '../resource.ts'
import { queryFlag, queryValues } from '../target.ts'

export function pluginResources(herder: Herder, registry: Registry): Resource[] {
  return [
    {
      path: '/connector-plugins',
      methods: {
        GET: ({ query }) => {
          const connectorsOnly = queryFlag(query, 'connectorsOnly', true)
          const shown = registry
            .list()
            .filter(({ type }) => !connectorsOnly || type === 'sink' || type === 'source')
          return ok(shown)
        },
      },
    },
    {
      path: '/connector-plugins/:plugin/config',
      methods: { GET: (exchange) => described(registry, exchange) },
    },
    {
      path: '/connector-plugins/:plugin/config/validate',
      methods: { PUT: (exchange) => validated(herder, registry, exchange) },
    },
  ]
}

async function described(registry: Registry, exchange: Exchange): Promise<Answer> {
  const name = exchange.param('plugin')
  const entry = registry.findAny(name)
  if (entry === null) throw new HerderError(404, `Unknown plugin ${name}.`)
  const version = queryValues(exchange.query, 'version')[0]
  if (version !== undefined) checkVersion(entry, version)
  return ok(definitions(await fieldsOf(registry, entry)))
}

function checkVersion(entry: PluginEntry, version: string): void {
  if (version === 'latest') return
  const problem = versionField(entry, { doc: '' }).validate?.(version, 'version') ?? null
  if (problem !== null) throw new HerderError(400, typeof problem === 'string' ? problem : problem.join('\n'))
}

/** A connector's own properties come first, then those that every connector has. */
async function fieldsOf(registry: Registry, entry: PluginEntry): Promise<ConfigFields> {
  const { kind, javaClass } = entry
  const { config } = await registry.load(kind, javaClass)
  if (kind !== 'source' && kind !== 'sink') return config
  const shared = Object.entries(connectorFields(kind, { registry, connector: entry }))
  return { ...config, ...Object.fromEntries(shared.filter(([name]) => !Object.hasOwn(config, name))) }
}

async function validated(herder: Herder, registry: Registry, exchange: Exchange): Promise<Answer> {
  const config = readConfig(exchange.body())
  const requested = exchange.param('plugin')
  const included = config['connector.class'] ?? null
  const entry = registry.findAny(requested)
  const samePlugin = entry !== null && registry.findAny(included ?? '') === entry
  if (included !== null && !withoutSuffix(included).endsWith(withoutSuffix(requested)) && !samePlugin)
    throw new HerderError(400, `Included connector type ${included} does not match request type ${requested}`)
  return ok(await herder.validate(config))
}

function withoutSuffix(name: string): string {
  return name.endsWith('Connector') ? name.slice(0, -'Connector'.length) : name
}
