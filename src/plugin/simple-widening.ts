/** One schema for the items of a guessed array or map: numbers widen, everything else has to be of one type. */
import { javaFloat, type Schema, scalar } from '#data'

interface Item {
  readonly schema: Schema | null
  readonly value: unknown
}

const numbers = ['int8', 'int16', 'int32', 'int64', 'float32', 'float64']
const float64 = scalar('float64')

/** The schema that all items fit, optional where one of them is null; null where there is none. */
export function commonSchema(items: readonly Item[]): Schema | null {
  let common: Schema | null = null
  for (const { schema, value } of items) {
    if (value === null) continue
    if (schema === null) return null
    const next: Schema | null = common === null ? schema : wider(common, schema)
    if (next === null) return null
    common = next
  }
  return common !== null && items.some((item) => item.value === null)
    ? common.with({ optional: true })
    : common
}

function wider(a: Schema, b: Schema): Schema | null {
  const left = a.name === null ? numbers.indexOf(a.type) : -1
  const right = b.name === null ? numbers.indexOf(b.type) : -1
  if (left >= 0 && right >= 0) {
    const [wide, narrow] = left >= right ? [a, b] : [b, a]
    // A 32-bit float does not hold every larger integer.
    return wide.type === 'float32' && (narrow.type === 'int32' || narrow.type === 'int64') ? float64 : wide
  }
  const same = a.type === b.type && a.name === b.name && a.type !== 'array' && a.type !== 'map'
  return same ? a : null
}

/** An item's value in the form of the common schema. */
export function widened({ schema, value }: Item, common: Schema | null): unknown {
  if (common === null) return freeForm(value)
  if (common.name !== null) return value
  if (common.type === 'int64' && typeof value === 'number') return BigInt(value)
  if (common.type === 'float32' || common.type === 'float64') {
    if (typeof value === 'bigint') return Number(value)
    if (schema?.type === 'float32' && common.type === 'float64') return Number(javaFloat(value as number))
  }
  return value
}

/** The form of values without a schema: whole numbers are bigint. */
function freeForm(value: unknown): unknown {
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : value
  if (Array.isArray(value)) return value.map(freeForm)
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [freeForm(key), freeForm(item)]))
  return value
}
