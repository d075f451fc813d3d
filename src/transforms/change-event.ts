/** How Debezium's transforms tell what comes to them: by the names of schemas. */
import { type ConnectRecord, Struct } from '#data'

/** The change event in a record's value; null where it holds something else, or nothing. */
export function changeEvent({ value }: ConnectRecord): Struct | null {
  if (value.schema?.name?.endsWith('.Envelope') !== true) return null
  const held = value.value()
  return held instanceof Struct ? held : null
}

/** A struct in a field of a struct; null where it is null, or not there. */
export function structIn(outer: Struct, field: string): Struct | null {
  const held = outer.raw(field)
  return held instanceof Struct ? held : null
}
