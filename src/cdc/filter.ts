/**
 * Include and exclude lists: Java regular expressions, separated by commas (`\,` is a comma within one), each
 * matching the whole name in any case. An absent list lets everything through; with both, include comes first.
 */
import { ConfigError, messageOf } from '#errors'
import { javaRegex } from '#plugin'

export type NameFilter = (name: string) => boolean

/** The entries of a list, blanks around them dropped. */
export function listEntries(text: string | null): readonly string[] {
  if (text === null) return []
  return text
    .split(/(?<!\\),/)
    .map((entry) => entry.replaceAll('\\,', ',').trim())
    .filter((entry) => entry !== '')
}

/** The expressions of a list; null where there is none. What is no expression is a ConfigError that names the property. */
export function namePatterns(property: string, text: string | null): readonly RegExp[] | null {
  const entries = listEntries(text)
  if (entries.length === 0) return null
  return entries.map((entry) => namePattern(property, entry))
}

export function namePattern(property: string, entry: string): RegExp {
  try {
    return javaRegex(entry, { whole: true, ignoreCase: true })
  } catch (error) {
    throw new ConfigError(
      `Invalid value ${entry} for configuration ${property}: it is no regular expression: ${messageOf(error)}`,
    )
  }
}

export interface NameLists {
  readonly includeProperty: string
  readonly include: string | null
  readonly excludeProperty: string
  readonly exclude: string | null
}

export function nameFilter(lists: NameLists): NameFilter {
  const include = namePatterns(lists.includeProperty, lists.include)
  const exclude = namePatterns(lists.excludeProperty, lists.exclude)
  if (include === null && exclude === null) return () => true
  return (name) =>
    (include === null || include.some((each) => each.test(name))) &&
    (exclude === null || !exclude.some((each) => each.test(name)))
}
