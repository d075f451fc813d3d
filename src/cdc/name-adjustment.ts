/**
 * Names that Avro allows: letters, digits and underscores, not beginning with a digit; names of schemas may have dots.
 * `avro` puts an underscore for whatever does not fit and before a leading digit, `avro_unicode` writes `_uXXXX`
 * (also for the underscore itself, so that no two names become one).
 */
import { ConfigError } from '#errors'

export type NameAdjustment = 'none' | 'avro' | 'avro_unicode'

export interface NameAdjuster {
  readonly schema: (name: string) => string
  readonly field: (name: string) => string
}

export function nameAdjuster(schemas: NameAdjustment, fields: NameAdjustment): NameAdjuster {
  return { schema: adjusting(schemas, /[A-Za-z0-9_.]/), field: adjusting(fields, /[A-Za-z0-9_]/) }
}

function adjusting(mode: NameAdjustment, allowed: RegExp): (name: string) => string {
  if (mode === 'none') return (name) => name
  const unicode = mode === 'avro_unicode'
  const unit = (char: string, index: number): string => {
    const leadingDigit = index === 0 && /[0-9]/.test(char)
    const fits = allowed.test(char) && !(unicode && char === '_') && !(index === 0 && char === '.')
    if (fits && !leadingDigit) return char
    if (unicode) return `_u${char.charCodeAt(0).toString(16).padStart(4, '0')}`
    return leadingDigit ? `_${char}` : '_'
  }
  return (name) => Array.from({ length: name.length }, (_, i) => unit(name[i] as string, i)).join('')
}

/** Refuses two columns of a table that would become one field. */
export function distinctFields(
  table: string,
  columns: readonly string[],
  adjust: (name: string) => string,
): void {
  const taken = new Map<string, string>()
  for (const column of columns) {
    const field = adjust(column)
    const other = taken.get(field)
    if (other !== undefined && other !== column)
      throw new ConfigError(
        `field.name.adjustment.mode: the columns "${other}" and "${column}" of ${table} both become the field ${field}.`,
        { remedy: 'Leave one of them out with column.exclude.list, or choose avro_unicode.' },
      )
    taken.set(field, column)
  }
}
