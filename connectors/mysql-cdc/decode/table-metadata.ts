/**
 * The optional part of TABLE_MAP: what binlog_row_metadata=MINIMAL (signs, collations, kinds of geometries) and FULL
 * (names, labels, key, visibility) add. Kinds that are not known are passed over.
 *
 *   1 SIGNEDNESS                     a bit per numeric column, highest first; set: unsigned
 *   2 DEFAULT_CHARSET                collation:packed (index:packed collation:packed)*   index among character columns
 *   3 COLUMN_CHARSET                 collation:packed per character column
 *   4 COLUMN_NAME                    (length:packed text) per column
 *   5 SET_STR_VALUE                  (count:packed (length:packed text){count}) per set
 *   6 ENUM_STR_VALUE                 the same per enum
 *   7 GEOMETRY_TYPE                  kind:packed per geometry
 *   8 SIMPLE_PRIMARY_KEY             column:packed*
 *   9 PRIMARY_KEY_WITH_PREFIX        (column:packed prefix:packed)*
 *  10 ENUM_AND_SET_DEFAULT_CHARSET   as 2, of enums and sets
 *  11 ENUM_AND_SET_COLUMN_CHARSET    as 3, of enums and sets
 *  12 COLUMN_VISIBILITY              a bit per column, highest first
 *  13 VECTOR_DIMENSIONALITY          count:packed per vector
 */
import { EventReader } from './event-reader.ts'
import { columnTypes as T, isCharacter, isNumeric, type ColumnLayout } from './log-columns.ts'

export interface ColumnFacts extends ColumnLayout {
  nullable: boolean
  unsigned: boolean | null
  name: string | null
  collation: number | null
  labels: readonly Buffer[] | null
  geometryType: number | null
  visible: boolean | null
  dimensions: number | null
}

export interface TableFacts {
  primaryKey: readonly number[] | null
}

export function applyMetadata(
  reader: EventReader,
  columns: ColumnFacts[],
  table: TableFacts,
  mariadb: boolean,
): void {
  while (reader.left > 0) {
    const kind = reader.uint8()
    const size = reader.packed()
    const from = reader.take(size)
    const value = new EventReader(reader.bytes, from, from + size, `TABLE_MAP (metadata of kind ${kind})`)
    apply(kind, value, columns, table, mariadb)
  }
}

const isLabelled = ({ type }: ColumnFacts) => type === T.ENUM || type === T.SET
const ofType = (type: number) => (column: ColumnFacts) => column.type === type

function apply(
  kind: number,
  value: EventReader,
  columns: ColumnFacts[],
  table: TableFacts,
  mariadb: boolean,
): void {
  const characters = (): ColumnFacts[] => columns.filter(({ type }) => isCharacter(type, mariadb))
  switch (kind) {
    case 1:
      return eachBit(
        value,
        columns.filter(({ type }) => isNumeric(type)),
        (column, set) => {
          column.unsigned = set
        },
      )
    case 2:
      return defaultCollations(value, characters())
    case 3:
      return collations(value, characters())
    case 4:
      for (const column of columns) column.name = value.text(value.packed())
      return value.end()
    case 5:
    case 6:
      for (const column of columns.filter(ofType(kind === 5 ? T.SET : T.ENUM))) column.labels = labels(value)
      return value.end()
    case 7:
      for (const column of columns.filter(ofType(T.GEOMETRY))) column.geometryType = value.packed()
      return value.end()
    case 8:
    case 9:
      table.primaryKey = primaryKey(value, columns.length, kind === 9)
      return
    case 10:
      return defaultCollations(value, columns.filter(isLabelled))
    case 11:
      return collations(value, columns.filter(isLabelled))
    case 12:
      return eachBit(value, columns, (column, set) => {
        column.visible = set
      })
    case 13:
      for (const column of columns.filter(ofType(T.VECTOR))) column.dimensions = value.packed()
      return value.end()
  }
}

function eachBit(
  value: EventReader,
  columns: readonly ColumnFacts[],
  set: (column: ColumnFacts, bit: boolean) => void,
): void {
  const bits = value.slice((columns.length + 7) >> 3)
  columns.forEach((column, i) => {
    set(column, ((bits[i >> 3] as number) & (0x80 >> (i & 7))) !== 0)
  })
}

function defaultCollations(value: EventReader, columns: readonly ColumnFacts[]): void {
  const collation = value.packed()
  for (const column of columns) column.collation = collation
  while (value.left > 0) {
    const column = columns[value.packed()]
    if (column === undefined) throw value.expected('the index of a character column')
    column.collation = value.packed()
  }
}

function collations(value: EventReader, columns: readonly ColumnFacts[]): void {
  for (const column of columns) column.collation = value.packed()
  value.end()
}

function labels(value: EventReader): Buffer[] {
  const found: Buffer[] = []
  for (let count = value.packed(); count > 0; count--) found.push(value.copy(value.packed()))
  return found
}

function primaryKey(value: EventReader, columns: number, withPrefixes: boolean): number[] {
  const found: number[] = []
  while (value.left > 0) {
    const column = value.packed()
    if (column >= columns) throw value.expected('the index of a column')
    found.push(column)
    if (withPrefixes) value.packed()
  }
  return found
}
