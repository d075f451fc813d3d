/**
 * Value converters: they announce and read certain columns in a way of their own, keys as well as values. A connector
 * has those of Debezium's that are made for its database.
 */
import { type Schema, StructWriter, writeValue } from '#data'
import { messageOf } from '#errors'
import type { ConfigProblem, RawConfig } from '#plugin'
import type { ColumnType } from './column.ts'
import { namedParts, type PartClass, partProblems } from './named-parts.ts'

/**
 * The type of a column, or null: it is not the converter's. `path` is the column's name as filters have it, `make`
 * gives the type that a column would have without converters.
 */
export type ColumnConverter<C, T> = (path: string, column: C, make: (column: C) => T) => T | null

export interface ConverterClass<C, T> extends PartClass {
  /** `name` is the converter's in the configuration, for errors. Throws a ConfigError. */
  create(options: RawConfig, name: string): ColumnConverter<C, T>
}

/** All converters of a configuration as one: of several that take a column the first one counts. */
export function columnConverter<C, T>(
  config: RawConfig,
  known: readonly ConverterClass<C, T>[],
): ColumnConverter<C, T> {
  const all = namedParts(config, 'converters', known).map(({ part, options, name }) =>
    part.create(options, name),
  )
  return (path, column, make) => {
    for (const each of all) {
      const type = each(path, column, make)
      if (type !== null) return type
    }
    return null
  }
}

export function converterProblems<C, T>(
  config: RawConfig,
  known: readonly ConverterClass<C, T>[],
): readonly ConfigProblem[] {
  const problems = partProblems(config, 'converters', known)
  if (problems.length > 0) return problems
  try {
    columnConverter(config, known)
    return []
  } catch (error) {
    return [{ field: 'converters', message: messageOf(error) }]
  }
}

/** The value of one cell. */
export function cellValue(type: ColumnType, bytes: Uint8Array, from: number, to: number): unknown {
  const writer = new StructWriter(type.schema)
  type.read(bytes, from, to, writer)
  return writer.result
}

/**
 * A type whose values are made of another one's. `convert` gets no null.
 * @param ofNull stands for null; null: it stays, or is the fallback where the schema allows none
 */
export function convertedType(
  type: ColumnType,
  schema: Schema,
  convert: (value: unknown) => unknown,
  ofNull: unknown = null,
): ColumnType {
  const orNull = (value: unknown) => (value === null || value === undefined ? null : convert(value))
  const fallback = ofNull ?? orNull(type.fallback)
  const stand = ofNull ?? (schema.optional ? null : fallback)
  return {
    schema,
    read: (bytes, from, to, writer) =>
      writeValue(schema, orNull(cellValue(type, bytes, from, to)) ?? stand, writer),
    fallback,
    unavailable: orNull(type.unavailable),
    ...(ofNull === null ? {} : { ofNull }),
  }
}
