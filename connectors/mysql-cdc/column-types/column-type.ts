/**
 * The type table: from a column as its table's definition declares it to its announced schema and its readers
 * (invariant 6: snapshot and stream use the same one).
 */
import type { CellReader, ColumnType } from '#cdc'
import { ConfigError, DecodeError } from '#errors'
import type { LogColumn } from '../decode/table-map.ts'
import { eventColumnName } from '../decode/log-columns.ts'
import { binaryType } from './binaries.ts'
import { bitType } from './bits.ts'
import { canonicalType, type DeclaredColumn } from './declared-column.ts'
import { decimalType } from './decimals.ts'
import { doubleType, floatType, realType } from './floats.ts'
import { geometryType, pointType } from './geometry.ts'
import { booleanType, integerType } from './integers.ts'
import { jsonType } from './json.ts'
import { enumType, setType } from './labels.ts'
import { inet4Type, inet6Type, uuidType } from './network.ts'
import type { TypeOptions } from './options.ts'
import { dateType, datetimeType, type TemporalColumn, timestampType, timeType } from './temporal.ts'
import { textType } from './texts.ts'
import { refuseWith, type ValueType } from './value-type.ts'
import { vectorType } from './vectors.ts'
import { yearType } from './year.ts'

/** One column's two column types, which share everything but their readers. */
export interface MysqlColumnType {
  /** Of rows that a query gave. */
  readonly text: ColumnType
  /** Of rows of the log that are laid out so; throws if the declared type cannot be. */
  log(column: LogColumn): ColumnType
}

/** What else the schema says of the column. */
export interface Remarks {
  /** Added to those of its type (column.propagate.source.type). */
  readonly parameters?: Readonly<Record<string, string>>
  /** The column's comment (include.schema.comments). */
  readonly doc?: string
}

export function columnType(
  column: DeclaredColumn,
  options: TypeOptions,
  remarks: Remarks = {},
): MysqlColumnType {
  const type = valueType(column, options)
  const known = column.default === null ? undefined : type.defaultOf(column.default)
  const schema = type.schema.with({
    optional: column.optional || type.alwaysOptional === true,
    ...(known === undefined ? {} : { default: known }),
    ...(remarks.doc === undefined ? {} : { doc: remarks.doc }),
    ...(remarks.parameters === undefined
      ? {}
      : { parameters: { ...type.schema.parameters, ...remarks.parameters } }),
  })
  const fallback = known === undefined ? type.zero : known
  const withReader = (read: CellReader): ColumnType => ({
    schema,
    read,
    fallback,
    unavailable: type.unavailable,
  })
  return {
    text: withReader(type.readText),
    log: (logged) => {
      const read = type.readLog(logged)
      if (read === null) throw contradiction(column, logged)
      return withReader(read)
    },
  }
}

function contradiction(column: DeclaredColumn, logged: LogColumn): DecodeError {
  return new DecodeError(
    `Column ${column.name} is declared as ${column.declaredType}, but its rows in the log are laid out as ${eventColumnName(logged)}.`,
    {
      remedy:
        'The schema history does not fit the log: take a new one with snapshot.mode=recovery, or a new snapshot.',
    },
  )
}

type MakeType = (column: DeclaredColumn, options: TypeOptions) => ValueType

const text: MakeType = ({ charset }, options) => textType(charset, options)
const binary: MakeType = (_, options) => binaryType(0, options)
const geometry: MakeType = () => geometryType
const temporal =
  (make: (column: TemporalColumn) => ValueType): MakeType =>
  ({ length, optional }, options) =>
    make({
      digits: length ?? 0,
      optional,
      options,
      refuse: refuseWith(optional && options.unrepresentable === 'null'),
    })

/** All types but the integers. */
const makers = new Map<string, MakeType>([
  ['BOOLEAN', () => booleanType],
  ['DECIMAL', ({ length, scale }, options) => decimalType(length ?? 10, scale ?? 0, options)],
  ['FLOAT', ({ length, scale }) => floatType(length, scale)],
  ['DOUBLE', () => doubleType],
  ['REAL', () => realType],
  ['BIT', ({ length }) => bitType(length ?? 1)],
  ['YEAR', (_, options) => yearType(options)],
  ['DATE', temporal(dateType)],
  ['TIME', temporal(timeType)],
  ['DATETIME', temporal(datetimeType)],
  ['TIMESTAMP', temporal(timestampType)],
  ...['CHAR', 'VARCHAR', 'TINYTEXT', 'TEXT', 'MEDIUMTEXT', 'LONGTEXT'].map((name) => [name, text] as const),
  ['BINARY', ({ length }, options) => binaryType(length ?? 1, options)],
  ...['VARBINARY', 'TINYBLOB', 'BLOB', 'MEDIUMBLOB', 'LONGBLOB'].map((name) => [name, binary] as const),
  ['ENUM', ({ labels }, options) => enumType(labels, options)],
  ['SET', ({ labels }, options) => setType(labels, options)],
  ['JSON', ({ charset }, options) => jsonType(charset, options)],
  ['POINT', () => pointType],
  ...['GEOMETRY', 'LINESTRING', 'POLYGON', 'GEOMETRYCOLLECTION'].map((name) => [name, geometry] as const),
  ...['MULTIPOINT', 'MULTILINESTRING', 'MULTIPOLYGON'].map((name) => [name, geometry] as const),
  ['VECTOR', () => vectorType],
  ['UUID', (_, options) => uuidType(options)],
  ['INET4', (_, options) => inet4Type(options)],
  ['INET6', (_, options) => inet6Type(options)],
])

function valueType(column: DeclaredColumn, options: TypeOptions): ValueType {
  const { type, unsigned } = canonicalType(column.declaredType)
  const integer = integerType(type, unsigned, options)
  if (integer !== null) return integer
  const make = makers.get(type)
  if (make === undefined)
    throw new ConfigError(`Column ${column.name} has the type ${column.declaredType}, which is not known.`, {
      remedy: 'Leave the column out with column.exclude.list.',
    })
  return make(column, options)
}
