/** Requests of consumers and the answers to them, byte by byte as Kafka's protocol has them. */
import { expect, test } from 'vitest'
import {
  decodeAssignment,
  decodeFormer,
  decodeGeneration,
  decodeSubscription,
  encodeAssignment,
  encodeFormer,
  encodeGeneration,
  encodeSubscription,
} from '../../../../../src/broker/kafka/wire/consumer-protocol.ts'
import { fetchRequest } from '../../../../../src/broker/kafka/wire/fetch.ts'
import { heartbeatRequest } from '../../../../../src/broker/kafka/wire/heartbeat.ts'
import { joinGroupRequest } from '../../../../../src/broker/kafka/wire/join-group.ts'
import { leaveGroupRequest } from '../../../../../src/broker/kafka/wire/leave-group.ts'
import type { Request } from '../../../../../src/broker/kafka/wire/request.ts'
import { RequestWriter } from '../../../../../src/broker/kafka/wire/request-writer.ts'
import { ResponseReader } from '../../../../../src/broker/kafka/wire/response-reader.ts'
import { syncGroupRequest } from '../../../../../src/broker/kafka/wire/sync-group.ts'

function written(request: Request<unknown>): string {
  const out = new RequestWriter()
  request.write(out)
  return Buffer.concat(out.parts()).toString('hex')
}

/** Spaces and comments (`/…/`) do not count. */
function hex(text: string): string {
  return text.replaceAll(/\/[^/]*\/|\s/g, '')
}

function answered<R>(request: Request<R>, text: string): R {
  return request.read(new ResponseReader(Buffer.from(hex(text), 'hex')))
}

const limits = {
  ...{ minBytes: 1, maxBytes: 0x400000, maxWaitMs: 500, partitionBytes: 0x100000 },
  ...{ committedOnly: true, rack: 'r1' },
}

test('Fetch', () => {
  const request = fetchRequest(limits, [
    { topic: 't', partition: 2, offset: 7n },
    { topic: 't', partition: 3, offset: 8n },
  ])
  expect([request.apiKey, request.version, request.heldMs]).toEqual([1, 11, 500])
  expect(written(request)).toBe(
    hex(`
      ffffffff /replica/ 000001f4 /wait/ 00000001 /least/ 00400000 /most/ 01 /committed only/
      00000000 ffffffff /no session/
      00000001 0001 74 00000002
        00000002 ffffffff 0000000000000007 ffffffffffffffff 00100000
        00000003 ffffffff 0000000000000008 ffffffffffffffff 00100000
      00000000 /forgotten/ 0002 7231`),
  )
  const partitions = answered(
    request,
    `00000000 /throttle/ 0000 00000000
     00000001 0001 74 00000002
       00000002 0000 0000000000000009 0000000000000008 0000000000000001
         00000001 000000000000002a 0000000000000003 ffffffff 00000003 abcdef
       00000003 0001 ffffffffffffffff ffffffffffffffff ffffffffffffffff ffffffff 00000005 ffffffff`,
  )
  expect(partitions).toEqual([
    {
      ...{ topic: 't', partition: 2, error: 0, highWatermark: 9n, lastStableOffset: 8n, logStart: 1n },
      ...{ aborted: [{ producerId: 42n, firstOffset: 3n }], preferredReplica: -1 },
      records: Buffer.from('abcdef', 'hex'),
    },
    {
      ...{ topic: 't', partition: 3, error: 1, highWatermark: -1n, lastStableOffset: -1n, logStart: -1n },
      ...{ aborted: [], preferredReplica: 5, records: Buffer.alloc(0) },
    },
  ])
})

test('a fetch that fails as a whole', () => {
  expect(() => answered(fetchRequest(limits, []), '00000000 0046 00000000 00000000')).toThrow(
    'FETCH_SESSION_ID_NOT_FOUND',
  )
})

test('JoinGroup', () => {
  const request = joinGroupRequest({
    ...{ group: 'g', member: '', instance: null, sessionTimeoutMs: 45_000, rebalanceTimeoutMs: 300_000 },
    protocols: [{ name: 'range', metadata: Buffer.from([1, 2]) }],
  })
  expect([request.apiKey, request.version, request.heldMs]).toEqual([11, 5, 300_000])
  expect(written(request)).toBe(
    hex(`0001 67 0000afc8 000493e0 0000 ffff 0008 636f6e73756d6572
         00000001 0005 72616e6765 00000002 0102`),
  )
  const joined = answered(
    request,
    `00000000 0000 00000003 0005 72616e6765 0001 61 0001 62
     00000002  0001 61 ffff 00000001 09  0001 62 0001 69 00000001 08`,
  )
  expect(joined).toEqual({
    ...{ error: 0, generation: 3, protocol: 'range', leader: 'a', member: 'b' },
    members: [
      { member: 'a', instance: null, metadata: Buffer.from([9]) },
      { member: 'b', instance: 'i', metadata: Buffer.from([8]) },
    ],
  })
})

const membership = { group: 'g', generation: 3, member: 'm', instance: 'i' }

test('SyncGroup', () => {
  const request = syncGroupRequest(membership, [{ member: 'm', assignment: Buffer.from([5]) }], 1000)
  expect([request.apiKey, request.version, request.heldMs]).toEqual([14, 3, 1000])
  expect(written(request)).toBe(hex('0001 67 00000003 0001 6d 0001 69 00000001 0001 6d 00000001 05'))
  expect(answered(request, '00000000 001b 00000001 07')).toEqual({
    ...{ error: 27, assignment: Buffer.from([7]) },
  })
})

test('Heartbeat and LeaveGroup', () => {
  const beat = heartbeatRequest({ ...membership, instance: null })
  expect([beat.apiKey, beat.version]).toEqual([12, 3])
  expect(written(beat)).toBe(hex('0001 67 00000003 0001 6d ffff'))
  expect(answered(beat, '00000000 0019')).toBe(25)
  const leave = leaveGroupRequest('g', 'm')
  expect([leave.apiKey, leave.version]).toEqual([13, 3])
  expect(written(leave)).toBe(hex('0001 67 00000001 0001 6d ffff'))
  expect(answered(leave, '00000000 0000 00000001 0001 6d ffff 0019')).toBe(25)
  expect(answered(leave, '00000000 0010 00000000')).toBe(16)
})

const owned = [
  { topic: 'a', partition: 0 },
  { topic: 'a', partition: 2 },
]

test('subscriptions of all versions', () => {
  const full = { topics: ['a', 'b'], userData: null, owned, generation: 5, rack: 'r' }
  const bytes = encodeSubscription(full)
  expect(bytes.toString('hex')).toBe(
    hex(`0003 00000002 0001 61 0001 62 ffffffff
         00000001 0001 61 00000002 00000000 00000002  00000005  0001 72`),
  )
  expect(decodeSubscription(bytes)).toEqual(full)
  const version = (of: number, length: number) =>
    decodeSubscription(Buffer.concat([Buffer.from([0, of]), bytes.subarray(2, length)]))
  const none = { owned: [], generation: -1, rack: null }
  expect(version(0, 16)).toEqual({ ...full, ...none })
  expect(version(1, 35)).toEqual({ ...full, generation: -1, rack: null })
  expect(version(2, 39)).toEqual({ ...full, rack: null })
  expect(
    decodeSubscription(Buffer.concat([Buffer.from([0, 9]), bytes.subarray(2), Buffer.from([1])])),
  ).toEqual(full)
  expect(() => decodeSubscription(Buffer.from('ffff', 'hex'))).toThrow('version -1')
  for (let length = 0; length < bytes.length; length++)
    expect(() => decodeSubscription(bytes.subarray(0, length))).toThrow('A Kafka response')
})

test('assignments, and what members of sticky assignors say of themselves', () => {
  const bytes = encodeAssignment(owned)
  expect(bytes.toString('hex')).toBe(hex('0003 00000001 0001 61 00000002 00000000 00000002 ffffffff'))
  expect(decodeAssignment(bytes)).toEqual(owned)
  expect(decodeAssignment(Buffer.alloc(0))).toEqual([])
  const former = encodeFormer({ partitions: owned, generation: 4 })
  expect(former.toString('hex')).toBe(hex('00000001 0001 61 00000002 00000000 00000002 00000004'))
  expect(decodeFormer(former)).toEqual({ partitions: owned, generation: 4 })
  expect(decodeFormer(former.subarray(0, -4))).toEqual({ partitions: owned, generation: -1 })
  expect(decodeGeneration(encodeGeneration(6))).toBe(6)
})
