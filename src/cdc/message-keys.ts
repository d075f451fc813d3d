/**
 * message.key.columns: which columns make the key of which tables.
 *
 *   rules := rule (';' rule)*        rule := table-regex ':' column (',' column)*
 *
 * The first rule whose expression matches the table counts; its columns stand in the key in the order of the rule.
 */
import { ConfigError } from '#errors'
import { namePattern } from './filter.ts'

export interface KeyRule {
  readonly table: RegExp
  readonly columns: readonly string[]
}

const property = 'message.key.columns'

export function parseKeyRules(text: string | null): readonly KeyRule[] {
  const rules = (text ?? '').split(';').filter((rule) => rule.trim() !== '')
  return rules.map((rule) => {
    const colon = rule.indexOf(':')
    const columns = rule
      .slice(colon + 1)
      .split(',')
      .map((column) => column.trim())
    if (colon <= 0 || columns.includes(''))
      throw new ConfigError(
        `Invalid value ${rule.trim()} for configuration ${property}: it must have the form table:column,column`,
      )
    return { table: namePattern(property, rule.slice(0, colon).trim()), columns }
  })
}

/** The key columns that a rule gives to the table, as far as the table has them; null: its own key counts. */
export function ruledKey(
  rules: readonly KeyRule[],
  table: string,
  columns: readonly string[],
): readonly string[] | null {
  const rule = rules.find((each) => each.table.test(table))
  if (rule === undefined) return null
  const present = rule.columns.flatMap((wanted) =>
    columns.filter((column) => column.toLowerCase() === wanted.toLowerCase()).slice(0, 1),
  )
  return present.length === 0 ? null : present
}
