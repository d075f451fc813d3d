import { describe, expect, test } from 'vitest'
import { DataError } from '#errors'
import type { TypeOptions } from '../../../../../connectors/postgres-cdc/column-types/options.ts'
import { cellJson, knownType } from './read-cell.ts'

function json(
  name: string,
  text: string,
  times: TypeOptions['times'] = 'adaptive',
  typeModifier = -1,
): string {
  return cellJson(knownType(name, { column: { typeModifier }, options: { times } }), text)
}

describe('precision modes', () => {
  const timestamp = '2024-02-29 13:14:15.678901'
  test.each([
    ['time', 'adaptive', 3, 'Time', '47655678'],
    ['time', 'adaptive', -1, 'MicroTime', '47655678901'],
    ['time', 'adaptive', 4, 'MicroTime', '47655678901'],
    ['time', 'adaptive_time_microseconds', 3, 'MicroTime', '47655678901'],
    ['time', 'microseconds', 3, 'MicroTime', '47655678901'],
    ['time', 'nanoseconds', 3, 'NanoTime', '47655678901000'],
    ['timestamp', 'adaptive', 3, 'Timestamp', '1709212455678'],
    ['timestamp', 'adaptive', 6, 'MicroTimestamp', '1709212455678901'],
    ['timestamp', 'adaptive_time_microseconds', 3, 'Timestamp', '1709212455678'],
    ['timestamp', 'microseconds', 3, 'MicroTimestamp', '1709212455678901'],
    ['timestamp', 'nanoseconds', 3, 'NanoTimestamp', '1709212455678901000'],
  ] as const)('%s %s (%d)', (name, times, typeModifier, schema, value) => {
    const type = knownType(name, { column: { typeModifier }, options: { times } })
    expect(type.schema.name).toBe(`io.debezium.time.${schema}`)
    expect(cellJson(type, name === 'time' ? '13:14:15.678901' : timestamp)).toBe(value)
  })

  test('a date is days in all modes but isostring', () => {
    for (const times of ['adaptive', 'connect', 'microseconds', 'nanoseconds'] as const)
      expect(json('date', '2024-02-29', times)).toBe('19782')
    expect(json('date', '0044-03-15 BC', 'isostring')).toBe('"-0043-03-15Z"')
  })
})

describe('far from 1970', () => {
  test.each([
    ['0001-01-01 00:00:00 BC', -62167219200000000n],
    ['4713-01-01 00:00:00.000001 BC', -210863519999999999n],
    ['2255-01-01 00:00:00.5', 8993721600500000n],
    ['2300-12-31 23:59:59.999999', 10445327999999999n],
    ['1600-01-01 00:00:00', -11676096000000000n],
    ['294246-12-31 23:59:59.999999', 9223371244799999999n],
  ])('%s', (text, micros) => {
    expect(json('timestamp', text)).toBe(`${micros}`)
    const millis = micros >= 0n ? micros / 1000n : -((-micros + 999n) / 1000n)
    expect(json('timestamp', text, 'connect')).toBe(`${millis}`)
  })

  test('what 64 bits of the unit cannot hold is null, or an error under NOT NULL', () => {
    expect(json('timestamp', '294276-12-31 23:59:59')).toBe('null')
    expect(json('timestamp', '1677-09-21 00:12:43', 'nanoseconds')).toBe('null')
    expect(json('timestamp', '2262-04-11 23:47:16', 'nanoseconds')).toBe('9223372036000000000')
    expect(json('timestamp', '2262-04-11 23:47:17', 'nanoseconds')).toBe('null')
    const type = knownType('timestamp', { column: { notNull: true }, options: { times: 'nanoseconds' } })
    expect(() => cellJson(type, '2300-01-01 00:00:00')).toThrow('out of the range of 64 bits')
    expect(cellJson(type, null)).toBe('0')
  })

  test('infinities', () => {
    expect(json('timestamp', 'infinity', 'nanoseconds')).toBe('9223372036854775807')
    expect(json('timestamp', '-infinity', 'nanoseconds')).toBe('-9223372036854775808')
    expect(json('date', '-infinity', 'isostring')).toBe('"-5877611-06-22Z"')
  })
})

describe('with time zone', () => {
  test.each([
    ['2024-02-29 13:14:15+00', -1, '2024-02-29T13:14:15.000000Z'],
    ['2024-02-29 13:14:15.5+00', 1, '2024-02-29T13:14:15.5Z'],
    ['2024-02-29 23:30:00-01', 0, '2024-03-01T00:30:00Z'],
    ['2024-03-01 00:30:00+05:45', 0, '2024-02-29T18:45:00Z'],
    ['0001-01-01 00:00:00+00:00:01 BC', 0, '-0001-12-31T23:59:59Z'],
    ['10000-01-01 00:00:00.123456+00', -1, '+10000-01-01T00:00:00.123456Z'],
  ])('timestamptz %s', (text, typeModifier, value) => {
    expect(json('timestamptz', text, 'adaptive', typeModifier)).toBe(`"${value}"`)
  })

  test.each([
    ['00:30:00.120+01', '23:30:00.12Z'],
    ['24:00:00-01', '01:00:00Z'],
    ['12:00:00+00:00:30', '11:59:30Z'],
  ])('timetz %s', (text, value) => {
    expect(json('timetz', text)).toBe(`"${value}"`)
  })
})

describe('interval', () => {
  const asText = (text: string) => cellJson(knownType('interval', { options: { intervals: 'string' } }), text)
  const asNumber = (text: string) => cellJson(knownType('interval'), text)

  test.each([
    ['1 year 2 mons -3 days +04:05:06.789', 36572706789000n, 'P1Y2M-3DT4H5M6.789S'],
    ['-00:00:01', -1000000n, 'P0Y0M0DT0H0M-1S'],
    ['1 day', 86400000000n, 'P0Y0M1DT0H0M0S'],
    ['-2562047788:00:54.775807', -9223372036854775807n, 'P0Y0M0DT-2562047788H0M-54.775807S'],
  ])('%s', (text, micros, iso) => {
    expect(asNumber(text)).toBe(`${micros}`)
    expect(asText(text)).toBe(`"${iso}"`)
  })

  test('infinities of PostgreSQL 17', () => {
    expect(asNumber('infinity')).toBe('9223372036854775807')
    expect(asNumber('-infinity')).toBe('-9223372036854775808')
    expect(asText('-infinity')).toBe('"-infinity"')
  })
})

test('any text cut short or spoilt is a DataError, or another value of the type', () => {
  const texts: Record<string, string> = {
    date: '12024-02-29 BC',
    time: '13:14:15.678901',
    timetz: '13:14:15.678901+05:45:30',
    timestamp: '2024-02-29 13:14:15.678901',
    timestamptz: '2024-02-29 13:14:15.678901+05:45 BC',
  }
  let refused = 0
  for (const [name, text] of Object.entries(texts)) {
    const type = knownType(name)
    const spoilt = [...text].flatMap((_, i) => [text.slice(0, i), `${text.slice(0, i)}x${text.slice(i + 1)}`])
    for (const bad of spoilt) {
      try {
        expect(cellJson(type, bad)).not.toMatch(/NaN|undefined/)
      } catch (error) {
        refused++
        expect(error).toBeInstanceOf(DataError)
      }
    }
  }
  expect(refused).toBeGreaterThan(150)
})
