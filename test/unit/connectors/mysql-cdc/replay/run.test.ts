import { expect, test } from 'vitest'
import type { ReplayPlan } from '#plugin'
import { MysqlReplay, type ReplayLog } from '../../../../../connectors/mysql-cdc/replay/run.ts'

const files = [
  { file: 'log.000003', size: 1000 },
  { file: 'log.000004', size: 500 },
]

function plan(bytes: number): ReplayPlan {
  return {
    ...{ from: 'log.000003:600', to: 'log.000004:104', bytes, events: 50, estimated: true },
    start: { file: 'log.000003', pos: 600n },
    end: { file: 'log.000004', pos: 104n },
    ...{ tables: [], topics: [], notes: [] },
  }
}

function logAt(file: string, pos: number, arrived = false): ReplayLog {
  return { arrived, place: { file, pos }, poll: async () => [], async [Symbol.asyncDispose]() {} }
}

test('progress is the way behind it, over the ends of files', () => {
  const at = (log: ReplayLog) => new MysqlReplay(plan(504), log, { files }).progress
  expect(at(logAt('log.000003', 600))).toEqual({ position: 'log.000003:600', bytes: 0, events: 0 })
  expect(at(logAt('log.000004', 4))).toEqual({ position: 'log.000004:4', bytes: 404, events: 40 })
  expect(at(logAt('log.000004', 99, true))).toEqual({ position: 'log.000004:104', bytes: 504, events: 50 })
})

test('what has nothing to read is over at once', () => {
  const replay = new MysqlReplay(plan(0), logAt('log.000003', 600), { files })
  expect(replay.finished).toBe(true)
  expect(replay.progress).toMatchObject({ bytes: 0, events: 0 })
})
