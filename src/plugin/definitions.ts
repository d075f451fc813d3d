/** A plugin's fields as the definition objects of `GET /connector-plugins/…/config`, in Connect's key order. */
import type { ConfigField, ConfigFields, FieldType, Importance, Width } from './config.ts'
import { shown } from './parse-config.ts'

export interface Definition {
  readonly name: string
  readonly type: FieldType
  readonly required: boolean
  readonly default_value: string | null
  readonly importance: Importance
  readonly documentation: string
  readonly group: string | null
  readonly order_in_group: number
  readonly width: Width
  readonly display_name: string
  readonly dependents: readonly string[]
}

export function definition(name: string, field: ConfigField): Definition {
  return {
    name,
    type: field.type,
    required: field.default === undefined,
    default_value: shown(field, field.default),
    importance: field.importance,
    documentation: field.documentation,
    group: field.group,
    order_in_group: field.order,
    width: field.width,
    display_name: field.displayName ?? name,
    dependents: field.dependents,
  }
}

/** Internal fields are accepted and honoured, but not listed. */
export function definitions(fields: ConfigFields): Definition[] {
  return Object.entries(fields)
    .filter(([, field]) => !field.internal)
    .map(([name, field]) => definition(name, field))
}

/** The groups of these fields in the order of their first appearance, as `config/validate` lists them. */
export function groups(fields: ConfigFields): string[] {
  const named = Object.values(fields).map((field) => field.group)
  return [...new Set(named.filter((group) => group !== null))]
}
