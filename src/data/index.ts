export { datum, nothing, writeValue, type Datum } from './datum.ts'
export {
  noHeaders,
  type ConnectRecord,
  type Header,
  type Headers,
  type OffsetMap,
  type OffsetValue,
  type SinkRecord,
  type SourceOffset,
  type SourceRecord,
} from './record.ts'
export {
  array,
  map,
  scalar,
  Schema,
  struct,
  type Field,
  type SchemaOptions,
  type SchemaType,
} from './schema.ts'
export { type NameAdjustment, nameAdjustment } from './name-adjustment.ts'
export { materialize, StructWriter } from './struct-writer.ts'
export { Decimal, Struct } from './values.ts'
export { FieldPattern, FixedFields, type ValueWriter } from './writer.ts'
export { javaDecimal, javaDouble, javaFloat } from './numbers.ts'
