/** How a snapshot selects a column, so that its text says all that the log says. */
import { canonicalType } from '../column-types/declared-column.ts'
import { type Column, declaredColumn } from '../ddl/index.ts'

export function quotedName(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``
}

/** Servers print a FLOAT with six digits; as a DOUBLE it keeps them all. */
export function selectExpression(column: Column): string {
  const name = quotedName(column.name)
  return canonicalType(declaredColumn(column).declaredType).type === 'FLOAT'
    ? `CAST(${name} AS DOUBLE)`
    : name
}
