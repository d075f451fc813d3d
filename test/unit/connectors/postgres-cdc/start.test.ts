/** What a start does, by stored offset, slot and settings. */
import { expect, test } from 'vitest'
import { logger } from '#observe'
import { parseConfig } from '#plugin'
import { supportedFields } from '../../../../connectors/postgres-cdc/config.ts'
import { between, type StoredOffset } from '../../../../connectors/postgres-cdc/offset.ts'
import type { SlotState } from '../../../../connectors/postgres-cdc/slot.ts'
import { planStart, type StartPlan } from '../../../../connectors/postgres-cdc/start.ts'

const required = {
  'topic.prefix': 'p',
  'database.hostname': 'h',
  'database.user': 'u',
  'database.dbname': 'd',
}
const slotAt = (confirmed: number, more: Partial<SlotState> = {}): SlotState => ({
  ...{ name: 'debezium', plugin: 'pgoutput', database: 'd', active: false, activePid: null },
  ...{ walStatus: 'reserved', confirmed, restart: confirmed, ...more },
})
const storedAt = (lsn: number, unfinishedSnapshot = false): StoredOffset => ({
  unfinishedSnapshot,
  resume: between(lsn),
})

function plan(
  stored: StoredOffset | null,
  slot: SlotState | null,
  settings: Readonly<Record<string, string>> = {},
): StartPlan {
  const raw = { ...required, ...settings }
  const strategyIsSet = Object.hasOwn(raw, 'offset.mismatch.strategy')
  const log = logger('test.start')
  Object.assign(log, { level: 'silent' })
  return planStart({ config: parseConfig(supportedFields, raw), strategyIsSet, stored, slot, log })
}

test('the first start: a snapshot, from a slot that is there or one that is made', () => {
  expect(plan(null, null)).toEqual({ snapshot: true, stream: true, resume: null, skipped: false })
  expect(plan(null, slotAt(50)).resume).toEqual(between(50))
  expect(plan(null, slotAt(50), { 'snapshot.mode': 'no_data' })).toMatchObject({ snapshot: false })
  expect(plan(null, null, { 'snapshot.mode': 'initial_only' })).toMatchObject({
    snapshot: true,
    stream: false,
  })
})

test('a later start goes on from the stored offset', () => {
  expect(plan(storedAt(60), slotAt(60))).toEqual({
    ...{ snapshot: false, stream: true, resume: between(60), skipped: false },
  })
  expect(plan(storedAt(60), slotAt(50)).resume).toEqual(between(60))
})

test('a snapshot that was cut off is taken anew, behind what happened since', () => {
  expect(plan(storedAt(60, true), slotAt(50))).toMatchObject({ snapshot: true, resume: between(60) })
  expect(() => plan(storedAt(60, true), null)).toThrow(/no longer has the stored position .*does not exist/)
})

test('a slot past the stored offset halts, unless a setting says to go on', () => {
  for (const settings of [{}, { 'offset.mismatch.strategy': 'trust_offset' }])
    expect(() => plan(storedAt(60), slotAt(61), settings)).toThrow(
      /made anew, or advanced by somebody else.*DELETE .*offset\.mismatch\.strategy=trust_slot/,
    )
  for (const strategy of ['trust_slot', 'trust_greater_lsn', 'no_validation'])
    expect(plan(storedAt(60), slotAt(61), { 'offset.mismatch.strategy': strategy })).toEqual({
      ...{ snapshot: false, stream: true, resume: between(61), skipped: true },
    })
  expect(plan(storedAt(60), slotAt(61), { 'lsn.flush.mode': 'manual' }).resume).toEqual(between(61))
  expect(plan(storedAt(60), slotAt(61), { 'snapshot.mode': 'when_needed' })).toMatchObject({ snapshot: true })
})

test('a slot that is gone, lost or of somebody else halts; when_needed takes a snapshot where that helps', () => {
  const lost = slotAt(50, { walStatus: 'lost' })
  expect(() => plan(storedAt(60), null)).toThrow(/does not exist/)
  expect(() => plan(storedAt(60), lost)).toThrow(/max_slot_wal_keep_size.*pg_drop_replication_slot/)
  for (const slot of [null, lost])
    expect(plan(storedAt(60), slot, { 'snapshot.mode': 'when_needed' })).toMatchObject({
      ...{ snapshot: true, resume: null, skipped: true },
    })
  for (const mode of ['initial', 'when_needed', 'always']) {
    const settings = { 'snapshot.mode': mode }
    expect(() => plan(null, slotAt(50, { plugin: 'test_decoding' }), settings)).toThrow(/test_decoding/)
    expect(() => plan(storedAt(60), slotAt(50, { database: 'other' }), settings)).toThrow(/"other"/)
  }
})
