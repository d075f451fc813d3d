/**
 * The sheet that a configuration's validation fills in: one row per property, in the order of the answer. Rows of
 * properties that nothing defines come first, as in Connect.
 */
import { type ConfigField, type ConfigFields, type ConfigValue, definition, groups } from '#plugin'
import type { ConfigInfo, ConfigInfos } from '../herder.ts'

interface Row {
  readonly field: ConfigField | null
  value: string | null
  readonly recommended: readonly string[]
  readonly errors: string[]
  visible: boolean
}

export class Sheet {
  readonly #rows = new Map<string, Row>()
  readonly #groups = new Set<string>()

  /** Adds rows, or replaces those of the same names in their place. */
  define(fields: ConfigFields, values: readonly ConfigValue[]): void {
    for (const group of groups(fields)) this.#groups.add(group)
    for (const { name, value, errors, recommended } of values) {
      const field = fields[name] ?? null
      // Internal properties are not listed, but what is wrong with one is said.
      if (field?.internal === true && errors.length === 0) continue
      this.#rows.set(name, {
        field: field?.internal === true ? null : field,
        value,
        recommended,
        errors: [...errors],
        visible: true,
      })
    }
  }

  /** A row without a definition, unless there is one of that name. */
  note(name: string, value: string | null): void {
    if (!this.#rows.has(name))
      this.#rows.set(name, { field: null, value, recommended: [], errors: [], visible: true })
  }

  addError(name: string, message: string): void {
    this.note(name, null)
    this.#rows.get(name)?.errors.push(message)
  }

  errors(name: string): readonly string[] {
    return this.#rows.get(name)?.errors ?? []
  }

  value(name: string): string | null {
    return this.#rows.get(name)?.value ?? null
  }

  /** Marks a row as one that a form need not show. */
  hide(name: string): void {
    const row = this.#rows.get(name)
    if (row !== undefined) row.visible = false
  }

  remove(names: readonly string[]): void {
    for (const name of names) this.#rows.delete(name)
  }

  get groups(): string[] {
    return [...this.#groups]
  }

  /** The rows as they go over the wire; `prefix` stands before their names. */
  infos(prefix = ''): ConfigInfo[] {
    const all = [...this.#rows]
    const ordered = [
      ...all.filter(([, row]) => row.field === null),
      ...all.filter(([, row]) => row.field !== null),
    ]
    return ordered.map(([name, row]) => info(prefix, name, row))
  }
}

function info(prefix: string, name: string, { field, value, recommended, errors, visible }: Row): ConfigInfo {
  return {
    definition: field === null ? null : { ...definition(name, field), name: prefix + name },
    value: { name: prefix + name, value, recommended_values: recommended, errors, visible },
  }
}

/** Several sections put together: the connector's sheet, then overrides, then converters. */
export function answer(
  name: string,
  groups: readonly string[],
  sections: readonly (readonly ConfigInfo[])[],
): ConfigInfos {
  const configs = sections.flat()
  const errors = configs.reduce((count, { value }) => count + value.errors.length, 0)
  return { name, error_count: errors, groups, configs }
}
