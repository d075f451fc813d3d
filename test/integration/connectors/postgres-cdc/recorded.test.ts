/** A sample of the recorded cases that `npm run test:compat` plays. */
import { expect, test } from 'vitest'
import { differences } from '../../../support/recorded-case.ts'

test.each(['pk-update', 'types-text-binary'])('%s', async (name) => {
  expect(await differences(name)).toEqual([])
})
