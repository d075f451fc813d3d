/** Sets of GTIDs against plain sets of numbers, and in the server's own forms. */
import { expect, test } from 'vitest'
import { GtidSet } from '../../../../../connectors/mysql-cdc/decode/gtid-set.ts'

const a = '3e11fa47-71ca-11e1-9e33-c80aa9429562'
const b = 'be78b375-e550-11f1-8a8b-02fc00000001'

test.each([
  ['', ''],
  [`${a}:1`, `${a}:1`],
  [` ${a.toUpperCase()}:3-5:1-2 ,\n ${b}:7`, `${a}:1-5,${b}:7`],
  [`${b}:1,${a}:1-3:5-9:4`, `${a}:1-9,${b}:1`],
  [`${a}:5:tag_b:1-3:tag_a:2:9`, `${a}:5:tag_a:2:9:tag_b:1-3`],
  [`${a}:Tag:1,${a}:tag:2,${a}:3`, `${a}:3:tag:1-2`],
  [`${a.replaceAll('-', '')}:1-9223372036854775806`, `${a}:1-9223372036854775806`],
  [`${a}:5-3:7`, `${a}:7`],
])('%j prints as %j', (text, printed) => {
  expect(`${GtidSet.parse(text)}`).toBe(printed)
})

test.each([
  a,
  `${a}:`,
  `${a}:x y`,
  `${a}:0`,
  `${a}:tag`,
  `${a}:1-2-3`,
  'abc:1',
  `${a}:9223372036854775807`,
  `${a}:9tag:1`,
])('%j is refused', (text) => expect(() => GtidSet.parse(text)).toThrow(/is not a set of GTIDs/))

test('what contains what', () => {
  const set = GtidSet.parse(`${a}:1-10:tag:5-6`)
  expect(set.contains(GtidSet.parse(`${a}:2-3:9:tag:6`))).toBe(true)
  expect(set.contains(GtidSet.parse(`${a}:tag:7`))).toBe(false)
  expect(set.contains(GtidSet.parse(`${b}:1`))).toBe(false)
  expect(set.contains(GtidSet.empty)).toBe(true)
  expect(set.has(a, 'tag', 5n)).toBe(true)
  expect(set.has(a, '', 11n)).toBe(false)
  expect(set.uuids()).toEqual([a])
  expect(`${GtidSet.parse(`${a}:1,${b}:2`).filter((uuid) => uuid === b)}`).toBe(`${b}:2`)
  expect(`${GtidSet.parse(`${a}:1-9`).intersect(GtidSet.parse(`${a}:4-20,${b}:1`))}`).toBe(`${a}:4-9`)
})

/** A repeatable sequence of numbers below `limit`. */
function numbers(seed: number): (limit: number) => number {
  let state = seed
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * limit)
  }
}

test('adding, union and subtraction agree with sets of numbers', () => {
  const next = numbers(7)
  for (let round = 0; round < 300; round++) {
    const [left, right] = [new Set<number>(), new Set<number>()]
    let [x, y] = [GtidSet.empty, GtidSet.empty]
    for (let i = 0; i < 12; i++) {
      const [p, q] = [next(16) + 1, next(16) + 1]
      left.add(p)
      right.add(q)
      x = x.with(a, '', BigInt(p))
      y = y.with(a, '', BigInt(q))
    }
    const printed = (numbers: readonly number[]) =>
      `${GtidSet.parse(numbers.map((number) => `${a}:${number}`).join(','))}`
    const [all, others] = [[...left], [...right]]
    expect(`${x}`).toBe(printed(all))
    expect(`${x.union(y)}`).toBe(printed([...all, ...others]))
    expect(`${x.subtract(y)}`).toBe(printed(all.filter((number) => !right.has(number))))
    expect(`${x.intersect(y)}`).toBe(printed(all.filter((number) => right.has(number))))
    expect(x.contains(y)).toBe(others.every((number) => left.has(number)))
    expect(x.union(y).contains(x)).toBe(true)
    expect(x.equals(GtidSet.parse(`${x}`))).toBe(true)
  }
})
