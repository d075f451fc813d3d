/**
 * Writes what is made from declarations: a JSON Schema per connector, and the option tables in the READMEs, between
 * `<!-- options:begin ALIAS -->` and `<!-- options:end -->` (`kafka-clients`: the properties of Kafka's clients).
 * `npm run schemas` runs it; a test demands that there is nothing to write.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { connectors } from '#connectors'
import { type ConfigField, type ConfigFields, connectorFields, createRegistry, definition } from '#plugin'
import { converterEntries } from '#converters'
import { propertyGroups } from '../../src/broker/kafka/properties/known-properties.ts'

const schemaFolder = 'schemas/connectors'

/** Every file that is made, by path; null: the file should not be there. */
export async function generated(): Promise<ReadonlyMap<string, string | null>> {
  const files = new Map<string, string | null>()
  const tables = new Map<string, string>()
  const registry = createRegistry([...connectors, ...converterEntries])
  for (const entry of connectors) {
    const plugin = await registry.connector(entry.javaClass)
    const [alias = entry.javaClass] = entry.aliases
    const all = { ...plugin.config, ...connectorFields(plugin.kind, { registry }) }
    const schema = schemaOf(alias, [entry.javaClass, ...entry.aliases], { ...all, ...plugin.config })
    files.set(`${schemaFolder}/${alias}.json`, `${JSON.stringify(schema, null, 2)}\n`)
    tables.set(alias, tableOf(plugin.config))
  }
  for (const file of existsSync(schemaFolder) ? readdirSync(schemaFolder) : [])
    if (!files.has(`${schemaFolder}/${file}`)) files.set(`${schemaFolder}/${file}`, null)
  tables.set('kafka-clients', clientTable())
  const readmes = readdirSync('connectors').map((folder) => `connectors/${folder}/README.md`)
  for (const readme of ['README.md', ...readmes]) {
    if (existsSync(readme)) files.set(readme, withTables(readFileSync(readme, 'utf8'), tables, readme))
  }
  return files
}

function withTables(text: string, tables: ReadonlyMap<string, string>, readme: string): string {
  return text.replace(
    /(<!-- options:begin ([a-z-]+) -->\n)[\s\S]*?(<!-- options:end -->)/g,
    (_, begin, alias, end) => {
      const table = tables.get(alias)
      if (table === undefined) throw new Error(`${readme} wants the options of ${alias}, which are not known`)
      return `${begin}\n${table}\n${end}`
    },
  )
}

function tableOf(fields: ConfigFields): string {
  const rows = Object.entries(fields)
    .filter(([, field]) => !field.internal)
    .map(([name, field]) => {
      const { default_value: fallback, required, documentation, type } = definition(name, field)
      const shown = required ? '**required**' : fallback === null || fallback === '' ? '' : `\`${fallback}\``
      return `| \`${name}\` | ${type.toLowerCase()} | ${cell(shown)} | ${cell(documentation)} |`
    })
  return ['| Property | Type | Default | What it does |', '| --- | --- | --- | --- |', ...rows, ''].join('\n')
}

/** What becomes of each property of Kafka's clients. */
function clientTable(): string {
  const rows = propertyGroups.map(({ names, clients, support, note }) => {
    const whose = clients.length === 3 ? 'all' : clients.join(', ')
    return `| ${names.map((name) => `\`${name}\``).join(', ')} | ${whose} | ${support} | ${cell(note)} |`
  })
  return ['| Property | Client | | What it does |', '| --- | --- | --- | --- |', ...rows, ''].join('\n')
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ')
}

/** Connect takes every value as text; JSON's own numbers and booleans are fine too. */
const jsonTypes: Readonly<Record<string, string | readonly string[]>> = {
  BOOLEAN: ['boolean', 'string'],
  INT: ['integer', 'string'],
  SHORT: ['integer', 'string'],
  LONG: ['integer', 'string'],
  DOUBLE: ['number', 'string'],
}

function schemaOf(alias: string, names: readonly string[], fields: ConfigFields) {
  const shown = Object.entries(fields).filter(([, field]) => !field.internal)
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: alias,
    type: 'object',
    properties: Object.fromEntries(
      shown.map(([name, field]) => [
        name,
        name === 'connector.class' ? { ...property(name, field), examples: names } : property(name, field),
      ]),
    ),
    required: shown.filter(([, field]) => field.default === undefined).map(([name]) => name),
    additionalProperties: { type: ['string', 'number', 'boolean'] },
  }
}

function property(name: string, field: ConfigField) {
  const { default_value: fallback, documentation, type } = definition(name, field)
  return {
    description: documentation,
    type: jsonTypes[type] ?? 'string',
    ...(fallback === null || type === 'PASSWORD' ? {} : { default: typed(field) }),
    ...(type === 'PASSWORD' ? { writeOnly: true } : {}),
  }
}

function typed(field: ConfigField): unknown {
  return Array.isArray(field.default) ? field.default.join(',') : field.default
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  mkdirSync(schemaFolder, { recursive: true })
  for (const [path, text] of await generated())
    if (text === null) rmSync(path)
    else writeFileSync(path, text)
}
