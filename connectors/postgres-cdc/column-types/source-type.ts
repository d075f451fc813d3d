/**
 * The schema parameters of column.propagate.source.type and datatype.propagate.source.type: what pgjdbc says of a
 * column's type. Rows of a snapshot and rows of the stream have it in different words, so their schemas differ.
 */
import type { PgColumn, PgType, TypeCatalog } from './catalog.ts'

export type RowsOf = 'snapshot' | 'stream'

interface Size {
  readonly length: number
  /** null: not said. */
  readonly scale: number | null
}

const unlimited = 2147483647
/** PostgreSQL's own limit of a numeric's digits before the point, 131072, and pgjdbc's margin. */
const widestNumeric = 131089

/** How many characters a fraction of a second takes, by pgjdbc's count. */
function fractionWidth(modifier: number): number {
  if (modifier === -1) return 7
  return modifier === 0 ? 0 : modifier === 1 ? 3 : modifier + 1
}

const fixedSizes: Readonly<Record<string, readonly [length: number, scale: number]>> = {
  int2: [5, 0],
  int4: [10, 0],
  oid: [10, 0],
  int8: [19, 0],
  float4: [8, 8],
  float8: [17, 17],
  bool: [1, 0],
  char: [1, 0],
  date: [13, 0],
}

/** Widths of the clock types but for their fraction. */
const clockWidths: Readonly<Record<string, number>> = { time: 8, timetz: 14, timestamp: 22, timestamptz: 28 }

function sizeOf(name: string, modifier: number, of: RowsOf): Size {
  const fixed = fixedSizes[name]
  if (fixed !== undefined) return { length: fixed[0], scale: fixed[1] }
  const width = clockWidths[name]
  if (width !== undefined)
    return { length: width + fractionWidth(modifier), scale: modifier === -1 ? 6 : modifier }
  switch (name) {
    case 'numeric':
      if (modifier === -1)
        return of === 'snapshot' ? { length: 0, scale: null } : { length: widestNumeric, scale: 0 }
      return { length: ((modifier - 4) >> 16) & 0xffff, scale: (modifier - 4) & 0x7ff }
    case 'interval':
      return { length: 49, scale: modifier === -1 ? 6 : modifier & 0xffff }
    case 'bpchar':
    case 'varchar':
      return { length: modifier === -1 ? unlimited : modifier - 4, scale: 0 }
    case 'bit':
    case 'varbit':
      return { length: modifier === -1 ? unlimited : modifier, scale: 0 }
    default:
      return { length: unlimited, scale: 0 }
  }
}

const serials: Readonly<Record<string, string>> = { int2: 'SMALLSERIAL', int4: 'SERIAL', int8: 'BIGSERIAL' }

function typeName(type: PgType, column: PgColumn, of: RowsOf): string {
  if (of === 'snapshot') {
    const serial = serials[type.name]
    if (
      serial !== undefined &&
      type.schema === 'pg_catalog' &&
      column.defaultExpression?.startsWith('nextval(')
    )
      return serial
    if (type.schema !== 'pg_catalog' && type.schema !== 'public')
      return `"${type.schema}"."${type.name}"`.toUpperCase()
  }
  return type.name.toUpperCase()
}

/** Parameters for `columnType`; empty if the catalogue does not know the column's type. */
export function sourceTypeParameters(
  column: PgColumn,
  catalog: TypeCatalog,
  of: RowsOf,
): Readonly<Record<string, string>> {
  const type = catalog.get(column.typeOid)
  if (type === undefined) return {}
  let base: PgType | undefined = type
  let modifier = column.typeModifier
  while (base !== undefined && (base.kind === 'd' || base.element !== 0)) {
    if (base.kind === 'd' && base.baseModifier !== -1) modifier = base.baseModifier
    base = catalog.get(base.kind === 'd' ? base.base : base.element)
  }
  const { length, scale } = sizeOf(base?.schema === 'pg_catalog' ? base.name : '', modifier, of)
  return {
    '__debezium.source.column.type': typeName(type, column, of),
    '__debezium.source.column.length': `${length}`,
    ...(scale === null ? {} : { '__debezium.source.column.scale': `${scale}` }),
    '__debezium.source.column.name': column.name,
  }
}
