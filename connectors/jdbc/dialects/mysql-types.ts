/** Types of new columns in MySQL and MariaDB. */
import { DataError } from '#errors'
import { type Semantic, semanticOf, sourceColumn } from '../semantic.ts'
import { textHint, timePrecision } from '../type-hints.ts'
import type { Flavour, WantedColumn } from './dialect.ts'
import { unmapped } from './unmapped.ts'

export function mysqlColumnType(column: WantedColumn, flavour: Flavour): string {
  if (flavour.types === 'debezium') return debeziumType(column)
  return confluentType(column, flavour.types === 'aiven')
}

function confluentType(column: WantedColumn, aiven: boolean): string {
  const semantic = semanticOf(column.schema, 'connect')
  switch (semantic.kind) {
    case 'int':
      return { 8: 'TINYINT', 16: 'SMALLINT', 32: 'INT', 64: 'BIGINT' }[semantic.bits]
    case 'float':
      return semantic.bits === 32 ? 'FLOAT' : 'DOUBLE'
    case 'boolean':
      return 'TINYINT'
    case 'text':
      // TEXT cannot be a key without a length; there, both get Aiven's type.
      return aiven || column.key ? 'VARCHAR(256)' : 'TEXT'
    case 'bytes':
      return 'VARBINARY(1024)'
    case 'decimal':
      return `DECIMAL(65,${semantic.scale})`
    case 'date':
      return 'DATE'
    case 'time':
      return 'TIME(3)'
    case 'timestamp':
      return semantic.unit === 'ms' ? 'DATETIME(3)' : 'DATETIME(6)'
    default:
      throw unmapped(column, 'MySQL')
  }
}

function debeziumType(column: WantedColumn): string {
  const semantic = semanticOf(column.schema, 'debezium')
  const digits = timePrecision(column.schema)
  switch (semantic.kind) {
    case 'int':
      return { 8: 'tinyint', 16: 'smallint', 32: 'int', 64: 'bigint' }[semantic.bits]
    case 'float':
      return semantic.bits === 32 ? 'float' : 'double'
    case 'boolean':
      return 'tinyint(1)'
    case 'decimal':
      return `decimal(${Math.min(65, Math.max(semantic.precision ?? 38, semantic.scale))},${semantic.scale})`
    case 'variable-decimal':
      return 'double'
    case 'date':
    case 'json':
    case 'year':
    case 'point':
    case 'geometry':
      return semantic.kind
    case 'geography':
      return 'geometry'
    case 'time':
      return `time(${digits})`
    case 'timestamp':
      return `datetime(${digits})`
    case 'zoned-timestamp':
      return `timestamp(${digits})`
    case 'duration':
      return 'bigint'
    case 'bits':
      return semantic.length === 1 ? 'tinyint(1)' : `bit(${semantic.length})`
    case 'enum':
    case 'set':
      return `${semantic.kind}(${allowedValues(semantic.allowed)})`
    case 'bytes':
      return bytesType(column)
    case 'text':
    case 'uuid':
    case 'xml':
    case 'tsvector':
    case 'ltree':
    case 'interval':
      return textType(column)
    default:
      return refused(semantic, column)
  }
}

function refused(semantic: Semantic, column: WantedColumn): never {
  if (semantic.kind === 'zoned-time')
    throw new DataError(
      `MySQL has no time of day with a zone, so field '${column.name}' cannot become a column.`,
      {
        remedy: `Exclude it with field.exclude.list, or create the table with a column '${column.name}' of type TIME.`,
      },
    )
  throw unmapped(column, 'MySQL')
}

function textType(column: WantedColumn): string {
  const hint = textHint(column.schema)
  if (hint !== null && hint.length <= (hint.form === 'char' ? 255 : 16_383))
    return `${hint.form}(${hint.length})`
  if (column.key) return 'varchar(255)'
  const type = sourceColumn(column.schema)?.type ?? ''
  return /^(TINYTEXT|TEXT|MEDIUMTEXT)$/.test(type) ? type.toLowerCase() : 'longtext'
}

function bytesType(column: WantedColumn): string {
  const source = sourceColumn(column.schema)
  if (source !== null && source.length !== null && source.length > 0) {
    if (source.type === 'BINARY' && source.length <= 255) return `binary(${source.length})`
    if (source.type === 'VARBINARY' && source.length <= 16_383) return `varbinary(${source.length})`
  }
  if (column.key) return 'varbinary(255)'
  return /^(TINYBLOB|BLOB|MEDIUMBLOB)$/.test(source?.type ?? '')
    ? (source?.type.toLowerCase() ?? '')
    : 'longblob'
}

/** `a,b,c` as SQL texts. Debezium escapes a comma inside a value with a backslash. */
function allowedValues(allowed: string): string {
  const values = allowed.match(/(?:\\.|[^,\\])+|(?<=^|,)(?=,|$)/gs) ?? ['']
  return values.map((value) => `'${value.replace(/\\(.)/gs, '$1').replaceAll("'", "''")}'`).join(',')
}
