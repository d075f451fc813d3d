/** How the names of tables and columns become those of schemas and fields. */
import { type NameAdjustment, nameAdjustment } from '#data'
import { ConfigError } from '#errors'

export interface NameAdjuster {
  readonly schema: (name: string) => string
  readonly field: (name: string) => string
}

export function nameAdjuster(schemas: NameAdjustment, fields: NameAdjustment): NameAdjuster {
  return { schema: nameAdjustment(schemas, 'schema'), field: nameAdjustment(fields, 'field') }
}

/** Refuses two columns of a table that would become one field. */
export function distinctFields(
  table: string,
  columns: readonly string[],
  adjust: (name: string) => string,
): void {
  const taken = new Map<string, string>()
  for (const column of columns) {
    const field = adjust(column)
    const other = taken.get(field)
    if (other !== undefined && other !== column)
      throw new ConfigError(
        `field.name.adjustment.mode: the columns "${other}" and "${column}" of ${table} both become the field ${field}.`,
        { remedy: 'Leave one of them out with column.exclude.list, or choose avro_unicode.' },
      )
    taken.set(field, column)
  }
}
