import { describe, expect, test } from 'vitest'
import { type Schema, scalar } from '#data'
import { ann, bo, payload, person, record, transform, written, zed } from './person.ts'

const text = scalar('string')

async function value(
  name: string,
  config: Record<string, string>,
  held: unknown,
  schema: Schema | null = person,
) {
  const run = await transform(name, config)
  return run(record(schema, held))?.value
}

describe('Cast', () => {
  const spec =
    'name:boolean,age:string,big:float64,score:int32,ratio:string,ok:int8,price:string,born:string,seen:int64,at:string,raw:string'

  test.each([
    [
      ann,
      '{"id":1,"name":false,"email":"ann@x.org","age":"33","big":9.007199254740992E15,"score":1,"ratio":"0.25","ok":1,' +
        '"price":"12.50","born":"1990-02-28","seen":1709210096789,"at":"08:09:10.011Z","raw":"AP8="}',
    ],
    [
      zed,
      '{"id":3,"name":false,"email":"z","age":"-1","big":-5.0,"score":-2,"ratio":"1.0E10","ok":0,' +
        '"price":"-0.01","born":"00:00:00.000Z","seen":-999,"at":"00:00:00.000Z","raw":""}',
    ],
  ])('fields of every type', async (held, expected) => {
    const changed = await value('Cast$Value', { spec }, held)
    expect(payload(changed)).toBe(expected)
    const { schema } = written(changed) as { schema: Record<string, unknown> }
    expect(JSON.stringify(schema)).toContain(
      '{"type":"double","optional":true,"field":"big"},{"type":"int32","optional":true,"field":"score"}',
    )
  })

  test.each([
    ['int32', '+5', 5],
    ['int64', '-7', -7n],
    ['float64', ' 0x1p3 ', 8],
    ['float64', '1e3', 1000],
    ['float32', '0.1f', Math.fround(0.1)],
    ['boolean', 'TRUE', true],
    ['boolean', 'yes', false],
  ])('whole text to %s: %s', async (type, given, expected) => {
    const changed = await value('Cast$Value', { spec: type }, given, text)
    expect(changed?.value()).toBe(expected)
    expect(changed?.schema).toMatchObject({ type, optional: false })
  })

  test.each([
    ['int16', '32768'],
    ['int8', ' 8'],
    ['int8', '2.0'],
    ['int8', ''],
    ['float64', 'x'],
  ])('%s of %j is out of range', async (type, given) => {
    await expect(value('Cast$Value', { spec: type }, given, text)).rejects.toThrow(
      'Value was out of range for requested data type',
    )
  })

  test('numbers that do not fit are not wrapped around', async () => {
    await expect(value('Cast$Value', { spec: 'big:int32' }, ann)).rejects.toThrow('out of range')
    expect(
      payload(await value('Cast$Value', { spec: 'f:int32,g:string' }, new Map([['f', 2.9]]), null)),
    ).toBe('{"f":2,"g":null}')
  })

  test.each([
    [
      'x:foo',
      'Invalid value java.lang.IllegalArgumentException: No enum constant org.apache.kafka.connect.data.Schema.Type.FOO for configuration Invalid type found in casting spec: foo',
    ],
    ['a:b:c', 'Invalid rename mapping: a:b:c'],
    ['a:bytes', 'does not support casting to/from BYTES'],
    ['int8,a:int8', 'may only specify a single cast'],
  ])('spec=%s is refused', async (wrong, message) => {
    await expect(transform('Cast$Value', { spec: wrong })).rejects.toThrow(message)
  })
})

describe('TimestampConverter', () => {
  test('fields: to text, to unix time, to another type', async () => {
    const string = { field: 'seen', 'target.type': 'string', format: "yyyy-MM-dd'T'HH:mm:ss.SSSXXX" }
    expect(payload(await value('TimestampConverter$Value', string, zed))).toContain(
      '"seen":"1969-12-31T23:59:59.001Z"',
    )
    const unix = { field: 'born', 'target.type': 'unix' }
    expect(payload(await value('TimestampConverter$Value', unix, ann))).toContain('"born":636163200000')
    const nanos = { field: 'at', 'target.type': 'unix', 'unix.precision': 'nanoseconds' }
    expect(payload(await value('TimestampConverter$Value', nanos, ann))).toContain('"at":29350011000000')
    const micros = { field: 'big', 'target.type': 'Timestamp', 'unix.precision': 'microseconds' }
    expect(payload(await value('TimestampConverter$Value', micros, ann))).toContain('"big":9007199254740')
    expect(
      payload(await value('TimestampConverter$Value', { field: 'seen', 'target.type': 'Date' }, zed)),
    ).toContain('"seen":-1')
    expect(payload(await value('TimestampConverter$Value', unix, bo))).toContain('"born":null')
  })

  test.each([
    ['2024-02-29 23:59:59', 1709251199000n],
    ['1969-12-31 23:59:59', -1000n],
    ['2024-2-3 4:5:6', 1706933106000n],
    ['0001-01-01 00:00:00', -62135769600000n],
    ['2024-13-40 25:61:61', 1739152921000n],
  ])('%s is read as Java reads it', async (given, expected) => {
    const config = { 'target.type': 'Timestamp', format: 'yyyy-MM-dd HH:mm:ss' }
    expect((await value('TimestampConverter$Value', config, given, text))?.value()).toBe(expected)
  })

  test('other formats', async () => {
    const seconds = { 'target.type': 'unix', format: 'dd/MM/yyyy HH.mm', 'unix.precision': 'seconds' }
    expect((await value('TimestampConverter$Value', seconds, '31/12/1969 23.59', text))?.value()).toBe(-60n)
    await expect(value('TimestampConverter$Value', seconds, 'not a date', text)).rejects.toThrow(
      'Could not parse',
    )
    const wordy = { 'target.type': 'unix', format: 'EEE, d MMM yyyy hh:mm a Z' }
    const read = await value('TimestampConverter$Value', wordy, 'Thu, 29 Feb 2024 01:30 pm +0100', text)
    expect(read?.value()).toBe(BigInt(Date.UTC(2024, 1, 29, 12, 30)))
    const packed = { 'target.type': 'unix', format: 'yyyyMMddHHmmss' }
    expect((await value('TimestampConverter$Value', packed, '20240229123456', text))?.value()).toBe(
      1709210096000n,
    )
  })

  test('what cannot be', async () => {
    await expect(
      value('TimestampConverter$Value', { field: 'age', 'target.type': 'Timestamp' }, ann),
    ).rejects.toThrow('Schema Schema{INT16} does not correspond to a known timestamp type format')
    await expect(transform('TimestampConverter$Value', { 'target.type': 'string' })).rejects.toThrow(
      'TimestampConverter requires format option to be specified when using string timestamps',
    )
    await expect(transform('TimestampConverter$Value', { 'target.type': 'foo' })).rejects.toThrow(
      'Invalid value foo for configuration target.type: String must be one of: string, unix, Date, Time, Timestamp',
    )
  })
})
