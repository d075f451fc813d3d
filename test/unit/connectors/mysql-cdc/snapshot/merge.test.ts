import { expect, test } from 'vitest'
import { merged } from '../../../../../connectors/mysql-cdc/snapshot/merge.ts'

async function* counting(to: number, failsAt = Number.POSITIVE_INFINITY): AsyncGenerator<number> {
  for (let i = 0; i < to; i++) {
    if (i === failsAt) throw new Error('no more')
    yield i
  }
}

async function all<T>(sequence: AsyncGenerator<T>): Promise<T[]> {
  const out: T[] = []
  for await (const each of sequence) out.push(each)
  return out
}

test('all of all sequences comes, each in its own order', async () => {
  const tagged = (tag: string, count: number) =>
    (async function* () {
      for await (const i of counting(count)) yield `${tag}${i}`
    })()
  const out = await all(merged([tagged('a', 3), tagged('b', 0), tagged('c', 5)]))
  expect(out.filter((each) => each.startsWith('a'))).toEqual(['a0', 'a1', 'a2'])
  expect(out.filter((each) => each.startsWith('c'))).toEqual(['c0', 'c1', 'c2', 'c3', 'c4'])
  expect(await all(merged([]))).toEqual([])
})

test('what came before a failure is given out first', async () => {
  const out: number[] = []
  const failing = async () => {
    for await (const each of merged([counting(5, 2), counting(0)])) out.push(each)
  }
  await expect(failing()).rejects.toThrow('no more')
  expect(out).toEqual([0, 1])
})

test('a sequence is not asked for more than one ahead', async () => {
  let made = 0
  const sequence = (async function* () {
    for (;;) yield made++
  })()
  const reading = merged([sequence])
  await reading.next()
  await new Promise((resolve) => setImmediate(resolve))
  expect(made).toBeLessThanOrEqual(2)
  await reading.return(undefined)
})
