/** Tables and their changes as Debezium's schema history writes them, and back. */
import { parseDefault, recordedDefault, type DefaultLiteral } from '../column-types/default-literal.ts'
import type { Column, Table, TableId } from '../ddl/index.ts'
import { notHistory } from './history-record.ts'

export interface ColumnJson {
  readonly name: string
  readonly jdbcType: number
  readonly nativeType?: number
  readonly typeName: string
  readonly typeExpression: string
  readonly charsetName: string | null
  readonly length?: number
  readonly scale?: number
  readonly position: number
  readonly optional: boolean
  readonly autoIncremented: boolean
  readonly generated: boolean
  readonly comment: string | null
  readonly hasDefaultValue: boolean
  readonly defaultValueExpression?: string
  readonly enumValues: readonly string[]
}

export interface TableJson {
  readonly defaultCharsetName: string | null
  readonly primaryKeyColumnNames: readonly string[]
  readonly columns: readonly ColumnJson[]
  /** Ours: which column is the `row_end` of a system-versioned table. Others pass over it. */
  readonly attributes?: readonly { readonly name: string; readonly value: string }[] | null
}

export interface TableChangeJson {
  readonly type: 'CREATE' | 'ALTER' | 'DROP'
  readonly id: string
  readonly previousId?: string
  readonly table?: TableJson
  readonly comment?: string | null
}

export interface TableChange {
  readonly type: TableChangeJson['type']
  readonly id: TableId
  readonly previousId: TableId | null
  /** Null: dropped. */
  readonly table: Table | null
}

/** `"database"."table"` */
function quotedId({ database, table }: TableId): string {
  return `"${database.replaceAll('"', '""')}"."${table.replaceAll('"', '""')}"`
}

const rowEnd = 'row_end'

const idForm = /^"((?:[^"]|"")*)"\."((?:[^"]|"")*)"$/

export function parseQuotedId(text: string): TableId | null {
  const match = idForm.exec(text)
  if (match === null) return null
  return {
    database: (match[1] as string).replaceAll('""', '"'),
    table: (match[2] as string).replaceAll('""', '"'),
  }
}

/** `comments`: include.schema.comments */
export function tableChangeJson(change: TableChange, comments: boolean): TableChangeJson {
  const { type, id, previousId, table } = change
  return {
    type,
    id: quotedId(id),
    ...(previousId === null ? {} : { previousId: quotedId(previousId) }),
    ...(table === null
      ? {}
      : { table: tableJson(table, comments), comment: comments ? table.comment : null }),
  }
}

/** A change that somebody else has written; throws where it is none. */
export function readTableChange(json: unknown): TableChange {
  requireTableChange(json)
  const [id, previousId] = [parseQuotedId(json.id), parseQuotedId(json.previousId ?? '')]
  if (id === null) throw notHistory(`${json.id} names no table: it has to be "database"."table".`)
  const { table: shape } = json
  const table =
    json.type === 'DROP' || shape === undefined ? null : tableOfJson(id, shape, json.comment ?? null)
  return { type: json.type, id, previousId, table }
}

function tableJson(table: Table, comments: boolean): TableJson {
  const recordedName = (name: string) =>
    table.columns.find((column) => column.name === name)?.recordedName ?? name
  return {
    defaultCharsetName: table.charset,
    primaryKeyColumnNames: table.key.map(recordedName),
    columns: table.columns.map((column, index) => columnJson(column, index + 1, comments)),
    attributes: table.columns
      .filter(({ isRowEnd }) => isRowEnd)
      .map(({ recordedName }) => ({ name: rowEnd, value: recordedName })),
  }
}

function columnJson(column: Column, position: number, comments: boolean): ColumnJson {
  const { jdbcType, typeName, length, scale, optional, autoIncremented, defaultExpression } = column
  return {
    name: column.recordedName,
    jdbcType,
    typeName,
    typeExpression: typeName,
    charsetName: column.charset,
    ...(length === null ? {} : { length }),
    ...(scale === null ? {} : { scale }),
    position,
    optional,
    autoIncremented,
    generated: autoIncremented,
    comment: comments ? column.comment : null,
    hasDefaultValue: column.hasDefault,
    ...(defaultExpression === null ? {} : { defaultValueExpression: defaultExpression }),
    enumValues: column.labels,
  }
}

type Form = Readonly<Record<string, (value: unknown) => boolean>>

const isText = (value: unknown) => typeof value === 'string'
const isNumber = (value: unknown) => Number.isInteger(value)
const isFlag = (value: unknown) => typeof value === 'boolean'
const isTexts = (value: unknown) => Array.isArray(value) && value.every(isText)
const orNone = (fits: (value: unknown) => boolean) => (value: unknown) => value == null || fits(value)

const changeForm: Form = {
  type: (value) => value === 'CREATE' || value === 'ALTER' || value === 'DROP',
  id: isText,
  previousId: orNone(isText),
  comment: orNone(isText),
}
const tableForm: Form = {
  columns: Array.isArray,
  primaryKeyColumnNames: isTexts,
  defaultCharsetName: orNone(isText),
  attributes: orNone(Array.isArray),
}
const columnForm: Form = {
  ...{ name: isText, jdbcType: isNumber, typeName: isText, charsetName: orNone(isText) },
  ...{ length: orNone(isNumber), scale: orNone(isNumber), position: isNumber },
  ...{ optional: isFlag, autoIncremented: isFlag, comment: orNone(isText) },
  ...{ hasDefaultValue: orNone(isFlag), defaultValueExpression: orNone(isText), enumValues: orNone(isTexts) },
}

function requireForm(value: unknown, form: Form, what: string): void {
  if (typeof value !== 'object' || value === null) throw notHistory(`${what} is no object.`)
  const wrong = Object.keys(form).find((name) => !form[name]?.((value as Record<string, unknown>)[name]))
  if (wrong !== undefined) throw notHistory(`${what} has no ${wrong} of the right form.`)
}

/** Throws unless that is a change of a table; its definition is looked at when it is read. */
export function requireTableChange(change: unknown): asserts change is TableChangeJson {
  requireForm(change, changeForm, 'A table change')
  const { type, id, table } = change as TableChangeJson
  if (type !== 'DROP' && table == null) throw notHistory(`The change of ${id} does not say what it is like.`)
}

/** Old versions have left out what a column may do without. */
export function tableOfJson(id: TableId, json: TableJson, comment: string | null): Table {
  requireForm(json, tableForm, `The table ${quotedId(id)}`)
  for (const column of json.columns) requireForm(column, columnForm, `A column of ${quotedId(id)}`)
  const columns = [...json.columns]
    .sort((a, b) => a.position - b.position)
    .map((column) => columnOfJson(column, json))
  const key = json.primaryKeyColumnNames.map(plainName)
  return {
    id,
    charset: json.defaultCharsetName ?? null,
    key,
    keyIsPrimary: key.length > 0 && columns.every(({ name, optional }) => !optional || !key.includes(name)),
    columns,
    comment,
  }
}

/** Debezium leaves back quotes doubled in names that ALTER TABLE tells. */
function plainName(recordedName: string): string {
  return recordedName.replaceAll('``', '`')
}

function columnOfJson(json: ColumnJson, { attributes }: TableJson): Column {
  const expression = json.defaultValueExpression ?? null
  return {
    name: plainName(json.name),
    recordedName: json.name,
    jdbcType: json.jdbcType,
    typeName: json.typeName,
    length: json.length ?? null,
    scale: json.scale ?? null,
    charset: json.charsetName ?? null,
    optional: json.optional,
    autoIncremented: json.autoIncremented,
    hasDefault: json.hasDefaultValue ?? false,
    default: expression === null ? null : literalOf(expression, json.jdbcType),
    defaultExpression: expression,
    labels: json.enumValues ?? [],
    comment: json.comment ?? null,
    isRowEnd: attributes?.some(({ name, value }) => name === rowEnd && value === json.name) ?? false,
  }
}

const bitType = -7
const characterTypes = new Set([-15, -9, -3, -2, 1, 12, 2004])
/** N'…', X'…' and _charset'…': a text of such a form would have its quotes escaped. */
const prefixed = /^(?:[nx]|_\w+)'(?:[^'\\]|''|\\[\s\S])*'$/i

function literalOf(expression: string, jdbcType: number): DefaultLiteral | null {
  if (prefixed.test(expression)) return parseDefault(expression)
  if (!characterTypes.has(jdbcType) && /^(?:true|false)$/i.test(expression))
    return jdbcType === bitType
      ? { kind: 'bits', digits: /^t/i.test(expression) ? '1' : '0' }
      : parseDefault(expression)
  return recordedDefault(expression, jdbcType === bitType)
}
