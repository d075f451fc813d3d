/**
 * Whether a datum is null, without decoding it: the first call of its `write` tells, and whatever would come after it
 * is cut off.
 */
import type { Datum, ValueWriter } from '#data'

/** Thrown to stop the writing; made once, so it costs no stack trace. */
const stop = { reason: 'the value is not null' }

function cut(): never {
  throw stop
}

const probe: ValueWriter = {
  null() {},
  boolean: cut,
  integer: cut,
  int64: cut,
  integerText: cut,
  float32: cut,
  float64: cut,
  string: cut,
  text: cut,
  bytes: cut,
  decimal: cut,
  decimalSafe: cut,
  beginStruct: cut,
  field: cut,
  endStruct: cut,
  beginArray: cut,
  element: cut,
  endArray: cut,
  beginMap: cut,
  entry: cut,
  entryValue: cut,
  endMap: cut,
  fixed: cut,
  pattern: cut,
}

export function isNull(datum: Datum): boolean {
  try {
    datum.write(probe)
    return true
  } catch (thrown) {
    if (thrown === stop) return false
    throw thrown
  }
}
