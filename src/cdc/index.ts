export type { CellReader, Column, ColumnType } from './column.ts'
