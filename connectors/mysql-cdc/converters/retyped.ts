/** A type whose two readers, of query text and of the log, both give values of another schema. */
import { convertedType, namePatterns } from '#cdc'
import { scalar, type Schema, type SchemaOptions } from '#data'
import type { RawConfig } from '#plugin'
import type { MysqlColumnType } from '../column-types/column-type.ts'

export function retyped(
  base: MysqlColumnType,
  schema: Schema,
  convert: (value: unknown) => unknown,
  ofNull: unknown = null,
): MysqlColumnType {
  return {
    text: convertedType(base.text, schema, convert, ofNull),
    log: (column) => convertedType(base.log(column), schema, convert, ofNull),
  }
}

/** What is said of the column besides its type stays. */
export function schemaLike(
  base: Schema,
  type: 'boolean' | 'int16' | 'float32' | 'float64' | 'string',
  convert: (value: unknown) => unknown,
  options: SchemaOptions = {},
): Schema {
  const { optional, doc, parameters, hasDefault } = base
  return scalar(type, {
    optional,
    doc,
    parameters,
    ...(hasDefault && base.default !== null ? { default: convert(base.default) } : {}),
    ...options,
  })
}

/** Whether an option's list of expressions names a column; `unset` where there is no list. */
export function selector(
  options: RawConfig,
  name: string,
  option: string,
  unset: boolean,
): (path: string) => boolean {
  const patterns = namePatterns(`${name}.${option}`, options[option] ?? null)
  if (patterns === null) return () => unset
  return (path) => patterns.some((each) => each.test(path))
}
