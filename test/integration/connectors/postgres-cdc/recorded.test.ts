/** A sample of the recorded cases that `npm run test:compat` plays. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { recordedCase } from '../../../support/recorded-case.ts'
import { differences } from '../../../support/recorded-compare.ts'
import { play } from '../../../support/recorded-player.ts'
import { openStage, type Stage } from '../../../support/recorded-stage.ts'

let stage: Stage

beforeAll(async () => {
  stage = await openStage(new Set(['postgres']))
})
afterAll(() => stage[Symbol.asyncDispose]())

test.concurrent.each(['file-source-resume', 'postgres-pk-update', 'postgres-types-text-binary'])(
  '%s',
  async (name) => {
    const recorded = recordedCase(name)
    expect(differences(recorded, await play(recorded, stage))).toEqual([])
  },
)
