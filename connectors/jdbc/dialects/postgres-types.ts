/** Types of new columns in PostgreSQL. */
import { type Semantic, semanticOf, sourceColumn } from '../semantic.ts'
import { textHint, timePrecision } from '../type-hints.ts'
import type { Flavour, WantedColumn } from './dialect.ts'
import { unmapped } from './unmapped.ts'

export function postgresColumnType(column: WantedColumn, flavour: Flavour): string {
  return flavour.types === 'debezium' ? debeziumType(column) : confluentType(column)
}

function confluentType(column: WantedColumn): string {
  const semantic = semanticOf(column.schema, 'connect')
  switch (semantic.kind) {
    case 'int':
      return { 8: 'SMALLINT', 16: 'SMALLINT', 32: 'INT', 64: 'BIGINT' }[semantic.bits]
    case 'float':
      return semantic.bits === 32 ? 'REAL' : 'DOUBLE PRECISION'
    case 'boolean':
      return 'BOOLEAN'
    case 'text':
      return 'TEXT'
    case 'bytes':
      return 'BYTEA'
    case 'decimal':
      return 'DECIMAL'
    case 'date':
      return 'DATE'
    case 'time':
      return 'TIME'
    case 'timestamp':
      return 'TIMESTAMP'
    case 'array':
      return `${confluentType({ ...column, schema: semantic.item })}[]`
    default:
      throw unmapped(column, 'PostgreSQL')
  }
}

/** Types that PostgreSQL sources name and that hold what their text says. */
const kept = new Set([
  ...[
    'CITEXT',
    'INET',
    'CIDR',
    'MACADDR',
    'MACADDR8',
    'INT4RANGE',
    'INT8RANGE',
    'NUMRANGE',
    'TSRANGE',
    'TSTZRANGE',
  ],
  ...['DATERANGE', 'JSONB', 'HSTORE', 'LTREE', 'TSVECTOR', 'OID'],
])

function debeziumType(column: WantedColumn): string {
  const { schema } = column
  const semantic = semanticOf(schema, 'debezium')
  const source = sourceColumn(schema)
  if (source !== null) {
    if (kept.has(source.type) && /^(string|int64)$/.test(schema.type)) return source.type.toLowerCase()
    if (source.type === 'BIT' && semantic.kind === 'boolean') return 'bit(1)'
    if (source.type === 'VARBIT' && semantic.kind === 'bits') return `varbit(${semantic.length})`
  }
  if (semantic.kind !== 'text') return semanticType(semantic, column)
  const hint = textHint(schema)
  return hint === null ? 'text' : `${hint.form}(${hint.length})`
}

function semanticType(semantic: Semantic, column: WantedColumn): string {
  const digits = timePrecision(column.schema)
  switch (semantic.kind) {
    case 'int':
      return { 8: 'smallint', 16: 'smallint', 32: 'integer', 64: 'bigint' }[semantic.bits]
    case 'float':
      return semantic.bits === 32 ? 'real' : 'double precision'
    case 'decimal':
      return decimalType(semantic)
    case 'variable-decimal':
      return 'double precision'
    case 'bytes':
      return 'bytea'
    case 'text':
    case 'enum':
    case 'set':
      return 'text'
    case 'year':
      return 'integer'
    case 'time':
      return `time(${digits})`
    case 'timestamp':
      return `timestamp(${digits})`
    case 'zoned-time':
      return `timetz(${digits})`
    case 'zoned-timestamp':
      return `timestamptz(${digits})`
    case 'duration':
      return 'interval'
    case 'bits':
      return semantic.length === 1 ? 'boolean' : `bit(${semantic.length})`
    case 'vector':
      return semantic.form
    case 'map':
      return 'hstore'
    case 'array':
      return `${arrayItem(semantic.item, column)}[]`
    case 'struct':
      throw unmapped(column, 'PostgreSQL')
    default:
      // boolean, date, interval, json, uuid, xml, tsvector, ltree, geometry, geography, point: named alike.
      return semantic.kind
  }
}

function decimalType(semantic: Extract<Semantic, { kind: 'decimal' }>): string {
  return `numeric(${Math.max(semantic.precision ?? 38, semantic.scale)},${semantic.scale})`
}

function arrayItem(item: WantedColumn['schema'], column: WantedColumn): string {
  const semantic = semanticOf(item, 'debezium')
  if (semantic.kind === 'array') return arrayItem(semantic.item, column)
  return semanticType(semantic, { ...column, schema: item })
}
