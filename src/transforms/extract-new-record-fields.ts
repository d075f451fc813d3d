/** The properties of ExtractNewRecordState. */
import { boolean, enumeration, list, string } from '#plugin'

const handlings = ['drop', 'tombstone', 'rewrite', 'rewrite-with-tombstone', 'delete-to-tombstone'] as const
export type Handling = (typeof handlings)[number]

const syntax =
  'as field, struct.field or either with :name; op,table,source.ts_ms:at gives __op, __table and __at.'

export const extractFields = {
  'delete.tombstone.handling.mode': enumeration({
    values: handlings,
    ignoreCase: true,
    default: 'tombstone',
    doc:
      'What becomes of deletes and their tombstones. drop: both go. tombstone: a null under the schema of the row. ' +
      'delete-to-tombstone: a true tombstone. rewrite: the old row with __deleted=true. rewrite-with-tombstone: that, and the tombstone.',
    order: 1,
    width: 'MEDIUM',
    displayName: 'Handle delete and tombstone records',
  }),
  'route.by.field': string({
    default: '',
    doc: 'A text column whose value becomes the name of the topic.',
    importance: 'LOW',
    order: 1,
    width: 'LONG',
    displayName: 'Route by field name',
  }),
  'add.fields.prefix': string({
    default: '__',
    doc: 'What the names of added fields begin with.',
    importance: 'LOW',
    order: 1,
    width: 'SHORT',
    displayName: 'Field prefix to be added to each field.',
  }),
  'add.fields': list({
    default: [],
    doc: `Fields of the event to add to the row, ${syntax}`,
    importance: 'LOW',
    order: 1,
    width: 'LONG',
    displayName: 'Adds the specified field(s) to the message if they exist.',
  }),
  'add.headers.prefix': string({
    default: '__',
    doc: 'What the names of added headers begin with.',
    importance: 'LOW',
    order: 1,
    width: 'SHORT',
    displayName: 'Header prefix to be added to each header.',
  }),
  'add.headers': list({
    default: [],
    doc: `Fields of the event to add as headers, ${syntax}`,
    importance: 'LOW',
    order: 1,
    width: 'LONG',
    displayName: 'Adds the specified fields to the header if they exist.',
  }),
  'drop.fields.header.name': string({
    default: null,
    doc: 'A header that lists fields to leave out of the row.',
    importance: 'LOW',
    order: 1,
    width: 'SHORT',
    displayName: 'Specifies a header that contains a list of field names to be removed',
  }),
  'drop.fields.from.key': boolean({
    default: false,
    doc: 'Whether those fields are left out of the key as well.',
    importance: 'LOW',
    order: 1,
    width: 'SHORT',
    displayName: 'Specifies whether the fields to be dropped should also be omitted from the key',
  }),
  'drop.fields.keep.schema.compatible': boolean({
    default: true,
    doc: 'Whether only optional fields may be left out, so that readers of the old schema can go on.',
    importance: 'LOW',
    order: 1,
    width: 'SHORT',
    displayName: "Specifies if fields are dropped, will the event's schemas be compatible",
  }),
  'replace.null.with.default': boolean({
    default: true,
    doc: 'Whether a null in a column that has a default counts as the default.',
    internal: true,
  }),
}
