/**
 * Where further columns of an outbox go. Grammar of one entry of `table.fields.additional.placement`:
 *
 *   entry := column ':' ('header' | 'envelope' | 'partition') (':' name)?
 */
import { datum, type Field, type Header, type Schema, type Struct } from '#data'
import { ConfigError, DataError } from '#errors'

export interface Placed {
  readonly name: string
  readonly schema: Schema
  readonly value: unknown
}

export interface Placement {
  headers(row: Struct): readonly Header[]
  /** null: nothing goes there, so the value is the bare payload. */
  envelope(row: Struct): readonly Placed[] | null
  /** null: the partitioner decides. */
  partition(row: Struct): number | null
}

interface Entry {
  readonly column: string
  readonly place: string
  readonly name: string
}

export function placements(texts: readonly string[], ignoreMissing: boolean): Placement {
  const entries = texts.map(parsed)
  const of = (place: string): readonly Entry[] => entries.filter((entry) => entry.place === place)
  const [headers, envelope, partition] = [of('header'), of('envelope'), of('partition')]
  const found = (row: Struct, wanted: readonly Entry[]): Placed[] =>
    wanted.flatMap(({ column, name }): Placed[] => {
      const field: Field | undefined = row.schema.field(column)
      if (field !== undefined) return [{ name, schema: field.schema, value: row.get(column) }]
      if (ignoreMissing) return []
      throw new DataError(`Unable to find field ${column} in event`)
    })
  return {
    headers: (row) =>
      found(row, headers).map(({ name, schema, value }) => ({ key: name, value: datum(schema, value) })),
    envelope: (row) => (envelope.length === 0 ? null : found(row, envelope)),
    partition: (row) => {
      const [placed] = found(row, partition)
      if (placed === undefined || placed.value === null) return null
      if (typeof placed.value === 'number') return placed.value
      throw new DataError(`${partition[0]?.column}, which says the partition, is no INT32`)
    },
  }
}

function parsed(text: string): Entry {
  const [column = '', place = '', name = column, ...rest] = text.trim().split(':')
  if (column !== '' && /^(header|envelope|partition)$/i.test(place) && name !== '' && rest.length === 0)
    return { column, place: place.toLowerCase(), name }
  throw new ConfigError(
    `Invalid value ${text} for configuration table.fields.additional.placement: write column:header, column:envelope or column:partition, each with or without :name`,
  )
}
