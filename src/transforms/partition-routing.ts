/** Debezium's `PartitionRouting`: the partition of a change event by columns, so that equal values stay in order. */
import { type ConnectRecord, Decimal, type Schema, Struct } from '#data'
import { ConfigError, DataError } from '#errors'
import {
  atLeast,
  distinctNonEmpty,
  enumeration,
  int,
  javaHash,
  list,
  parseConfig,
  type TransformPlugin,
  version,
} from '#plugin'
import { changeEvent, structIn } from './change-event.ts'

const fields = {
  'partition.payload.fields': list({
    doc: 'Fields of the event that decide: after.COLUMN, before.COLUMN, change.COLUMN (of the new row, or the old one of a delete), source.FIELD, op.',
    validate: distinctNonEmpty,
    importance: 'LOW',
  }),
  'partition.topic.num': int({
    doc: 'How many partitions the topic has.',
    validate: atLeast(1),
    importance: 'LOW',
  }),
  'partition.hash.function': enumeration({
    values: ['java', 'murmur'] as const,
    ignoreCase: true,
    default: 'java',
    doc: 'java: the hash codes of the values, as Java has them, added up. murmur is refused: its hashes depend on objects of Java.',
    importance: 'LOW',
  }),
}

export const partitionRouting: TransformPlugin = {
  kind: 'transformation',
  javaClass: 'io.debezium.transforms.partitions.PartitionRouting',
  aliases: [],
  version,
  config: fields,
  create(raw) {
    const config = parseConfig(fields, raw)
    if (config['partition.hash.function'] === 'murmur')
      throw new ConfigError(
        'partition.hash.function=murmur is not supported: its hashes are those of Java objects.',
        {
          remedy: 'Use java; which partition a value goes to will differ.',
        },
      )
    const paths = config['partition.payload.fields'].map((text) => text.split('.'))
    return <R extends ConnectRecord>(record: R): R => {
      const event = changeEvent(record)
      if (event === null || event.raw('op') === 't') return record
      const hashes = paths.flatMap((path) => {
        const found = held(event, path)
        return found === null ? [] : [hashOf(found.value, found.schema)]
      })
      if (hashes.length === 0) return record
      const sum = hashes.reduce((total, hash) => (total + hash) | 0, 0) & 0x7fffffff
      return { ...record, partition: (sum === 0x7fffffff ? 0 : sum) % config['partition.topic.num'] }
    }
  },
}

interface Held {
  readonly schema: Schema
  readonly value: unknown
}

/** null: the event has no such field, or no value in it. */
function held(event: Struct, [first = '', ...rest]: readonly string[]): Held | null {
  const start = first === 'change' ? (structIn(event, 'after') === null ? 'before' : 'after') : first
  let inner: Held = { schema: event.schema, value: event }
  for (const name of [start, ...rest]) {
    const field = inner.schema.field(name)
    if (field === undefined || !(inner.value instanceof Struct)) return null
    inner = { schema: field.schema, value: inner.value.get(name) }
  }
  return inner.value === null ? null : inner
}

/** Java's `hashCode` of the object that Connect holds for the value. */
function hashOf(value: unknown, schema: Schema): number {
  if (typeof value === 'string') return javaHash(value)
  if (typeof value === 'boolean') return value ? 1231 : 1237
  if (typeof value === 'bigint') return longHash(value)
  if (typeof value === 'number') return numberHash(value, schema)
  if (value instanceof Decimal) return (Math.imul(31, magnitudeHash(value.unscaled)) + value.scale) | 0
  throw new DataError(
    `A field of the type ${schema.name ?? schema.type.toUpperCase()} cannot decide a partition`,
  )
}

const longHash = (value: bigint): number =>
  Number(BigInt.asIntN(32, value ^ (BigInt.asUintN(64, value) >> 32n)))

function numberHash(value: number, { type }: Schema): number {
  if (type !== 'float64' && type !== 'float32') return value | 0
  const bits = new DataView(new ArrayBuffer(8))
  if (type === 'float32') {
    bits.setFloat32(0, value)
    return bits.getInt32(0)
  }
  bits.setFloat64(0, value)
  return bits.getInt32(0) ^ bits.getInt32(4)
}

/** Of a BigInteger: its 32-bit words from the highest on, with its sign. */
function magnitudeHash(value: bigint): number {
  const digits = (value < 0n ? -value : value).toString(16)
  const words = digits.padStart(Math.ceil(digits.length / 8) * 8, '0').match(/.{8}/g) ?? []
  const hash = words.reduce((sum, word) => (Math.imul(31, sum) + Number.parseInt(word, 16)) | 0, 0)
  return value < 0n ? -hash | 0 : hash
}
