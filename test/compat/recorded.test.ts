/** What a real Kafka Connect made of a case, a worker makes of it too: all cases, many at once, on one worker. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { caseNames, recordedCase } from '../support/recorded-case.ts'
import { differences } from '../support/recorded-compare.ts'
import { play } from '../support/recorded-player.ts'
import { missing, openStage, type Stage } from '../support/recorded-stage.ts'

const cases = ['file', 'jdbcsink', 'postgres'].flatMap(caseNames).map(recordedCase)
let stage: Stage

beforeAll(async () => {
  stage = await openStage(new Set(cases.flatMap(({ engine }) => engine ?? [])))
})
afterAll(() => stage[Symbol.asyncDispose]())

describe.concurrent('recorded', () => {
  for (const recorded of cases) {
    const reason = missing(recorded.engine)
    test.skipIf(reason !== null)(
      reason === null ? recorded.name : `${recorded.name} (${reason})`,
      async () => {
        expect(differences(recorded, await play(recorded, stage))).toEqual([])
      },
    )
  }
})
