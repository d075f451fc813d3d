import { expect } from 'vitest'
import { datum, nothing } from '#data'
import { test } from '../../../support/pipeline/loop-test.ts'
import { recordAt, until } from '../../../support/pipeline/script.ts'

test('headers are encoded once per array', async ({ script, source, startSource }) => {
  let written = 0
  const value = {
    ...datum(null, 'x'),
    value: () => {
      written++
      return 'x'
    },
  }
  const headers = [{ key: 'h', value: { ...nothing, ...value } }]
  startSource()
  source.feed(recordAt(1, { headers }), recordAt(2), recordAt(3, { headers }))
  await until(() => script.stored.length === 3)
  expect(script.stored.map((record) => record.headers)).toEqual(['\x02\x02h\x02x', '\x00', '\x02\x02h\x02x'])
  expect(written).toBe(1)
})
