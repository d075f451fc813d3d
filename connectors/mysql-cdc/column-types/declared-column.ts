/** A column as a table's definition declares it, and the one name of each type that the definition may name in many ways. */
import type { DefaultLiteral } from './default-literal.ts'

export interface DeclaredColumn {
  readonly name: string
  /** As declared, in capitals and with single blanks: `INT UNSIGNED ZEROFILL`, `DOUBLE PRECISION`. ZEROFILL implies UNSIGNED. */
  readonly declaredType: string
  /** The number in parentheses behind the type, or the first of two. */
  readonly length: number | null
  /** The second number. */
  readonly scale: number | null
  /** The name of the character set in force for the column, lower case; null if it has or tells none. */
  readonly charset: string | null
  /** Of ENUM and SET, unescaped. */
  readonly labels: readonly string[]
  readonly optional: boolean
  readonly default: DefaultLiteral | null
}

/** Names that stand for another type. */
const synonyms = new Map<string, string>([
  ['INT1', 'TINYINT'],
  ['INT2', 'SMALLINT'],
  ['INT3', 'MEDIUMINT'],
  ['MIDDLEINT', 'MEDIUMINT'],
  ['INT4', 'INT'],
  ['INTEGER', 'INT'],
  ['INT8', 'BIGINT'],
  ['SERIAL', 'BIGINT'],
  ['BOOL', 'BOOLEAN'],
  ['DEC', 'DECIMAL'],
  ['FIXED', 'DECIMAL'],
  ['NUMERIC', 'DECIMAL'],
  ['NUMBER', 'DECIMAL'],
  ['FLOAT4', 'FLOAT'],
  ['FLOAT8', 'DOUBLE'],
  ['DOUBLE PRECISION', 'DOUBLE'],
  ['CHARACTER', 'CHAR'],
  ['NCHAR', 'CHAR'],
  ['NATIONAL CHAR', 'CHAR'],
  ['NATIONAL CHARACTER', 'CHAR'],
  ['CHAR VARYING', 'VARCHAR'],
  ['CHARACTER VARYING', 'VARCHAR'],
  ['VARCHARACTER', 'VARCHAR'],
  ['VARCHAR2', 'VARCHAR'],
  ['NVARCHAR', 'VARCHAR'],
  ['NCHAR VARCHAR', 'VARCHAR'],
  ['NCHAR VARYING', 'VARCHAR'],
  ['NATIONAL VARCHAR', 'VARCHAR'],
  ['NATIONAL VARCHARACTER', 'VARCHAR'],
  ['NATIONAL CHAR VARYING', 'VARCHAR'],
  ['NATIONAL CHARACTER VARYING', 'VARCHAR'],
  ['LONG', 'MEDIUMTEXT'],
  ['LONG VARCHAR', 'MEDIUMTEXT'],
  ['LONG CHAR VARYING', 'MEDIUMTEXT'],
  ['LONG CHARACTER VARYING', 'MEDIUMTEXT'],
  ['CLOB', 'LONGTEXT'],
  ['LONG VARBINARY', 'MEDIUMBLOB'],
  ['CHAR BYTE', 'BINARY'],
  ['RAW', 'VARBINARY'],
  ['GEOMCOLLECTION', 'GEOMETRYCOLLECTION'],
])

const attributes = new Set(['UNSIGNED', 'SIGNED', 'ZEROFILL'])

/** The type by its one name, and whether it is without sign. */
export function canonicalType(declaredType: string): { readonly type: string; readonly unsigned: boolean } {
  const words = declaredType.split(' ')
  const name = words.filter((word) => !attributes.has(word)).join(' ')
  const unsigned = words.includes('UNSIGNED') || words.includes('ZEROFILL') || name === 'SERIAL'
  return { type: synonyms.get(name) ?? name, unsigned }
}
