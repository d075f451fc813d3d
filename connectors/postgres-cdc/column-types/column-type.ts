/**
 * The type table: from a column as the catalogue describes it to its announced schema and its reader (invariant 6:
 * snapshot and stream use the same one). Domains are what they are based on, with the modifier that they give it.
 */
import { createHash } from 'node:crypto'
import type { ColumnType } from '#cdc'
import { arrayType, spacedVectorType } from './arrays.ts'
import { byteaType, unknownType } from './binary.ts'
import { bitArrayType, bitType } from './bits.ts'
import type { PgColumn, PgType, TypeCatalog } from './catalog.ts'
import { defaultValue } from './default-expression.ts'
import { float4, float8 } from './floats.ts'
import { geographyType, geometricText, geometryType, pointType } from './geometry.ts'
import { hstoreType } from './hstore.ts'
import { bool, int2, int4, int8, oid } from './integers.ts'
import { intervalType } from './interval.ts'
import { moneyType, numericType } from './numeric.ts'
import type { TypeOptions } from './options.ts'
import { dateType, timestampType, timestampWithZoneType, timeType, timeWithZoneType } from './temporal.ts'
import { enumType, textType } from './texts.ts'
import { type Refuse, refuseWith, type ValueType } from './value-type.ts'
import { vectorType } from './vectors.ts'

/**
 * How the column is announced and read; null if its type has no mapping and unknown ones are not asked for: then it is
 * not captured. `parameters` are added to those of its schema (column.propagate.source.type).
 */
export function columnType(
  column: PgColumn,
  catalog: TypeCatalog,
  options: TypeOptions,
  parameters: Readonly<Record<string, string>> = {},
): ColumnType | null {
  const { type, modifier, notNull } = resolve(column, catalog)
  const nullable = !column.notNull && !notNull
  const refuse = refuseWith(column.name, nullable && options.unrepresentable === 'null')
  const context = { catalog, options, column: column.name, refuse }
  const found = type === undefined ? unmapped(undefined, context) : valueType(type, modifier, context)
  if (found === null) return null
  const known = defaultOf(column, catalog, found)
  const schema = found.schema.with({
    optional: nullable || found.alwaysOptional === true,
    ...(known === undefined ? {} : { default: known }),
    ...(Object.keys(parameters).length === 0
      ? {}
      : { parameters: { ...found.schema.parameters, ...parameters } }),
  })
  return {
    schema,
    read: found.read,
    fallback: known === undefined ? found.zero : known,
    unavailable: found.unavailable,
  }
}

interface Resolved {
  /** undefined: not in the catalogue (any more). */
  readonly type: PgType | undefined
  readonly modifier: number
  /** By one of its domains. */
  readonly notNull: boolean
}

/** The base type behind domains. */
function resolve(column: PgColumn, catalog: TypeCatalog): Resolved {
  let type = catalog.get(column.typeOid)
  let modifier = column.typeModifier
  let notNull = false
  while (type !== undefined && type.kind === 'd') {
    notNull ||= type.notNull
    if (type.baseModifier !== -1) modifier = type.baseModifier
    type = catalog.get(type.base)
  }
  return { type, modifier, notNull }
}

/** Debezium announces no default for columns of domains, and none for those that the server fills itself. */
function defaultOf(column: PgColumn, catalog: TypeCatalog, type: ValueType): unknown {
  const { defaultExpression, generated, identity } = column
  if (defaultExpression === null || generated || identity) return undefined
  return catalog.get(column.typeOid)?.kind === 'd' ? undefined : defaultValue(type, defaultExpression)
}

interface Context {
  readonly catalog: TypeCatalog
  readonly options: TypeOptions
  readonly column: string
  readonly refuse: Refuse
}

function valueType(type: PgType, modifier: number, context: Context): ValueType | null {
  if (type.element !== 0) return arrayOf(type, modifier, context)
  return knownType(type, modifier, context) ?? unmapped(type, context)
}

/** The bytes of its text, where include.unknown.datatypes asks for types without a mapping. */
function unmapped(type: PgType | undefined, { options }: Context): ValueType | null {
  if (!options.includeUnknown) return null
  return unknownType(options, type?.schema === 'pg_catalog' ? geometricText(type.name) : null)
}

function knownType(type: PgType, modifier: number, context: Context): ValueType | null {
  const { options, refuse } = context
  if (type.kind === 'e') return enumType(type.labels, options)
  if (type.schema === 'pg_catalog')
    return builtInType(type.name, modifier, options, refuse) ?? textType(type.name, true, options)
  if (type.kind !== 'b') return null
  switch (type.name) {
    case 'hstore':
      return hstoreType(options)
    case 'geometry':
      return geometryType
    case 'geography':
      return geographyType
    default:
      return vectorType(type.name, refuse) ?? textType(type.name, false, options)
  }
}

function builtInType(name: string, modifier: number, options: TypeOptions, refuse: Refuse): ValueType | null {
  switch (name) {
    case 'bool':
      return bool
    case 'int2':
      return int2
    case 'int4':
      return int4
    case 'int8':
      return int8
    case 'oid':
      return oid
    case 'float4':
      return float4
    case 'float8':
      return float8
    case 'numeric':
      return numericType(modifier, options, refuse)
    case 'money':
      return moneyType(options)
    case 'bit':
    case 'varbit':
      return bitType(modifier)
    case 'bytea':
      return byteaType(options)
    case 'date':
      return dateType(options)
    case 'time':
      return timeType(modifier, options)
    case 'timetz':
      return timeWithZoneType()
    case 'timestamp':
      return timestampType(modifier, options, refuse)
    case 'timestamptz':
      return timestampWithZoneType(modifier)
    case 'interval':
      return intervalType(options)
    case 'point':
      return pointType
    default:
      return null
  }
}

/** Arrays that Debezium leaves out, whatever include.unknown.datatypes says. */
const absentItems = new Set(['money', 'name', 'interval', 'varbit', 'xml', 'point', 'refcursor'])

function arrayOf(type: PgType, modifier: number, context: Context): ValueType | null {
  const { catalog, options, refuse } = context
  const element = catalog.get(type.element)
  if (element === undefined) return null
  const builtIn = element.schema === 'pg_catalog'
  if (builtIn && absentItems.has(element.name)) return null
  if (builtIn && element.name === 'bit') return bitArrayType(modifier, refuse)
  const refuseItem = refuseWith(context.column, options.unrepresentable === 'null')
  // The items of an array of domains have no mapping, as those of composite types.
  const known =
    element.element === 0 ? knownType(element, modifier, { ...context, refuse: refuseItem }) : null
  const item = known ?? unmapped(element, context)
  if (item === null) return null
  if (builtIn && (type.name === 'oidvector' || type.name === 'int2vector')) return spacedVectorType(item)
  const delimiter = builtIn && element.name === 'box' ? 0x3b : 0x2c
  const unavailable = builtIn ? arrayPlaceholder(element.name, item, options) : null
  return arrayType({ item, refuse, refuseItem, delimiter, unavailable })
}

/** What stands for an unchanged array: one item, or for numbers the placeholder's bytes. null for all other arrays. */
function arrayPlaceholder(element: string, item: ValueType, options: TypeOptions): unknown {
  const bytes = Buffer.from(options.placeholder)
  const signed = [...new Int8Array(bytes)]
  switch (element) {
    case 'text':
    case 'varchar':
    case 'bpchar':
    case 'json':
    case 'jsonb':
      return [bytes.toString()]
    case 'bytea':
      return [options.binary === 'bytes' ? bytes : item.unavailable]
    case 'int4':
      return signed
    case 'date':
      return item.schema.name === 'io.debezium.time.Date' ? signed : null
    case 'int8':
      return signed.map(BigInt)
    case 'uuid':
      return [nameUuid(bytes)]
    default:
      return null
  }
}

/** Java's `UUID.nameUUIDFromBytes`: version 3, over MD5. */
function nameUuid(name: Uint8Array): string {
  const hash = createHash('md5').update(name).digest()
  hash[6] = ((hash[6] as number) & 0x0f) | 0x30
  hash[8] = ((hash[8] as number) & 0x3f) | 0x80
  return hash.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}
