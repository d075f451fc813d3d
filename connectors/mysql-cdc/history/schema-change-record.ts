/** Keys and values of the topic of schema changes. */
import { array, type Schema, scalar, Struct, struct } from '#data'
import type { SchemaChange } from './schema-changes.ts'
import { type ColumnJson, type TableChangeJson, tableChangeJson, type TableJson } from './table-json.ts'

const optionalText = scalar('string', { optional: true })
const optionalNumber = scalar('int32', { optional: true })
const optionalFlag = scalar('boolean', { optional: true })
const text = scalar('string')
const number = scalar('int32')

const columnSchema = struct(
  [
    ['name', text],
    ['jdbcType', number],
    ['nativeType', optionalNumber],
    ['typeName', text],
    ['typeExpression', optionalText],
    ['charsetName', optionalText],
    ['length', optionalNumber],
    ['scale', optionalNumber],
    ['position', number],
    ['optional', optionalFlag],
    ['autoIncremented', optionalFlag],
    ['generated', optionalFlag],
    ['comment', optionalText],
    ['defaultValueExpression', optionalText],
    ['enumValues', array(text, { optional: true })],
  ],
  { name: 'io.debezium.connector.schema.Column', version: 1 },
)

const tableSchema = struct(
  [
    ['defaultCharsetName', optionalText],
    ['primaryKeyColumnNames', array(text, { optional: true })],
    ['columns', array(columnSchema)],
    ['comment', optionalText],
  ],
  { name: 'io.debezium.connector.schema.Table', version: 1, optional: true },
)

const changeSchema = struct(
  [
    ['type', text],
    ['id', text],
    ['table', tableSchema],
  ],
  { name: 'io.debezium.connector.schema.Change', version: 1 },
)

export interface SchemaChangeSchemas {
  readonly key: Schema
  readonly value: Schema
}

/** `connector`: mysql or mariadb. */
export function schemaChangeSchemas(connector: string, source: Schema): SchemaChangeSchemas {
  const prefix = `io.debezium.connector.${connector}`
  return {
    key: struct([['databaseName', text]], { name: `${prefix}.SchemaChangeKey`, version: 1 }),
    value: struct(
      [
        ['source', source],
        ['ts_ms', scalar('int64')],
        ['databaseName', optionalText],
        ['schemaName', optionalText],
        ['ddl', optionalText],
        ['tableChanges', array(changeSchema)],
      ],
      { name: `${prefix}.SchemaChangeValue`, version: 1 },
    ),
  }
}

export interface SchemaChangeRecord {
  readonly key: Struct
  readonly value: Struct
}

export function schemaChangeRecord(
  { key, value }: SchemaChangeSchemas,
  change: SchemaChange,
  source: Struct,
  timestamp: bigint,
  comments: boolean,
): SchemaChangeRecord {
  const { databaseName, ddl, tableChanges } = change
  return {
    key: new Struct(key, [databaseName]),
    value: new Struct(value, [
      source,
      timestamp,
      databaseName,
      null,
      ddl,
      tableChanges.map((each) => changeStruct(tableChangeJson(each, comments))),
    ]),
  }
}

function changeStruct({ type, id, table, comment }: TableChangeJson): Struct {
  return new Struct(changeSchema, [
    type,
    id,
    table === undefined ? null : tableStruct(table, comment ?? null),
  ])
}

function tableStruct(table: TableJson, comment: string | null): Struct {
  const { defaultCharsetName, primaryKeyColumnNames, columns } = table
  return new Struct(tableSchema, [
    defaultCharsetName,
    [...primaryKeyColumnNames],
    columns.map(columnStruct),
    comment,
  ])
}

function columnStruct(column: ColumnJson): Struct {
  return new Struct(columnSchema, [
    column.name,
    column.jdbcType,
    null,
    column.typeName,
    column.typeExpression,
    column.charsetName,
    column.length ?? null,
    column.scale ?? null,
    column.position,
    column.optional,
    column.autoIncremented,
    column.generated,
    column.comment,
    column.defaultValueExpression ?? null,
    column.enumValues.length === 0 ? null : [...column.enumValues],
  ])
}
