/**
 * Names that Avro allows: letters, digits and underscores, not beginning with a digit; names of schemas may have dots.
 * `avro` puts an underscore for whatever does not fit and before a leading digit, `avro_unicode` writes `_uXXXX`
 * (also for the underscore itself, so that no two names become one).
 */

export type NameAdjustment = 'none' | 'avro' | 'avro_unicode'

const fitting = { schema: /[A-Za-z0-9_.]/, field: /[A-Za-z0-9_]/ }

/** How the name of a schema or a field is made to fit. */
export function nameAdjustment(mode: NameAdjustment, what: 'schema' | 'field'): (name: string) => string {
  if (mode === 'none') return (name) => name
  const unicode = mode === 'avro_unicode'
  const unit = (char: string, index: number): string => {
    const leadingDigit = index === 0 && /[0-9]/.test(char)
    const fits = fitting[what].test(char) && !(unicode && char === '_') && !(index === 0 && char === '.')
    if (fits && !leadingDigit) return char
    if (unicode) return `_u${char.charCodeAt(0).toString(16).padStart(4, '0')}`
    return leadingDigit ? `_${char}` : '_'
  }
  return (name) => Array.from({ length: name.length }, (_, i) => unit(name[i] as string, i)).join('')
}
