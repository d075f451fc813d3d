/**
 * What a real Kafka Connect made of a case, a worker makes of it too: all cases, many at once, on one worker; first with
 * the embedded broker, then on a real Kafka.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { playsAlone } from '../support/recorded-binlog.ts'
import { caseNames, recordedCase } from '../support/recorded-case.ts'
import { differences } from '../support/recorded-compare.ts'
import { play } from '../support/recorded-player.ts'
import { missing, openStage, type Stage } from '../support/recorded-stage.ts'
import { kafkaAvailable, kafkaServer } from '../support/services/kafka.ts'

const all = ['file', 'jdbcsink', 'postgres', 'mysql', 'mariadb'].flatMap(caseNames).map(recordedCase)
/** Those that must be alone come last. */
const cases = [...all.filter((each) => !playsAlone(each)), ...all.filter(playsAlone)]
const engines = new Set(cases.flatMap(({ engine }) => engine ?? []))

for (const broker of ['embedded', 'kafka'])
  describe.skipIf(broker === 'kafka' && !kafkaAvailable)(broker, () => {
    let stage: Stage

    beforeAll(async () => {
      stage = await openStage(engines, broker === 'kafka' ? await kafkaServer() : null)
    }, 180_000)
    afterAll(() => stage[Symbol.asyncDispose]())

    for (const recorded of cases) {
      const reason = missing(recorded.engine)
      const name = reason === null ? recorded.name : `${recorded.name} (${reason})`
      test(name, { concurrent: !playsAlone(recorded), skip: reason !== null }, async () => {
        expect(differences(recorded, await play(recorded, stage))).toEqual([])
      })
    }
  })
