import { expect, test } from 'vitest'
import {
  heartbeatRecord,
  HeartbeatClock,
  newRunId,
  notDefault,
  refused,
  unsupportedFields,
  withoutEffect,
} from '#cdc'

test('a property that is not supported is refused by name, unless it has its default', () => {
  expect(refused(unsupportedFields, { 'read.only': 'false', 'topic.prefix': 'p', converters: '' })).toEqual(
    [],
  )
  const found = refused(unsupportedFields, {
    'read.only': 'true',
    'signal.data.collection': 'a.b',
    'snapshot.max.threads.multiplier.x': 'y',
  })
  expect(found.map(({ field }) => field)).toEqual([
    'signal.data.collection',
    'read.only',
    'snapshot.max.threads.multiplier.x',
  ])
  expect(found[1]?.message).toContain('set it to its default (false)')
})

test('a property without effect is told when it was meant to have one', () => {
  expect(notDefault(withoutEffect, { 'topic.cache.size': '10000', 'query.fetch.size': '5' })).toEqual([
    { name: 'query.fetch.size', standard: '0' },
  ])
})

test('heartbeats are due once per interval, and never when off', () => {
  let now = 0
  const clock = new HeartbeatClock(100, () => now)
  expect(clock.due()).toBe(false)
  now = 100
  expect([clock.due(), clock.due()]).toEqual([true, false])
  now = 150
  expect(clock.remaining()).toBe(50)
  expect(new HeartbeatClock(0, () => now).remaining()).toBe(Number.POSITIVE_INFINITY)
  const record = heartbeatRecord('beats', 'p', { partition: {}, offset: () => null }, 7)
  expect([record.partition, record.topic]).toEqual([0, 'beats'])
})

test('a run id is a UUID of version 7 that begins with the time', () => {
  expect(newRunId(0x0123456789ab)).toMatch(/^01234567-89ab-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/)
})
