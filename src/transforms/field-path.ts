/**
 * The name of a field as ExtractField reads it. V1: the whole text is one name. V2: dots descend; backticks around a
 * part keep its dots, and a backslash before a backtick that a dot or the end follows makes it an ordinary character.
 */
import { type Field, type Schema, Struct } from '#data'
import { ConfigError } from '#errors'
import { fieldValue } from './struct-change.ts'

export type FieldPath = readonly string[]

export function fieldPath(text: string, version: string): FieldPath {
  return version.toUpperCase() === 'V2' ? steps(text) : [text]
}

function steps(text: string): string[] {
  const found: string[] = []
  let at = 0
  do {
    if (text[at] === '`') {
      const end = closing(text, at + 1)
      found.push(text.slice(at + 1, end).replace(/\\`(?=\.)/g, '`'))
      at = end + 2
    } else {
      const dot = text.indexOf('.', at)
      found.push(text.slice(at, dot < 0 ? undefined : dot))
      at = dot < 0 ? text.length + 1 : dot + 1
    }
  } while (at <= text.length)
  return found
}

/** The backtick that ends a quoted part: a dot or the end follows, and no backslash comes before. */
function closing(text: string, from: number): number {
  for (let at = text.indexOf('`', from); at >= 0; at = text.indexOf('`', at + 1)) {
    const next = text[at + 1]
    if ((next === undefined || next === '.') && text[at - 1] !== '\\') return at
  }
  throw new ConfigError(
    `Incomplete backtick pair in path: [${text}], consider adding a backslash before the backtick`,
  )
}

/** The field at the end of the path, or null. */
export function fieldAt(schema: Schema, path: FieldPath): Field | null {
  let field: Field | undefined
  let inner = schema
  for (const name of path) {
    field = inner.field(name)
    if (field === undefined) return null
    inner = field.schema
  }
  return field ?? null
}

/** Its value in a struct or a map; null where something on the way is not there. */
export function valueAt(value: unknown, path: FieldPath, defaults: boolean): unknown {
  let inner = value
  for (const name of path) {
    if (inner instanceof Struct) {
      const field = inner.schema.field(name)
      inner = field === undefined ? null : fieldValue(inner, field.index, defaults)
    } else if (inner instanceof Map) inner = inner.get(name) ?? null
    else return null
  }
  return inner
}
