/** JSON laid out and escaped as Debezium's documents are: two blanks, ` : `, lists on one line but for their objects. */

export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [name: string]: Json | undefined }

export function prettyJson(value: Json, indent = ''): string {
  if (typeof value === 'string') return jsonText(value)
  if (typeof value !== 'object' || value === null) return String(value)
  if (isList(value)) {
    if (value.length === 0) return '[ ]'
    return `[ ${value.map((item) => prettyJson(item, indent)).join(', ')} ]`
  }
  const inner = `${indent}  `
  const fields = Object.entries(value).filter(([, field]) => field !== undefined)
  if (fields.length === 0) return '{ }'
  const lines = fields.map(
    ([name, field]) => `${inner}${jsonText(name)} : ${prettyJson(field as Json, inner)}`,
  )
  return `{\n${lines.join(',\n')}\n${indent}}`
}

function isList(value: object): value is readonly Json[] {
  return Array.isArray(value)
}

/** On one line, without blanks. */
export function plainJson(value: Json): string {
  return withCapitals(JSON.stringify(value))
}

function jsonText(text: string): string {
  return withCapitals(JSON.stringify(text))
}

/** Control characters with capital digits. */
function withCapitals(json: string): string {
  return json.includes('\\u') ? json.replaceAll(/\\(?:u00([0-9a-f]{2})|[\s\S])/g, upperEscape) : json
}

function upperEscape(found: string, digits: string | undefined): string {
  return digits === undefined ? found : `\\u00${digits.toUpperCase()}`
}
