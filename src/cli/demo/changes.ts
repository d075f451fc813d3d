/** One captured change as a line: what it was before, what it is after, the difference in colour. */
import type { Terminal } from './terminal.ts'

type Row = Readonly<Record<string, unknown>>

export interface Change {
  readonly op: string
  readonly before: Row | null
  readonly after: Row | null
  /** Milliseconds from the commit in the database to the processing of the change. */
  readonly lagMs: number
}

/** Reads a record of `topics/…/records`; null for tombstones and whatever is no change event. */
export function asChange(record: unknown): Change | null {
  const value = field(record, 'value')
  const payload = field(value, 'payload') ?? value
  const op = field(payload, 'op')
  if (typeof op !== 'string') return null
  const lagMs = Number(field(payload, 'ts_ms')) - Number(field(field(payload, 'source'), 'ts_ms'))
  return { op, before: asRow(field(payload, 'before')), after: asRow(field(payload, 'after')), lagMs }
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Row)[name] : undefined
}

function asRow(value: unknown): Row | null {
  return typeof value === 'object' && value !== null ? (value as Row) : null
}

const shown = ['customer', 'item', 'quantity', 'state']

export function changeLine({ op, before, after }: Change, terminal: Terminal): string {
  const id = terminal.bold(`#${String((after ?? before)?.['id'])}`)
  if (op === 'd') return `${terminal.red('- delete')} ${id} ${terminal.red(render(before))}`
  if (op !== 'u' || before === null || after === null)
    return `${terminal.green('+ insert')} ${id} ${terminal.green(render(after))}`
  const parts = shown.map((name) =>
    before[name] === after[name]
      ? terminal.dim(String(after[name]))
      : `${terminal.red(String(before[name]))} → ${terminal.green(String(after[name]))}`,
  )
  return `${terminal.yellow('~ update')} ${id} ${parts.join('  ')}`
}

function render(row: Row | null): string {
  return row === null ? '' : shown.map((name) => String(row[name])).join('  ')
}
