/** What transforms ask of a value, and Connect's words where it is not so. */
import { type Schema, Struct } from '#data'
import { ConnectError, DataError } from '#errors'
import { javaClassOf } from '#plugin'

/** A field that is asked for and is not there. */
export class UnknownFieldError extends ConnectError {
  override readonly javaClass = 'java.lang.IllegalArgumentException'
  override readonly name = 'UnknownFieldError'
}

export function requireStruct(value: unknown, schema: Schema | null, purpose: string): Struct {
  if (value instanceof Struct) return value
  throw new DataError(`Only Struct objects supported for [${purpose}], found: ${javaClassOf(value, schema)}`)
}

export function requireMap(value: unknown, purpose: string): ReadonlyMap<unknown, unknown> {
  if (value instanceof Map) return value
  throw new DataError(
    `Only Map objects supported in absence of schema for [${purpose}], found: ${javaClassOf(value, null)}`,
  )
}
