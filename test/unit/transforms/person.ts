/** A row with a column of each usual type, and how to run a transform over it. */
import { ByteBuffer } from '#bytes'
import {
  type ConnectRecord,
  type Datum,
  Decimal,
  datum,
  noHeaders,
  type Schema,
  scalar,
  Struct,
  struct,
} from '#data'
import { converterEntries } from '#converters'
import { createRegistry, type RawConfig, type Transform } from '#plugin'
import { transformEntries } from '#transforms'

const registry = createRegistry([...transformEntries, ...converterEntries])
const json = (await registry.load('converter', 'json')).create({}, 'value')
const header = await registry.load('header_converter', 'SimpleHeaderConverter')
const connectData = 'org.apache.kafka.connect.data.'
const optional = { optional: true }

export const person = struct(
  [
    ['id', scalar('int32')],
    ['name', scalar('string')],
    ['email', scalar('string', optional)],
    ['age', scalar('int16', optional)],
    ['big', scalar('int64', optional)],
    ['score', scalar('float64', optional)],
    ['ratio', scalar('float32', optional)],
    ['ok', scalar('boolean', optional)],
    [
      'price',
      scalar('bytes', { ...optional, name: `${connectData}Decimal`, version: 1, parameters: { scale: '2' } }),
    ],
    ['born', scalar('int32', { ...optional, name: `${connectData}Date`, version: 1 })],
    ['seen', scalar('int64', { ...optional, name: `${connectData}Timestamp`, version: 1 })],
    ['at', scalar('int32', { ...optional, name: `${connectData}Time`, version: 1 })],
    ['raw', scalar('bytes', optional)],
  ],
  { ...optional, name: 'public.person.Value' },
)
export const ann = new Struct(person, [
  1,
  'Ann',
  'ann@x.org',
  33,
  9007199254740993n,
  1.5,
  0.25,
  true,
  new Decimal(1250n, 2),
  7363,
  1709210096789n,
  29350011,
  Buffer.from([0, 255]),
])
export const bo = new Struct(person, [2, 'Бо', ...new Array<null>(11).fill(null)])
export const zed = new Struct(person, [
  3,
  '',
  'z',
  -1,
  -5n,
  -2.75,
  1e10,
  false,
  new Decimal(-1n, 2),
  -1,
  -999n,
  0,
  Buffer.alloc(0),
])

export function record(
  schema: Schema | null,
  value: unknown,
  more: Partial<ConnectRecord> = {},
): ConnectRecord {
  return {
    topic: 't',
    partition: null,
    key: datum(scalar('int32'), 1),
    value: datum(schema, value),
    headers: noHeaders,
    timestamp: null,
    ...more,
  }
}

export async function transform(name: string, config: RawConfig = {}): Promise<Transform> {
  const full = name.includes('.') ? name : `org.apache.kafka.connect.transforms.${name}`
  const plugin = await registry.load('transformation', name.includes('$') ? full : name)
  return plugin.create(config)
}

export async function predicate(name: string, config: RawConfig = {}) {
  return (await registry.load('predicate', name)).create(config)
}

/** As JsonConverter writes it, parsed; null for no bytes. */
export function written(
  given: Datum | undefined,
): { schema: Record<string, unknown>; payload: unknown } | null {
  if (given === undefined) throw new Error('the record was dropped')
  const out = new ByteBuffer()
  return json.write('t', given, out) ? JSON.parse(out.copy().toString()) : null
}

/** The JSON text of the payload, as it is. */
export function payload(given: Datum | undefined): string | undefined {
  if (given === undefined) throw new Error('the record was dropped')
  const out = new ByteBuffer()
  json.write('t', given, out)
  const text = out.copy().toString()
  return text.slice(text.indexOf('"payload":') + 10, -1)
}

/** Names and texts of a record's headers, as SimpleHeaderConverter writes them. */
export function headersOf(given: ConnectRecord | null): [string, string | null][] {
  if (header.kind !== 'header_converter') throw new Error('no header converter')
  const converter = header.create({})
  return (given?.headers ?? []).map(({ key, value }) => {
    const out = new ByteBuffer()
    return [key, converter.write('t', key, value, out) ? out.copy().toString() : null]
  })
}
