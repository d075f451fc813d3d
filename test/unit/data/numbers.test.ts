import { describe, expect, test } from 'vitest'
import { javaDecimal, javaDouble, javaFloat } from '#data'

// Expected texts are those of Java 21's Double.toString, Float.toString and BigDecimal.toString.
describe('javaDouble', () => {
  test.each([
    [0, '0.0'],
    [-0, '-0.0'],
    [1, '1.0'],
    [100, '100.0'],
    [1e10, '1.0E10'],
    [9999999, '9999999.0'],
    [1e7, '1.0E7'],
    [12345678.9, '1.23456789E7'],
    [0.001, '0.001'],
    [0.0001, '1.0E-4'],
    [-0.00123, '-0.00123'],
    [5e-324, '4.9E-324'],
    [2e23, '2.0E23'],
    [1.7976931348623157e308, '1.7976931348623157E308'],
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, 'Infinity'],
    [Number.NEGATIVE_INFINITY, '-Infinity'],
    [1234.5, '1234.5'],
    [2 ** 50 + 0.25, '1.1258999068426242E15'],
  ])('%d is %s', (value, text) => expect(javaDouble(value)).toBe(text))
})

describe('javaFloat', () => {
  test.each([
    [Math.fround(1.1), '1.1'],
    [Math.fround(1.4e-45), '1.4E-45'],
    [Math.fround(3.4028235e38), '3.4028235E38'],
    [Math.fround(0.1), '0.1'],
    [Math.fround(16777216), '1.6777216E7'],
    [-2, '-2.0'],
    [0, '0.0'],
    // Two shortest decimals are equally close: the even one.
    [3333333.25, '3333333.2'],
    [-3333333.75, '-3333333.8'],
    [339556.125, '339556.12'],
    [2 ** -12, '2.4414062E-4'],
    // The closest decimal of eight digits belongs to the next float below; the one above reads back.
    [2 ** -96, '1.2621775E-29'],
    [2 ** 90, '1.2379401E27'],
  ])('%d is %s', (value, text) => expect(javaFloat(value)).toBe(text))
})

describe('javaDecimal', () => {
  test.each([
    [12345n, 2, '123.45'],
    [-5n, 3, '-0.005'],
    [1n, 7, '1E-7'],
    [123n, 9, '1.23E-7'],
    [12n, -3, '1.2E+4'],
    [0n, 2, '0.00'],
    [7n, 0, '7'],
  ])('%d at scale %d is %s', (unscaled, scale, text) => expect(javaDecimal(unscaled, scale)).toBe(text))
})
