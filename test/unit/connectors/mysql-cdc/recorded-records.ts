/** What a recorded case says of rows and tables, in the order of the log: what the golden files keep of it. */

export interface RecordedTable {
  readonly type: string
  /** `"database"."table"` */
  readonly id: string
  readonly columns: readonly RecordedColumn[]
}

export interface RecordedColumn {
  readonly name: string
  readonly typeName: string
  readonly charsetName: string | null
  readonly length: number | null
  readonly scale: number | null
  readonly optional: boolean
  readonly defaultValueExpression: string | null
  readonly enumValues: readonly string[] | null
  readonly comment: string | null
}

export type RecordedLine =
  | { readonly tables: readonly RecordedTable[] }
  | {
      readonly table: string
      readonly op: string
      /** JSON as recorded; null: no such row. */
      readonly before: string | null
      readonly after: string | null
      readonly fields: readonly unknown[]
      /** Part of an update that changes the key. */
      readonly rekeyed: boolean
    }

interface Positioned {
  readonly at: readonly [snapshot: number, file: string, position: number]
  readonly line: RecordedLine
}

/** From expected.jsonl to lines of `RecordedLine`. */
export function reduceRecords(expected: string): string {
  const found = expected
    .trim()
    .split('\n')
    .flatMap((line) => reduce(JSON.parse(line)))
  found.sort((a, b) => a.at[0] - b.at[0] || compare(a.at[1], b.at[1]) || a.at[2] - b.at[2])
  return found.map(({ line }) => JSON.stringify(line)).join('\n')
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

interface Raw {
  readonly value: string | null
  readonly headers?: readonly (readonly [string, string])[]
}

function reduce({ value, headers = [] }: Raw): Positioned[] {
  if (value === null) return []
  const { schema, payload } = JSON.parse(value)
  const { source } = payload
  if (source === undefined) return []
  const isSnapshot = source.snapshot !== 'false' && source.snapshot !== null
  const at = [isSnapshot ? 0 : 1, source.file, source.pos] as const
  if (payload.ddl !== undefined) {
    const tables = payload.tableChanges
      .filter(({ table }: { table: unknown }) => table !== null)
      .map(({ type, id, table }: { type: string; id: string; table: { columns: unknown[] } }) => {
        const columns = (table.columns as RecordedColumn[]).map((column) => {
          const { name, typeName, charsetName, length, scale, optional } = column
          const { defaultValueExpression, enumValues, comment } = column
          const facts = { name, typeName, charsetName, length, scale, optional }
          return { ...facts, defaultValueExpression, enumValues, comment }
        })
        return { type, id, columns }
      })
    return tables.length === 0 ? [] : [{ at, line: { tables } }]
  }
  const text = value.slice(value.indexOf('"payload":{"before":') + '"payload":{"before":'.length)
  const before = jsonAtStart(text)
  const after = jsonAtStart(text.slice(before.length + ',"after":'.length))
  const rows = schema.fields.find(({ field }: { field: string }) => field === 'after')
  const rekeyed = headers.some(([name]) => name === '__debezium.newkey' || name === '__debezium.oldkey')
  const line = {
    table: source.table,
    op: payload.op,
    before: before === 'null' ? null : before,
    after: after === 'null' ? null : after,
    fields: rows.fields,
    rekeyed,
  }
  return [{ at, line }]
}

/** The JSON value that the text begins with: null or an object. */
function jsonAtStart(text: string): string {
  if (text.startsWith('null')) return 'null'
  let depth = 0
  let inString = false
  for (let i = 0; i < text.length; i++) {
    const character = text[i]
    if (inString) {
      if (character === '\\') i++
      else if (character === '"') inString = false
    } else if (character === '"') inString = true
    else if (character === '{') depth++
    else if (character === '}' && --depth === 0) return text.slice(0, i + 1)
  }
  throw new Error('an object without end')
}
