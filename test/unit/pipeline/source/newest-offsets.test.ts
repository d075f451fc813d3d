import { expect, test } from 'vitest'
import { NewestOffsets } from '../../../../src/pipeline/source/newest-offsets.ts'
import { offsetRenderer } from '../../../../src/pipeline/source/offset-entries.ts'
import { offsetAt } from '../../../support/pipeline/script.ts'

function taken(newest: NewestOffsets): string[] {
  return offsetRenderer('c')(newest.take()).map(({ key, value }) => `${key} ${value}`)
}

test('of each partition the newest, and nothing twice', () => {
  const newest = new NewestOffsets()
  const a = { p: 'a' }
  const b = { p: 'b' }
  for (const offset of [offsetAt(1, a as never), offsetAt(2, b as never), offsetAt(3, a as never)])
    newest.note(offset)
  expect(taken(newest)).toEqual(['["c",{"p":"b"}] {"position":2}', '["c",{"p":"a"}] {"position":3}'])
  expect(newest.empty).toBe(true)
  expect(newest.take()).toEqual([])
})

test('of several objects that describe one partition the one noted last counts', () => {
  const newest = new NewestOffsets()
  const first = { server: 'a' }
  newest.note(offsetAt(1, first))
  newest.note(offsetAt(2, { server: 'a' }))
  newest.note(offsetAt(3, first))
  expect(taken(newest)).toEqual(['["c",{"server":"a"}] {"position":3}'])
})

test('only what is taken is rendered', () => {
  const newest = new NewestOffsets()
  const partition = { p: 'a' }
  let rendered = 0
  for (let i = 0; i < 1000; i++)
    newest.note({
      partition,
      offset: () => {
        rendered++
        return { i: BigInt(i) }
      },
    })
  expect(taken(newest)).toEqual(['["c",{"p":"a"}] {"i":999}'])
  expect(rendered).toBe(1)
})

test('null clears the stored offset', () => {
  const [entry] = offsetRenderer('c')([{ partition: { p: 'a' }, offset: () => null }])
  expect(entry?.value).toBeNull()
})
