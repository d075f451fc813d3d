/**
 * Sequences of MariaDB. The log has the state of each in rows, as if it were a table; they tell nothing of a table and no
 * definition is known of it, so they go by. What is no sequence has other columns than these, in number or kind:
 *
 *   next_not_cached_value, minimum_value, maximum_value, start_value: of the sequence's integer type
 *   increment BIGINT, cache_size BIGINT UNSIGNED, cycle_option TINYINT(1) UNSIGNED, cycle_count BIGINT; all NOT NULL
 */
import { columnTypes as T } from '../decode/log-columns.ts'
import type { TableMap } from '../decode/table-map.ts'

const names = [
  ...['next_not_cached_value', 'minimum_value', 'maximum_value', 'start_value'],
  ...['increment', 'cache_size', 'cycle_option', 'cycle_count'],
]
const valueTypes: readonly number[] = [T.TINY, T.SHORT, T.INT24, T.LONG, T.LONGLONG]

export function isSequence({ columns }: TableMap): boolean {
  const value = columns[0]?.type ?? -1
  const types = [value, value, value, value, T.LONGLONG, T.LONGLONG, T.TINY, T.LONGLONG]
  return (
    valueTypes.includes(value) &&
    columns.length === types.length &&
    columns.every(
      ({ type, nullable, name }, index) =>
        type === types[index] && !nullable && (name === null || name === names[index]),
    )
  )
}
