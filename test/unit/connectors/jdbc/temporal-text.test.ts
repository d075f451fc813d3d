import { expect, test } from 'vitest'
import {
  civil,
  dateText,
  daysOf,
  instantOf,
  parseZonedTimestamp,
  timestampText,
  timeText,
} from '../../../../connectors/jdbc/temporal-text.ts'
import { wallClock } from '../../../../connectors/jdbc/time-zone.ts'

test('every day of eight centuries goes there and back', () => {
  for (let days = -150_000; days < 150_000; days += 61) {
    const { year, month, day } = civil(days)
    expect(daysOf(year, month, day)).toBe(days)
    expect(dateText(days)).toBe(new Date(days * 86_400_000).toISOString().slice(0, 10))
  }
})

test.each([
  [-719_528, '0001-01-01 BC'],
  [2_932_896, '9999-12-31'],
  [2_932_897, '10000-01-01'],
])('day %i', (days, text) => {
  expect(dateText(days)).toBe(text)
})

test.each([
  [45_296_789_012n, 'us', '12:34:56.789012'],
  [-3_600_000_000n, 'us', '-01:00:00'],
  [-500n, 'ms', '-00:00:00.5'],
  [37_091_106_000_000n, 'us', '10303:05:06'],
  [1n, 'ns', '00:00:00.000000001'],
] as const)('%s %s', (count, unit, text) => {
  expect(timeText(instantOf(count, unit))).toBe(text)
})

test.each([
  [-1n, 'ms', '1969-12-31 23:59:59.999'],
  [1_709_210_096_789_012n, 'us', '2024-02-29 12:34:56.789012'],
  [253_402_300_799_999_999n, 'us', '9999-12-31 23:59:59.999999'],
  [-62_135_596_800_000_000n, 'us', '0001-01-01 00:00:00'],
  [1_709_210_096_789_012_345n, 'ns', '2024-02-29 12:34:56.789012345'],
] as const)('%s %s since 1970', (count, unit, text) => {
  expect(timestampText(instantOf(count, unit))).toBe(text)
})

test.each([
  ['2024-02-29T12:34:56.789012Z', '2024-02-29 12:34:56.789012'],
  ['2024-02-29T12:34:56+02:00', '2024-02-29 10:34:56'],
  ['2024-02-29T00:00-05:30', '2024-02-29 05:30:00'],
])('%s in UTC', (text, expected) => {
  const instant = parseZonedTimestamp(text)
  expect(instant === null ? null : timestampText(instant)).toBe(expected)
})

test('infinity is no instant', () => {
  expect(parseZonedTimestamp('infinity')).toBeNull()
})

test('a wall clock follows daylight saving', () => {
  const clock = wallClock('America/New_York')
  const local = (text: string): string =>
    timestampText(clock(parseZonedTimestamp(text) ?? { seconds: 0, nanos: 0 }))
  expect(local('2024-03-10T06:59:59.5Z')).toBe('2024-03-10 01:59:59.5')
  expect(local('2024-03-10T07:00:00Z')).toBe('2024-03-10 03:00:00')
  expect(timestampText(wallClock('+02:00')({ seconds: 0, nanos: 0 }))).toBe('1970-01-01 02:00:00')
  expect(() => wallClock('Nowhere/Land')).toThrow(/Nowhere\/Land/)
})
