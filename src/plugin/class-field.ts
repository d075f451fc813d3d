/**
 * Properties that choose a plugin (`key.converter`, `transforms.a.type`) and its version. The value is shown as the
 * Java class, whatever name was given; names that are not known, of another kind or abstract get Connect's messages.
 */
import type { ConfigField, RawConfig, SubmittedConfig } from './config.ts'
import { type FieldSpec, javaClass, string } from './fields.ts'
import { trimmed } from './parse-config.ts'
import type { PluginKind } from './plugin.ts'
import { interfaceOf, type PluginEntry, type Registry } from './registry.ts'
import { versionMatches } from './version-range.ts'

/** A CLASS property for a plugin of that kind. */
export function classField(
  kind: PluginKind,
  registry: Registry,
  spec: Omit<FieldSpec<string>, 'validate' | 'recommended'>,
): ConfigField {
  const base = javaClass({ ...spec, recommended: registry.classes(kind) })
  return {
    ...base,
    read: (text) => {
      const entry = registry.find(kind, text) ?? registry.findAny(text)
      if (entry?.refused !== undefined) return { problem: entry.refused }
      if (entry !== null) return { value: entry.javaClass }
      if (nested(text, kind, registry).length > 0) return { value: text }
      return { problem: `Class ${text} could not be found.` }
    },
    validate: (value: unknown) => {
      if (typeof value !== 'string' || registry.find(kind, value) !== null) return null
      const other = registry.findAny(value)
      if (other !== null)
        return [`Class class ${other.javaClass} does not implement the ${interfaceOf(kind)} interface`]
      const meant = nested(value, kind, registry)
      return [`This class is abstract and cannot be created. Did you mean ${meant.join(', ')}?`]
    },
  }
}

/** `InsertField` is abstract, `InsertField$Key` and `InsertField$Value` are what one can use. */
function nested(javaClass: string, kind: PluginKind, registry: Registry): string[] {
  return registry.classes(kind).filter((each) => each.startsWith(`${javaClass}$`))
}

/** The `….plugin.version` that stands beside a CLASS property: the version of the class, or a range with it in. */
export function versionField(
  chosen: PluginEntry | null,
  spec: Omit<FieldSpec<string>, 'validate' | 'recommended' | 'default'>,
): ConfigField {
  return string({
    ...spec,
    default: chosen?.version ?? null,
    recommended: chosen === null ? [] : [chosen.version],
    validate: (value) => (chosen === null || value === null ? null : versionProblem(chosen, value)),
  })
}

function versionProblem(chosen: PluginEntry, range: string): readonly string[] | null {
  if (versionMatches(chosen.version, range)) return null
  const shown = /^[[(]/.test(range) ? range : `[${range},${range}]`
  return [
    `Plugin ${chosen.javaClass} not found that matches the version range ${shown}, ` +
      `available versions: [${chosen.version}]`,
  ]
}

/** The entry that a configuration chooses with this key, or null. */
export function chosenEntry(
  registry: Registry,
  kind: PluginKind,
  raw: SubmittedConfig | RawConfig,
  key: string,
): PluginEntry | null {
  const name = raw[key]
  return name === undefined || name === null ? null : registry.find(kind, trimmed(name))
}
