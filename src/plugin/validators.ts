/** What a property's value must be like, with Connect's reasons. Validators combine with `all`. */
import type { Finding, Validator } from './config.ts'
import { javaRegex } from './java-regex.ts'
import { messageOf } from '#errors'

/** At least `min`. */
export function atLeast(min: number): Validator<number> {
  return (value) => {
    if (value === null) return 'Value must be non-null'
    return value < min ? `Value must be at least ${min}` : null
  }
}

/** From `min` to `max`, both included. */
export function between(min: number, max: number): Validator<number> {
  const low = atLeast(min)
  return (value, name) =>
    low(value, name) ?? (value !== null && value > max ? `Value must be no more than ${max}` : null)
}

export function oneOf(...allowed: readonly string[]): Validator<string> {
  return (value) =>
    value !== null && allowed.includes(value) ? null : `String must be one of: ${allowed.join(', ')}`
}

/** The reason lists the values as they are given here: Connect's own settings list them in capitals. */
export function oneOfIgnoringCase(...allowed: readonly string[]): Validator<string> {
  const folded = new Set(allowed.map((each) => each.toLowerCase()))
  return (value) =>
    value !== null && folded.has(value.toLowerCase())
      ? null
      : `String must be one of (case insensitive): ${allowed.join(', ')}`
}

/** Not the empty text; an absent value passes. */
export const nonEmpty: Validator<string> = (value) => (value === '' ? 'String must be non-empty' : null)

/** A connector's name: not empty, no control characters. */
export const nameLike: Validator<string> = (value) => {
  if (value === null) return null
  if (value === '') return 'String may not be empty'
  const controls = [...value]
    .map((char) => char.codePointAt(0) ?? 0)
    .filter((code) => code < 32 || (code >= 127 && code < 160))
  return controls.length === 0
    ? null
    : `String may not contain control sequences but had the following ASCII chars: ${controls.join(', ')}`
}

/** A regular expression of Java's. */
export const regex: Validator<string> = (value) => {
  if (value === null) return 'Invalid regex: null'
  try {
    javaRegex(value)
    return null
  } catch (error) {
    return `Invalid regex: ${messageOf(error)}`
  }
}

/** Aliases of transforms, predicates and topic creation groups: each once. */
export const uniqueAliases: Validator<readonly string[]> = (value) =>
  value !== null && new Set(value).size < value.length ? 'Duplicate alias provided.' : null

/** A list without empty or repeated entries (the list itself may be empty). */
export const distinct: Validator<readonly string[]> = (value, name) => {
  if (value === null) return [`Configuration '${name}' values must not be null.`]
  if (value.includes('')) return [`Configuration '${name}' values must not be empty.`]
  if (new Set(value).size < value.length) return [`Configuration '${name}' values must not be duplicated.`]
  return null
}

/** As `distinct`, and at least one entry. */
export const distinctNonEmpty: Validator<readonly string[]> = (value, name) =>
  value !== null && value.length === 0
    ? [`Configuration '${name}' must not be empty. Valid values include: any non-empty value`]
    : distinct(value, name)

/** The first finding of several validators. */
export function all<T>(...validators: readonly Validator<T>[]): Validator<T> {
  return (value, name) => {
    for (const validate of validators) {
      const finding: Finding | null = validate(value, name)
      if (finding !== null) return finding
    }
    return null
  }
}
