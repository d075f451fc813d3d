/**
 * Every kind of column against what Debezium wrote of it: announced schemas and values, of rows that a query gave and
 * of rows in the log, both as the real servers send them. Where Debezium loses or changes a value ours is right, and
 * stands in better.ts.
 */
import { expect, test } from 'vitest'
import { ByteBuffer } from '#bytes'
import { type CellChunk, RowKey, tableVersion } from '#cdc'
import { struct } from '#data'
import {
  columnType,
  type MysqlColumnType,
} from '../../../../../connectors/mysql-cdc/column-types/column-type.ts'
import {
  canonicalType,
  type DeclaredColumn,
} from '../../../../../connectors/mysql-cdc/column-types/declared-column.ts'
import { sourceTypeParameters } from '../../../../../connectors/mysql-cdc/column-types/source-type.ts'
import {
  parseDefault,
  recordedDefault,
} from '../../../../../connectors/mysql-cdc/column-types/default-literal.ts'
import {
  defaultTypeOptions,
  type TypeOptions,
} from '../../../../../connectors/mysql-cdc/column-types/options.ts'
import type { TableMap } from '../../../../../connectors/mysql-cdc/decode/table-map.ts'
import { jsonFormat } from '../../../../../src/converters/json-format.ts'
import { JsonWriter } from '../../../../../src/converters/json-writer.ts'
import { changesOf, eventsOf, golden, goldenLines } from '../golden.ts'
import type { RecordedColumn, RecordedLine } from '../recorded-records.ts'
import { type Better, better } from './better.ts'

const cases: Readonly<Record<string, Partial<TypeOptions>>> = {
  'mysql-types-int': {},
  'mysql-types-float-decimal': { bigintUnsigned: 'precise' },
  'mysql-types-binary-bytes': {},
  'mysql-types-binary-base64url': { binary: 'base64-url-safe' },
  'mysql-types-charset': {},
  'mysql-types-enum-set': {},
  'mysql-types-json': {},
  'mysql-types-spatial-vector': {},
  'mysql-types-temporal': {},
  'mysql-zero-dates': {},
  'mysql-temporal-connect': { times: 'connect' },
  'mysql-temporal-isostring': { times: 'isostring' },
  'mysql-temporal-nanos': { times: 'nanoseconds' },
  'mysql-defaults': {},
  'mysql-row-image': { placeholder: Buffer.from('__gone__') },
  'mariadb-types': { bigintUnsigned: 'precise' },
  'mariadb-charset-json': { binary: 'hex', times: 'connect' },
  'mariadb-defaults': {},
  'mysql-column-metadata': {},
}

type RowLine = Extract<RecordedLine, { op: string }>

interface SchemaField {
  readonly field: string
  readonly doc?: string
  readonly parameters?: Readonly<Record<string, string>>
}

function declared(column: RecordedColumn): DeclaredColumn {
  const { name, charsetName, length, scale, optional, defaultValueExpression, enumValues } = column
  const labels = (enumValues ?? []).map((label) => {
    const literal = parseDefault(label)
    return literal?.kind === 'text' ? literal.text : label
  })
  const isBit = canonicalType(column.typeName).type === 'BIT'
  return {
    declaredType: column.typeName,
    name,
    length,
    scale,
    charset: charsetName,
    labels,
    optional: optional !== false,
    default: defaultValueExpression === null ? null : recordedDefault(defaultValueExpression, isBit),
  }
}

const writer = new JsonWriter(jsonFormat(false, true))

interface Written {
  readonly fields: readonly { field: string }[]
  readonly row: Readonly<Record<string, string>>
}

/** Schema and values of a row, each value as JSON text. */
function write(
  columns: readonly DeclaredColumn[],
  types: readonly MysqlColumnType[],
  from: TableMap | null,
  chunk: CellChunk,
  at: number,
): Written {
  const version = tableVersion({
    topic: 't',
    database: 'd',
    schemaName: 'd',
    table: 't',
    key: null,
    columns: columns.map(({ name }, cell) => {
      const type = types[cell] as MysqlColumnType
      return {
        name,
        cell,
        type: from === null ? type.text : type.log(from.columns[cell] as TableMap['columns'][number]),
      }
    }),
    source: struct([]),
    names: undefined as never,
  })
  const out = new ByteBuffer()
  writer.enveloped(new RowKey(version.row, chunk, at), out)
  const text = out.written().toString()
  return {
    fields: JSON.parse(text).schema.fields,
    row: fieldsOf(text.slice(text.indexOf(',"payload":') + 11, -1)),
  }
}

/** The values of an object's members as they are written. */
function fieldsOf(json: string): Record<string, string> {
  const found: Record<string, string> = {}
  JSON.parse(json, function (this: Record<string, unknown>, key, value, context?: { source?: string }) {
    // Texts and numbers as written; what holds others is written by JSON.
    if (key !== '') found[key] = context?.source ?? JSON.stringify(value)
    return value
  })
  return found
}

test.each(Object.entries(cases))('%s', (name, options) => {
  const all: TypeOptions = { ...defaultTypeOptions, ...options }
  const tables = new Map<string, readonly RecordedColumn[]>()
  const rows: { table: string; row: (string | null)[] }[] = goldenLines(`${name}.rows.jsonl`)
  const changes = eventsOf(golden(`${name}.binlog`))
    // Debezium passes over partial updates.
    .filter((event) => event.kind !== 'rows' || !event.rows.partial)
    .flatMap(changesOf)
  const differences: string[] = []
  let compared = 0
  const used = new Set<Better>()

  const compare = (line: RowLine, kind: 'snapshot' | 'stream', recorded: string, written: Written): void => {
    const expected = fieldsOf(recorded)
    const check = (field: string, was: string | undefined, is: string | undefined): void => {
      compared++
      if (was === is) return
      const known = better.find(
        (each) =>
          each.case === name &&
          (each.rows === kind || each.rows === 'both') &&
          each.field === `${line.table}.${field}` &&
          each.was === was &&
          each.is === is,
      )
      if (known === undefined) differences.push(JSON.stringify([`${kind} ${line.table}.${field}`, was, is]))
      else used.add(known)
    }
    for (const field of Object.keys(expected)) check(field, expected[field], written.row[field])
    for (const field of line.fields as { field: string }[]) {
      const ours = written.fields.find((each) => each.field === field.field)
      check(`${field.field} schema`, JSON.stringify(field), JSON.stringify(ours))
    }
  }

  const typesOf = ({ table, fields }: RowLine) => {
    const recorded = [...tables].find(([id]) => id.endsWith(`."${table}"`))?.[1] ?? []
    const columns = recorded.map(declared)
    const types = columns.map((column, i) => {
      // Which columns are propagated, and whether with comments, is not the types' business.
      const field = (fields as SchemaField[]).find((each) => each.field === column.name)
      const comment = recorded[i]?.comment ?? null
      const propagated = field?.parameters?.['__debezium.source.column.name'] !== undefined
      return columnType(column, all, {
        ...(comment === null || field?.doc === undefined ? {} : { doc: comment }),
        ...(propagated ? { parameters: sourceTypeParameters(column, comment) } : {}),
      })
    })
    return { columns, types }
  }

  for (const line of goldenLines<RecordedLine>(`${name}.expected.jsonl`)) {
    if ('tables' in line) for (const { id, columns } of line.tables) tables.set(id, columns)
    else if (line.op === 'r') {
      const index = rows.findIndex(({ table }) => table === line.table)
      const [{ row } = { row: [] }] = rows.splice(index, 1)
      const { columns, types } = typesOf(line)
      compare(line, 'snapshot', line.after as string, write(columns, types, null, textChunk(row), 0))
    } else if (line.rekeyed && line.op === 'c') {
      const change = changes.shift() as (typeof changes)[number]
      const { columns, types } = typesOf(line)
      compare(
        line,
        'stream',
        line.after as string,
        write(columns, types, change.table, change.chunk, change.after),
      )
    } else {
      const change = (line.rekeyed ? changes[0] : changes.shift()) as (typeof changes)[number]
      const { columns, types } = typesOf(line)
      expect(change.table.table).toBe(line.table)
      if (line.before !== null)
        compare(line, 'stream', line.before, write(columns, types, change.table, change.chunk, change.before))
      if (line.after !== null)
        compare(line, 'stream', line.after, write(columns, types, change.table, change.chunk, change.after))
    }
  }
  expect(differences).toEqual([])
  expect(compared).toBeGreaterThan(20)
  expect(better.filter((each) => each.case === name && !used.has(each))).toEqual([])
})

function textChunk(row: readonly (string | null)[]): CellChunk {
  const parts = row.map((cell) => (cell === null ? null : Buffer.from(cell, 'base64')))
  const cells = new Int32Array(row.length * 2)
  let at = 0
  parts.forEach((part, i) => {
    cells[i * 2] = part === null ? -1 : at
    at += part?.length ?? 0
    cells[i * 2 + 1] = part === null ? -1 : at
  })
  return { bytes: Buffer.concat(parts.filter((part) => part !== null)), cells }
}
