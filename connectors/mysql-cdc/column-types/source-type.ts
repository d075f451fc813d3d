/** The schema parameters of column.propagate.source.type and datatype.propagate.source.type. */
import type { DeclaredColumn } from './declared-column.ts'

/** `comment`: the column's, where include.schema.comments asks for it. */
export function sourceTypeParameters(
  column: DeclaredColumn,
  comment: string | null,
): Readonly<Record<string, string>> {
  const { name, declaredType, length, scale } = column
  return {
    '__debezium.source.column.type': declaredType,
    ...(length === null ? {} : { '__debezium.source.column.length': `${length}` }),
    ...(scale === null ? {} : { '__debezium.source.column.scale': `${scale}` }),
    ...(comment === null ? {} : { '__debezium.source.column.comment': comment }),
    '__debezium.source.column.name': name,
  }
}
