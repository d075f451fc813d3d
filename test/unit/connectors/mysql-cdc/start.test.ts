/** What a start does, by mode, stored offset, and what is lost. */
import { describe, expect, test } from 'vitest'
import { logger } from '#observe'
import { parseConfig } from '#plugin'
import { mysqlFields } from '../../../../connectors/mysql-cdc/config/servers.ts'
import { resumeAt, type StoredOffset } from '../../../../connectors/mysql-cdc/offset.ts'
import { planStart, type StartFacts } from '../../../../connectors/mysql-cdc/start.ts'

const resume = resumeAt({ file: 'bin.000003', pos: 154, gtids: null })
const stored: StoredOffset = { unfinishedSnapshot: false, resume }
const cutOff: StoredOffset = { unfinishedSnapshot: true, resume }

const log = logger('test.mysql-start')
Object.assign(log, { level: 'silent' })

function plan(mode: string, facts: Partial<StartFacts> = {}, more: Record<string, string> = {}) {
  const config = parseConfig(mysqlFields, {
    'topic.prefix': 'shop',
    'database.hostname': 'db',
    'database.user': 'cdc',
    'database.server.id': '7',
    'snapshot.mode': mode,
    ...more,
  })
  return planStart({
    config,
    stored: null,
    positionProblem: null,
    historyProblem: null,
    log,
    ...facts,
  })
}

describe('the first start', () => {
  test.each([
    ['initial', true, true],
    ['initial_only', true, false],
    ['always', true, true],
    ['no_data', false, true],
    ['when_needed', true, true],
  ])('%s: data %s, stream %s', (mode, data, stream) => {
    expect(plan(mode)).toEqual({
      schema: 'read',
      data,
      stream,
      resume: null,
      continues: false,
      skipped: false,
    })
  })

  test('recovery needs an offset', () => {
    expect(() => plan('recovery')).toThrow(/snapshot.mode=initial/)
  })

  test('custom is refused by name', () => {
    expect(() => plan('custom')).toThrow(/snapshot.mode=custom is not supported/)
  })
})

describe('a later start', () => {
  test('goes on with the recovered schema', () => {
    for (const mode of ['initial', 'no_data', 'when_needed'])
      expect(plan(mode, { stored })).toMatchObject({ schema: 'recover', data: false, stream: true, resume })
  })

  test('initial_only has nothing left to do', () => {
    expect(plan('initial_only', { stored })).toMatchObject({ data: false, stream: false })
  })

  test('always reads everything from a new position', () => {
    expect(plan('always', { stored })).toMatchObject({ schema: 'read', data: true, resume: null })
  })

  test('recovery reads the schema and goes on from the stored position', () => {
    expect(plan('recovery', { stored })).toMatchObject({ schema: 'read', data: false, resume })
  })

  test('a snapshot that was cut off goes on', () => {
    expect(plan('initial', { stored: cutOff })).toMatchObject({ data: true, continues: true, resume })
    expect(plan('initial_only', { stored: cutOff })).toMatchObject({ data: true, stream: false })
    expect(plan('always', { stored: cutOff })).toMatchObject({ data: true, continues: true, resume })
  })
})

describe('what is lost', () => {
  const positionProblem = 'the server has purged it.'
  const historyProblem = 'the topic is empty.'

  test('a position halts with what to do', () => {
    for (const mode of ['initial', 'no_data', 'recovery'])
      expect(() => plan(mode, { stored, positionProblem })).toThrow(/purged it\..*snapshot.mode=when_needed/s)
  })

  test('a position is given up where that is asked for, and counted', () => {
    expect(plan('when_needed', { stored, positionProblem })).toMatchObject({
      data: true,
      resume: null,
      skipped: true,
    })
    expect(plan('when_needed', { stored: cutOff, positionProblem })).toMatchObject({ skipped: true })
  })

  test('initial_only does not need the log once it is done', () => {
    expect(plan('initial_only', { stored, positionProblem })).toMatchObject({ data: false, stream: false })
  })

  test('a history halts with what to do', () => {
    expect(() => plan('initial', { stored, historyProblem })).toThrow(/snapshot.mode=recovery/)
  })

  test('a history is read anew with when_needed, from a new snapshot', () => {
    expect(plan('when_needed', { stored, historyProblem })).toMatchObject({
      schema: 'read',
      data: true,
      skipped: true,
    })
  })
})

describe('configuration_based', () => {
  const based = 'snapshot.mode.configuration.based.'

  test('does what its five properties say', () => {
    const stream = { [`${based}snapshot.schema`]: 'true', [`${based}start.stream`]: 'true' }
    expect(plan('configuration_based', {}, stream)).toMatchObject({
      schema: 'read',
      data: false,
      stream: true,
    })
    const data = { [`${based}snapshot.data`]: 'true' }
    expect(plan('configuration_based', {}, data)).toMatchObject({ data: true, stream: false })
    const onError = { ...stream, [`${based}snapshot.on.data.error`]: 'true' }
    const positionProblem = 'gone.'
    expect(plan('configuration_based', { stored, positionProblem }, onError)).toMatchObject({
      skipped: true,
    })
    expect(() => plan('configuration_based', { stored, positionProblem }, stream)).toThrow(/gone/)
  })

  test('a stream without a schema is refused', () => {
    expect(() => plan('configuration_based', {}, { [`${based}start.stream`]: 'true' })).toThrow(
      /snapshot\.schema=true/,
    )
  })
})
