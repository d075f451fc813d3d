/** The last row of each key, in the order of those last rows. */
import type { Cell } from './dialect.ts'

export function distinctByKey(
  rows: readonly (readonly Cell[])[],
  keys: number,
): readonly (readonly Cell[])[] {
  const last = new Map<Cell, number>()
  for (let i = 0; i < rows.length; i++) last.set(keyOf(rows[i] ?? [], keys), i)
  if (last.size === rows.length) return rows
  const kept = new Set(last.values())
  return rows.filter((_, index) => kept.has(index))
}

function keyOf(row: readonly Cell[], keys: number): Cell {
  if (keys === 1) return row[0] ?? null
  let text = ''
  for (let i = 0; i < keys; i++) {
    const cell = String(row[i] ?? '')
    text += `${cell.length}:${cell}`
  }
  return text
}
