/** JSON whose numbers keep their text (`1.50`, integers of any size) and whose members keep their order. */

export class NumberText {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

export type Json = string | boolean | null | NumberText | Json[] | { [key: string]: Json }
export type Members = { [key: string]: Json }

export function parse(text: string): Json {
  const keep = (_key: string, value: unknown, context?: { readonly source?: string }): unknown =>
    typeof value === 'number' ? new NumberText(context?.source ?? String(value)) : value
  return JSON.parse(text, keep) as Json
}

export function compact(value: Json): string {
  if (value instanceof NumberText) return value.text
  if (Array.isArray(value)) return `[${value.map(compact).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  return `{${Object.entries(value)
    .map(([key, each]) => `${JSON.stringify(key)}:${compact(each)}`)
    .join(',')}}`
}
