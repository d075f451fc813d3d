/**
 * System-versioned tables of MariaDB. Each row has a column that says until when it was the current one (row_end), and the
 * log has all rows: an UPDATE is the update and an insert of the old row, now of the past; a DELETE is an update of
 * row_end; DELETE HISTORY deletes rows of the past. What happens to the current rows is:
 *
 *   insert of a current row                 insert
 *   update to a current row                 update
 *   update to one of the past, and delete   delete, if the row was current
 *   all else                                nothing
 *
 * A current row ends at the last moment there is: 2038-01-19 03:14:07.999999 UTC, from MariaDB 11.5 on 2106-02-07
 * 06:28:15.999999; where transactions are told in place of moments, at 2^64-1.
 */
import type { CellChunk } from '#cdc'
import type { Table } from '../ddl/index.ts'
import { columnTypes } from '../decode/log-columns.ts'
import type { RowOperation } from '../decode/rows.ts'
import type { TableMap } from '../decode/table-map.ts'
import { toldCells } from './row-columns.ts'

/** The cell of row_end, declared or hidden; null: the table is not versioned. */
export function rowEndCell(map: TableMap, { columns }: Table): number | null {
  const told = toldCells(map, columns)
  const declared = columns.findIndex(({ isRowEnd }) => isRowEnd)
  if (declared >= 0) return told[declared] ?? null
  // The hidden ones are row_start and row_end, in this order.
  const hidden = [...map.columns.keys()].filter(
    (cell) => !told.includes(cell) && map.columns[cell]?.type === columnTypes.TIMESTAMP2,
  )
  return hidden[1] ?? null
}

/** What a change of a versioned table does to its current rows; null: nothing. */
export function currentOperation(
  operation: RowOperation,
  chunk: CellChunk,
  before: number,
  after: number,
  rowEnd: number,
): RowOperation | null {
  if (operation === 'insert') return isCurrent(chunk, after, rowEnd) ? operation : null
  if (!isCurrent(chunk, before, rowEnd)) return null
  return operation === 'update' && isCurrent(chunk, after, rowEnd) ? operation : 'delete'
}

const lastSeconds: readonly number[] = [0x7fffffff, 0xffffffff]

/** An image of some columns lacks row_end where that stays as it is. */
function isCurrent({ bytes, cells }: CellChunk, row: number, rowEnd: number): boolean {
  const from = cells[row + 2 * rowEnd] as number
  const to = cells[row + 2 * rowEnd + 1] as number
  if (from < 0) return true
  if (to - from === 8) return bytes.subarray(from, to).every((byte) => byte === 0xff)
  return lastSeconds.includes(bytes.readUInt32BE(from)) && bytes.readUIntBE(from + 4, 3) === 999_999
}
