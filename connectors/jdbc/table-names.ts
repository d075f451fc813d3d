/** From topics to tables. */
import { ConfigError, DataError } from '#errors'
import type { TableName } from '#sql'

/**
 * `schema.table`, parts in any of the usual quotes; `catalog.schema.table` loses its catalogue. As Confluent's sink
 * does, more than three parts keep the first two.
 */
export function parseTableName(text: string): { readonly name: TableName; readonly quoted: boolean } {
  const parts: string[] = []
  let quoted = false
  const form = /"((?:[^"]|"")+)"|`((?:[^`]|``)+)`|\[([^\]]+)\]|([^."`[\]]+)|(\.)/gy
  let at = 0
  for (let match = form.exec(text); match !== null; match = form.exec(text)) {
    const [, double, back, bracket, bare, dot] = match
    at = form.lastIndex
    if (dot !== undefined) continue
    quoted ||= bare === undefined
    parts.push(bare ?? double?.replaceAll('""', '"') ?? back?.replaceAll('``', '`') ?? bracket ?? '')
  }
  if (at !== text.length || parts.length === 0) throw new ConfigError(`'${text}' is no table name.`)
  if (parts.length === 1) return { name: { schema: null, table: parts[0] ?? '' }, quoted }
  const [first = '', second = '', third] = parts
  const pair = parts.length === 3 ? { schema: second, table: third ?? '' } : { schema: first, table: second }
  return { name: pair, quoted }
}

/** Aiven's `table.name.normalize`: whatever cannot stand in a name without quotes becomes an underscore. */
export function normalized(topic: string): string {
  return topic.replace(/[^a-zA-Z0-9_]/g, '_')
}

/** Aiven's `topics.to.tables.mapping`: `topic:table,…`. */
export function parseMapping(entries: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    entries.map((entry) => {
      const colon = entry.indexOf(':')
      if (colon < 1 || colon === entry.length - 1)
        throw new ConfigError(
          `Invalid value ${entry} in topics.to.tables.mapping: write topic:table,topic:table.`,
        )
      return [entry.slice(0, colon).trim(), entry.slice(colon + 1).trim()]
    }),
  )
}

/** `collection.name.format`: ${topic} with its dots as underscores, ${source.field} from an envelope. */
export function formatCollection(
  format: string,
  topic: string,
  source: ((field: string) => string | null) | null,
): string | null {
  let missing = false
  const text = format.replace(
    /\$\{(topic|source\.([^}]+))\}/g,
    (_, whole: string, field: string | undefined) => {
      if (whole === 'topic') return topic
      const value = field === undefined || source === null ? null : source(field)
      if (value === null) missing = true
      return value ?? ''
    },
  )
  if (missing) return null
  if (/\$\{/.test(text))
    throw new DataError(
      `The format '${format}' holds a placeholder that is neither \${topic} nor \${source.…}.`,
    )
  return text
}
