/** A column of a table's definition, as the type table takes it. */
import type { DeclaredColumn } from '../column-types/declared-column.ts'
import { parseDefault } from '../column-types/default-literal.ts'
import type { Column } from './table.ts'

export function declaredColumn(column: Column): DeclaredColumn {
  const { recordedName: name, typeName, length, scale, charset, optional } = column
  return {
    name,
    // VARCHAR BINARY chooses a collation, not a type.
    declaredType: typeName.replace(/(?<=.) BINARY$/, ''),
    length,
    scale,
    charset,
    labels: column.labels.map(labelText),
    optional,
    default: column.default,
  }
}

/** A label is kept as a literal of its own. */
function labelText(label: string): string {
  const literal = parseDefault(label)
  return literal?.kind === 'text' ? literal.text : label
}
