/** Where a field has no column type. Confluent's wording, which its users search for. */
import { DataError } from '#errors'
import type { WantedColumn } from './dialect.ts'

export function unmapped(column: WantedColumn, database: string): DataError {
  const { schema } = column
  return new DataError(
    `${schema.name} (${schema.type.toUpperCase()}) type doesn't have a mapping to the SQL database column type: ` +
      `field '${column.name}' cannot become a column of ${database}.`,
    {
      remedy:
        'Leave the field out, or flatten it with the transform org.apache.kafka.connect.transforms.Flatten$Value.',
    },
  )
}
