/** The statements of DDL as data. What shapes no table is `other`: known by its head, not read. */
import type { CharsetChoice } from './charset-clause.ts'
import type { ColumnDefinition } from './column-definition.ts'
import type { DefaultClause } from './default-clause.ts'
import type { TableName } from './reading.ts'

/** Where a column goes: to the front, behind another one, or to the end. */
export type Place = 'first' | 'last' | { readonly after: string }

export interface Key {
  readonly kind: 'primary' | 'unique'
  readonly columns: readonly string[]
}

/** What a list in parentheses defines. */
export type TableElement =
  | { readonly element: 'column'; readonly definition: ColumnDefinition }
  | { readonly element: 'key'; readonly key: Key }
  /** MariaDB's PERIOD FOR: its columns are not null. */
  | { readonly element: 'period'; readonly columns: readonly string[] }
  | { readonly element: 'passed' }

export interface TableOptions {
  readonly charset: CharsetChoice | null
  readonly comment: string | null
}

export type AlterAction =
  | {
      readonly action: 'add'
      readonly definition: ColumnDefinition
      readonly place: Place
      readonly ifNotExists: boolean
    }
  | {
      readonly action: 'change'
      readonly from: string
      readonly ifExists: boolean
      readonly definition: ColumnDefinition
      /** Null: where it is. */
      readonly place: Place | null
    }
  | { readonly action: 'drop'; readonly column: string; readonly ifExists: boolean }
  | {
      readonly action: 'rename-column'
      readonly from: string
      readonly ifExists: boolean
      readonly to: string
    }
  /** Null: dropped. */
  | {
      readonly action: 'set-default'
      readonly column: string
      readonly ifExists: boolean
      readonly default: DefaultClause | null
    }
  | { readonly action: 'key'; readonly key: Key }
  | { readonly action: 'period'; readonly columns: readonly string[] }
  | { readonly action: 'drop-primary-key' }
  | { readonly action: 'rename'; readonly to: TableName }
  /** MariaDB's CONVERT PARTITION … TO TABLE: a new table. */
  | { readonly action: 'partition-to-table'; readonly to: TableName }
  /** MariaDB's CONVERT TABLE … TO PARTITION: the table is gone. */
  | { readonly action: 'table-to-partition'; readonly from: TableName }
  | { readonly action: 'convert'; readonly charset: CharsetChoice | null }
  | { readonly action: 'charset'; readonly charset: CharsetChoice }
  | { readonly action: 'comment'; readonly comment: string }

export type StatementBody =
  | {
      readonly kind: 'create-table'
      readonly table: TableName
      readonly ifNotExists: boolean
      readonly isTemporary: boolean
      readonly elements: readonly TableElement[]
      readonly options: TableOptions
      /** CREATE TABLE … SELECT: further columns, which the text does not tell. */
      readonly fromSelect: boolean
    }
  | {
      readonly kind: 'create-table-like'
      readonly table: TableName
      readonly like: TableName
      readonly ifNotExists: boolean
      readonly isTemporary: boolean
    }
  | { readonly kind: 'alter-table'; readonly table: TableName; readonly actions: readonly AlterAction[] }
  | {
      readonly kind: 'rename-tables'
      /** The words before the first pair. */
      readonly head: string
      readonly pairs: readonly { readonly from: TableName; readonly to: TableName; readonly text: string }[]
    }
  | {
      readonly kind: 'drop-tables'
      /** The words before the first name, and RESTRICT or CASCADE. */
      readonly head: string
      readonly tail: string
      readonly tables: readonly TableName[]
      readonly isTemporary: boolean
    }
  | { readonly kind: 'truncate'; readonly table: TableName }
  | { readonly kind: 'create-unique-index'; readonly table: TableName; readonly key: Key | null }
  | { readonly kind: 'drop-primary-key'; readonly table: TableName }
  | {
      readonly kind: 'create-database'
      readonly database: string
      readonly charset: CharsetChoice | null
      readonly ifNotExists: boolean
    }
  /** Null: the default database. */
  | {
      readonly kind: 'alter-database'
      readonly database: string | null
      readonly charset: CharsetChoice | null
    }
  | { readonly kind: 'drop-database'; readonly database: string }
  | { readonly kind: 'use'; readonly database: string }
  | { readonly kind: 'set'; readonly serverCharset: CharsetChoice | null }
  | { readonly kind: 'other' }

/** `text`: from its first token to its last. */
export type Statement = StatementBody & { readonly text: string }
