/** Ways into the type table for tests: a column from a few words, and a cell as the JSON that comes of it. */
import { ByteBuffer } from '#bytes'
import type { ColumnType } from '#cdc'
import { struct, type ValueWriter, writeValue } from '#data'
import {
  type PgColumn,
  type PgType,
  TypeCatalog,
} from '../../../../../connectors/postgres-cdc/column-types/catalog.ts'
import { columnType } from '../../../../../connectors/postgres-cdc/column-types/column-type.ts'
import {
  defaultTypeOptions,
  type TypeOptions,
} from '../../../../../connectors/postgres-cdc/column-types/options.ts'
import { jsonFormat } from '../../../../../src/converters/json-format.ts'
import { JsonWriter } from '../../../../../src/converters/json-writer.ts'

export const format = jsonFormat(false, true)

/** A cell of the log: a text, null for NULL, false for an unchanged TOAST value. */
export type Cell = string | null | false

/** The JSON of one cell as a field of a row. */
export function cellJson(type: ColumnType, cell: Cell): string {
  const row = struct([['v', type.schema]])
  const write = (to: ValueWriter): void => {
    to.beginStruct(row)
    to.field(0)
    if (typeof cell === 'string') {
      // In the middle of other bytes, as in a chunk.
      const bytes = Buffer.from(`9{"${cell}"}9`)
      type.read(bytes, 3, bytes.length - 3, to)
    } else if (cell === false) {
      if (type.unavailable === null) to.null()
      else writeValue(type.schema, type.unavailable, to)
    } else if (type.schema.optional) to.null()
    else writeValue(type.schema, type.fallback, to)
    to.endStruct()
  }
  const out = new ByteBuffer()
  new JsonWriter(format).payload({ schema: row, write, value: () => null }, out)
  return out.written().toString().slice('{"v":'.length, -1)
}

const plain = { kind: 'b', element: 0, base: 0, baseModifier: -1, notNull: false, labels: [] } as const

export function pgType(oid: number, name: string, more: Partial<PgType> = {}): PgType {
  return { oid, name, schema: 'pg_catalog', ...plain, ...more }
}

export interface Given {
  readonly column?: Partial<PgColumn>
  /** Of the type itself; `items` makes it an array of a type of that name. */
  readonly type?: Partial<PgType> & { readonly items?: Partial<PgType> & { readonly name: string } }
  readonly options?: Partial<TypeOptions>
}

/** The column type of a column named `c` of the type `name`; null: not captured. */
export function typeOf(name: string, given: Given = {}): ColumnType | null {
  const { items, ...type } = given.type ?? {}
  const catalog = new TypeCatalog([pgType(1, name, { ...type, element: items === undefined ? 0 : 2 })])
  if (items !== undefined) catalog.add([pgType(2, items.name, items)])
  const column = {
    name: 'c',
    typeOid: 1,
    typeModifier: -1,
    notNull: false,
    defaultExpression: null,
    identity: false,
    generated: false,
    ...given.column,
  }
  return columnType(column, catalog, { ...defaultTypeOptions, ...given.options })
}

/** The same for a column that must be captured. */
export function knownType(name: string, given: Given = {}): ColumnType {
  const type = typeOf(name, given)
  if (type === null) throw new Error(`${name} has no mapping`)
  return type
}
