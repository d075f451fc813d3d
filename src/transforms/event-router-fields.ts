/** The properties of the outbox's EventRouter. */
import { boolean, enumeration, list, nonEmpty, regex, string } from '#plugin'

const column = (name: string | null, doc: string) => string({ default: name, doc, importance: 'LOW' })

export const outboxFields = {
  'table.op.invalid.behavior': enumeration({
    values: ['warn', 'error', 'fatal'] as const,
    ignoreCase: true,
    default: 'warn',
    doc: 'What becomes of updates, which an outbox should not have. warn, error: they are dropped. fatal: the task fails.',
  }),
  'table.field.event.id': string({
    default: 'id',
    doc: 'The column with the id of the event; it becomes the header id.',
    importance: 'LOW',
  }),
  'table.field.event.key': column('aggregateid', 'The column that becomes the key. Empty: the key stays.'),
  'table.field.event.type': column(
    'type',
    'The column with the type of the event. Without effect by itself: place it with table.fields.additional.placement.',
  ),
  'table.field.event.payload': string({
    default: 'payload',
    doc: 'The column that becomes the value.',
    importance: 'LOW',
  }),
  'table.field.event.timestamp': column(
    null,
    'The column with the time of the event, which becomes the time of the record. Not set: the time of the change event.',
  ),
  'table.field.event.schema.version': column(
    null,
    'The column with the version of the schema of the value, where additional fields make that a struct.',
  ),
  'table.fields.additional.placement': list({
    default: [],
    doc:
      'Further columns and where they go, as column:header, column:envelope or column:partition, each with :name where ' +
      'it gets another name. With one in the envelope the value is a struct, with the payload in the field payload.',
    importance: 'HIGH',
  }),
  'table.field.additional.missing': enumeration({
    values: ['error', 'ignore'] as const,
    ignoreCase: true,
    default: 'error',
    doc: 'Whether the task fails where the table has no such column (error), or goes on without it (ignore).',
  }),
  'table.expand.json.payload': boolean({
    default: false,
    doc: 'Whether a payload that is a JSON object or array as text becomes a struct or an array.',
  }),
  'table.json.payload.null.behavior': enumeration({
    values: ['ignore', 'optional_bytes'] as const,
    ignoreCase: true,
    default: 'ignore',
    doc: 'Fields of such a payload that are null: ignore leaves them out, optional_bytes makes them fields of bytes.',
  }),
  'table.json.payload.empty.array.behavior': enumeration({
    values: ['ignore', 'optional_string'] as const,
    ignoreCase: true,
    default: 'ignore',
    doc: 'Empty arrays in such a payload: ignore leaves them out, optional_string makes them arrays of text.',
  }),
  'route.by.field': string({
    default: 'aggregatetype',
    doc: 'The column whose value decides the topic.',
    importance: 'HIGH',
  }),
  'route.topic.regex': string({
    default: '(?<routedByValue>.*)',
    doc: 'A Java regular expression for the whole value of that column.',
    validate: regex,
    importance: 'LOW',
  }),
  'route.topic.replacement': string({
    default: `outbox.event.\${routedByValue}`,
    doc: `The name of the topic; $1 and \${name} stand for groups of the expression.`,
    validate: nonEmpty,
    importance: 'HIGH',
  }),
  'route.tombstone.on.empty.payload': boolean({
    default: false,
    doc: 'Whether an event without a payload becomes a tombstone.',
  }),
}
