import { expect, test } from 'vitest'
import { epochDay, moment, setEpochDay } from '#cdc'

test('days and dates are each other’s inverse, and JavaScript’s', () => {
  for (let day = -800_000; day < 3_000_000; day += 97) {
    setEpochDay(day)
    expect(epochDay(moment.year, moment.month, moment.day)).toBe(day)
    const date = new Date(day * 86_400_000)
    expect([moment.year, moment.month, moment.day]).toEqual([
      date.getUTCFullYear(),
      date.getUTCMonth() + 1,
      date.getUTCDate(),
    ])
  }
})
