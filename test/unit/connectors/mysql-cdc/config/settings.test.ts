/** What follows from a configuration. */
import { describe, expect, test } from 'vitest'
import { loginOf } from '../../../../../connectors/mysql-cdc/config/login.ts'
import {
  mariadbFields,
  type MysqlConfig,
  mysqlFields,
} from '../../../../../connectors/mysql-cdc/config/servers.ts'
import * as settings from '../../../../../connectors/mysql-cdc/config/settings.ts'
import { guardTables } from '../../../../../connectors/mysql-cdc/guardrail.ts'
import { parseConfig, type RawConfig } from '#plugin'

const required: RawConfig = {
  'topic.prefix': 'p',
  'database.hostname': 'db',
  'database.user': 'u',
  'database.server.id': '7',
}

const configOf = (raw: RawConfig = {}): MysqlConfig => parseConfig(mysqlFields, { ...required, ...raw })

describe('types', () => {
  test('the modes are handed on, and only fail fails', () => {
    expect(settings.typeOptions(configOf())).toMatchObject({
      ...{ decimals: 'precise', bigintUnsigned: 'long', binary: 'bytes', adjustYears: true },
      ...{ times: 'adaptive_time_microseconds', unrepresentable: 'null' },
    })
    const mode = 'event.converting.failure.handling.mode'
    expect(settings.typeOptions(configOf({ [mode]: 'SKIP' })).unrepresentable).toBe('null')
    expect(settings.typeOptions(configOf({ [mode]: 'fail' })).unrepresentable).toBe('fail')
  })

  test('a placeholder is text, or bytes after hex:', () => {
    const placeholder = (value: string) =>
      Buffer.from(settings.typeOptions(configOf({ 'unavailable.value.placeholder': value })).placeholder)
    expect(placeholder('none').toString()).toBe('none')
    expect(placeholder('hex:00 ff')).toEqual(Buffer.from([0, 255]))
    expect(() => placeholder('hex:0g')).toThrow('unavailable.value.placeholder')
  })
})

test('operations to skip, in any case, or none', () => {
  const skipped = (value: string) => [
    ...settings.skippedOperations(configOf({ 'skipped.operations': value })),
  ]
  expect(skipped('C, d')).toEqual(['c', 'd'])
  expect(skipped('none')).toEqual([])
  expect([...settings.skippedOperations(configOf())]).toEqual(['t'])
})

test('the newer name of a mode wins; ignore is skip', () => {
  const newer = 'event.processing.failure.handling.mode'
  const older = 'event.deserialization.failure.handling.mode'
  expect(settings.onBadEvent(configOf())).toBe('fail')
  expect(settings.onBadEvent(configOf({ [older]: 'warn' }))).toBe('warn')
  expect(settings.onBadEvent(configOf({ [older]: 'warn', [newer]: 'ignore' }))).toBe('skip')
  expect(settings.onInconsistentSchema(configOf({ 'inconsistent.schema.handling.mode': 'ignore' }))).toBe(
    'skip',
  )
})

test('sources of GTIDs are regular expressions, included or excluded', () => {
  expect(settings.gtidSources(configOf())).toBe(null)
  const included = settings.gtidSources(configOf({ 'gtid.source.includes': 'aa.*,b' }))
  expect(['aab', 'b', 'bb'].map((uuid) => included?.(uuid))).toEqual([true, true, false])
  const excluded = settings.gtidSources(configOf({ 'gtid.source.excludes': 'a+b' }))
  expect(['ab', 'aab', 'c'].map((uuid) => excluded?.(uuid))).toEqual([false, false, true])
})

test('tables of a snapshot and their statements', () => {
  const included = settings.includedInSnapshot(configOf({ 'snapshot.include.collection.list': 'd\\.a.*' }))
  expect(['d.a', 'd.ab', 'd.b'].map(included)).toEqual([true, true, false])
  const property = 'snapshot.select.statement.overrides'
  const raw = { [property]: '`d`.`a`, d.b', [`${property}.\`d\`.\`a\``]: ' SELECT 1; ' }
  expect([...settings.selectOverrides(raw)]).toEqual([['d.a', 'SELECT 1']])
  expect(settings.missingOverrides(raw)).toEqual(['d.b'])
})

test('a table may have a multiplier of its own', () => {
  const raw = { 'snapshot.max.threads.multiplier': '2', 'snapshot.max.threads.multiplier.d.a': ' 5 ' }
  const config = configOf(raw)
  expect(settings.multipliedTables(raw)).toEqual(['d.a'])
  expect(['d.a', 'd.b'].map((table) => settings.chunkMultiplier(config, raw, table))).toEqual([5, 2])
  for (const wrong of ['0', 'x', '1.5', ''])
    expect(() =>
      settings.chunkMultiplier(config, { 'snapshot.max.threads.multiplier.d.a': wrong }, 'd.a'),
    ).toThrow('snapshot.max.threads.multiplier.d.a')
})

test('sizes and intervals', () => {
  expect(settings.logHeartbeatMs(configOf())).toBe(48_000)
  expect(settings.logHeartbeatMs(configOf({ 'connect.keep.alive': 'false' }))).toBe(0)
  expect(settings.recordsPerPoll(configOf())).toBe(256)
  expect(settings.recordsPerPoll(configOf({ 'max.batch.size': '10' }))).toBe(10)
  expect(settings.logBytes(configOf())).toBe(8 * 1024 * 1024)
  expect(settings.logBytes(configOf({ 'max.queue.size.in.bytes': '1000' }))).toBe(1000)
})

test('the login, as each server names its modes of TLS', () => {
  const login = loginOf('mysql', configOf({ 'database.initial.statements': 'SET a=1;;2;SET b=3' }), 9)
  expect(login).toMatchObject({ server: 'mysql', host: 'db', port: 3306, user: 'u', connectTimeoutMs: 9 })
  expect(login.initialStatements).toEqual(['SET a=1;2', 'SET b=3'])
  const maria = parseConfig(mariadbFields, { ...required, 'database.ssl.mode': 'TRUST' })
  expect(maria['database.ssl.mode']).toBe('trust')
  expect(loginOf('mariadb', maria).connectTimeoutMs).toBe(30_000)
  expect(() => parseConfig(mysqlFields, { ...required, 'database.ssl.mode': 'trust' })).toThrow(
    'database.ssl.mode',
  )
})

describe('a guardrail', () => {
  const guarded = async (raw: RawConfig, tables: number) => {
    const told: string[] = []
    const log = { warn: (_: unknown, message?: string) => void told.push(message ?? '') }
    await guardTables(configOf(raw), async () => tables, log as never)
    return told
  }

  test('warns or fails beyond the limit', async () => {
    expect(await guarded({}, 1e6)).toEqual([])
    expect(await guarded({ 'guardrail.collections.max': '3' }, 3)).toEqual([])
    expect(await guarded({ 'guardrail.collections.max': '3' }, 4)).toEqual([
      '4 tables are captured, and guardrail.collections.max allows 3.',
    ])
    const fails = { 'guardrail.collections.max': '3', 'guardrail.collections.limit.action': 'FAIL' }
    await expect(guarded(fails, 4)).rejects.toThrow('4 tables are captured')
  })
})
