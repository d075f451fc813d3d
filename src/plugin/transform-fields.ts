/**
 * The properties that a configuration adds by naming transforms and predicates: `transforms.a.type` and the settings
 * of that class. Within an alias they stand as Connect sorts them (required first, then by importance and name), and
 * their validators speak of the setting without its prefix, as Connect's do.
 */
import type { ConfigField, ConfigFields, SubmittedConfig } from './config.ts'
import { chosenEntry, classField, versionField } from './class-field.ts'
import { boolean, string } from './fields.ts'
import { invalid, trimmed } from './parse-config.ts'
import type { Registry } from './registry.ts'

interface Chain {
  readonly key: 'transforms' | 'predicates'
  readonly kind: 'transformation' | 'predicate'
  readonly title: string
}

const chains: readonly Chain[] = [
  { key: 'transforms', kind: 'transformation', title: 'Transformation' },
  { key: 'predicates', kind: 'predicate', title: 'Predicate' },
]

/** Fields of all transforms and predicates that `raw` names. */
export async function transformFields(raw: SubmittedConfig, registry: Registry): Promise<ConfigFields> {
  const fields: Record<string, ConfigField> = {}
  for (const chain of chains)
    for (const alias of aliases(raw, chain.key))
      Object.assign(fields, await aliasFields(chain, alias, raw, registry))
  return fields
}

/** The aliases in a list property, each once. */
export function aliases(raw: SubmittedConfig, key: string): string[] {
  const text = trimmed(raw[key] ?? '')
  return text === '' ? [] : [...new Set(text.split(',').map(trimmed))]
}

async function aliasFields(
  chain: Chain,
  alias: string,
  raw: SubmittedConfig,
  registry: Registry,
): Promise<Record<string, ConfigField>> {
  const prefix = `${chain.key}.${alias}.`
  const group = `${chain.key === 'transforms' ? 'Transforms' : 'Predicates'}: ${alias}`
  const entry = chosenEntry(registry, chain.kind, raw, `${prefix}type`)
  const place = { importance: 'HIGH', group, width: 'LONG' } as const
  const fields: Record<string, ConfigField> = {
    [`${prefix}type`]: typeField(chain, alias, raw, registry, place),
    [`${prefix}plugin.version`]: versionField(entry, {
      ...place,
      doc: `The version of the ${chain.title.toLowerCase()} ${alias} that must be there.`,
      order: 1,
      displayName: `${chain.title} version for ${alias}`,
    }),
  }
  if (entry === null || entry.refused !== undefined) return fields
  const plugin = await registry.load(chain.kind, entry.javaClass)
  const settings: ConfigFields =
    chain.kind === 'transformation' ? { ...plugin.config, ...choice } : plugin.config
  let order = 2
  for (const [name, field] of sorted(settings)) fields[prefix + name] = embedded(name, field, group, order++)
  return fields
}

function typeField(
  chain: Chain,
  alias: string,
  raw: SubmittedConfig,
  registry: Registry,
  place: { importance: 'HIGH'; group: string; width: 'LONG' },
): ConfigField {
  const type = classField(chain.kind, registry, {
    ...place,
    doc: `The class of the ${chain.title.toLowerCase()} ${alias}.`,
    order: 0,
    displayName: `${chain.title} type for ${alias}`,
  })
  const own = `${chain.key}.${alias}.`
  if (
    chain.kind !== 'transformation' ||
    raw[`${own}negate`] === undefined ||
    raw[`${own}predicate`] !== undefined
  )
    return type
  return {
    ...type,
    validate: (value, name) =>
      type.validate?.(value, name) ?? [
        `Config '${own}negate' was provided but there is no config '${own}predicate' defining a predicate to be negated.`,
      ],
  }
}

/** What every transform has besides its own settings. */
const choice = {
  predicate: string({
    default: null,
    doc: 'Apply the transform only to records that this predicate is true for.',
  }),
  negate: boolean({ default: false, doc: 'Apply it only to records that the predicate is not true for.' }),
}

function embedded(name: string, field: ConfigField, group: string, order: number): ConfigField {
  const { validate } = field
  return {
    ...field,
    group,
    order,
    displayName: field.displayName ?? name,
    validate:
      validate === null
        ? null
        : (value) => {
            const finding = validate(value, name)
            return typeof finding === 'string' ? [invalid(name, field, value, finding)] : finding
          },
  }
}

const importances = ['HIGH', 'MEDIUM', 'LOW']

/** Connect's order of a definition: ungrouped first, then by group order, required, importance, name. */
function sorted(fields: ConfigFields): [string, ConfigField][] {
  const grouped = [...new Set(Object.values(fields).map((field) => field.group))].filter(
    (group) => group !== null,
  )
  const rank = (field: ConfigField) => (field.group === null ? -1 : grouped.indexOf(field.group))
  return Object.entries(fields)
    .filter(([, field]) => !field.internal)
    .sort(
      ([aName, a], [bName, b]) =>
        rank(a) - rank(b) ||
        a.order - b.order ||
        Number(a.default !== undefined) - Number(b.default !== undefined) ||
        importances.indexOf(a.importance) - importances.indexOf(b.importance) ||
        (aName < bName ? -1 : 1),
    )
}
