/** Our requests and a real Kafka's answers, byte for byte; `test/support/capture-kafka-wire.ts` records them. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { ConfigEntry } from '../../../../../src/broker/kafka/wire/describe-configs.ts'
import type { Request } from '../../../../../src/broker/kafka/wire/request.ts'
import { RequestWriter } from '../../../../../src/broker/kafka/wire/request-writer.ts'
import { ResponseReader } from '../../../../../src/broker/kafka/wire/response-reader.ts'
import { type RecordedName, recordedRequests } from '../../../../support/kafka-wire-requests.ts'

const recorded = JSON.parse(readFileSync('test/golden/kafka/wire.json', 'utf8')) as Record<
  RecordedName,
  { request: string; response: string }
>
const names = Object.keys(recordedRequests) as RecordedName[]

function written(request: Request<unknown>): string {
  const writer = new RequestWriter()
  request.write(writer)
  return Buffer.concat(writer.parts()).toString('hex')
}

function read(name: RecordedName): unknown {
  return recordedRequests[name].read(new ResponseReader(Buffer.from(recorded[name].response, 'hex')))
}

const [topic, nowhere] = ['golden-topic', 'golden-nowhere']

const answers: { readonly [name in Exclude<RecordedName, 'describeConfigs'>]: unknown } = {
  createTopic: [{ topic, error: 0, message: null }],
  createTopicByDefault: [{ topic, error: 36, message: "Topic 'golden-topic' already exists." }],
  createTopicRefused: [{ topic: 'a b', error: 17, message: expect.stringContaining("'a b'") }],
  metadata: {
    nodes: [{ id: 1, host: '127.0.0.1', port: 29092 }],
    clusterId: expect.stringMatching(/^[\w-]{22}$/),
    controller: 1,
    topics: [
      {
        ...{ topic, error: 0, internal: false },
        partitions: [
          { partition: 0, leader: 1 },
          { partition: 1, leader: 1 },
        ],
      },
      { topic: nowhere, error: 3, internal: false, partitions: [] },
    ],
  },
  listOffsets: [
    { topic, partition: 0, error: 0, offset: 0n },
    { topic, partition: 1, error: 0, offset: 0n },
    { topic: nowhere, partition: 0, error: 3, offset: -1n },
  ],
  findCoordinator: { id: 1, host: '127.0.0.1', port: 29092 },
  offsetCommit: [
    { topic: nowhere, partition: 0, error: 3 },
    { topic, partition: 0, error: 0 },
    { topic, partition: 1, error: 0 },
  ],
  offsetFetchAll: [
    { topic, partition: 0, offset: 5n, error: 0 },
    { topic, partition: 1, offset: 2n ** 40n, error: 0 },
  ],
  offsetFetch: [
    { topic, partition: 1, offset: 2n ** 40n, error: 0 },
    { topic, partition: 7, offset: -1n, error: 0 },
  ],
  describeGroup: [],
  offsetDelete: {
    error: 0,
    partitions: [
      { topic: nowhere, partition: 0, error: 3 },
      { topic, partition: 0, error: 0 },
    ],
  },
  offsetDeleteOfNoGroup: { error: 69, partitions: [] },
  deleteGroups: [
    { group: 'golden-nobody', error: 69 },
    { group: 'golden-group', error: 0 },
  ],
  deleteTopics: [
    { topic, error: 0 },
    { topic: nowhere, error: 3 },
  ],
}

test.each(names)('%s is written as it was when Kafka understood it', (name) => {
  expect(written(recordedRequests[name])).toBe(recorded[name].request)
})

test.each(Object.entries(answers))('the answer to %s', (name, meant) => {
  expect(read(name as RecordedName)).toEqual(meant)
})

test('the answer to describeConfigs tells what was set from what is so by default', () => {
  const entries = read('describeConfigs') as ConfigEntry[]
  const policy = entries.find(({ name }) => name === 'cleanup.policy')
  expect(policy).toEqual({ name: 'cleanup.policy', value: 'compact', byDefault: false })
  expect(entries.find(({ name }) => name === 'retention.ms')?.byDefault).toBe(true)
})

describe('an answer that is cut off', () => {
  test.each(names)('%s', (name) => {
    const bytes = Buffer.from(recorded[name].response, 'hex')
    const whole = new ResponseReader(bytes)
    recordedRequests[name].read(whole)
    for (let length = 0; length < bytes.length - whole.left; length++)
      expect(() => recordedRequests[name].read(new ResponseReader(bytes.subarray(0, length)))).toThrow(
        expect.objectContaining({ name: expect.stringMatching(/^(DecodeError|KafkaError)$/) }),
      )
  })
})

test('members of a group, from bytes by the protocol guide', () => {
  const bytes = Buffer.concat([
    ...[hex('00000000'), hex('00000001'), hex('0000')],
    ...[text('golden-group'), text('Stable'), text('consumer'), text('range'), hex('00000001')],
    ...[text('member-1'), text('client-1'), text('/127.0.0.1'), hex('00000002abcd'), hex('00000000')],
  ])
  expect(recordedRequests.describeGroup.read(new ResponseReader(bytes))).toEqual([
    { clientId: 'client-1', host: '/127.0.0.1' },
  ])
})

test('a commit, from bytes by the protocol guide', () => {
  expect(recorded.offsetCommit.request).toBe(
    Buffer.concat([
      ...[text('golden-group'), hex('ffffffff'), text(''), hex('00000002')],
      ...[text(topic), hex('00000002')],
      ...[hex('00000000'), hex('0000000000000005'), hex('ffffffff'), text('')],
      ...[hex('00000001'), hex('0000010000000000'), hex('ffffffff'), text('')],
      ...[text(nowhere), hex('00000001')],
      ...[hex('00000000'), hex('0000000000000001'), hex('ffffffff'), text('')],
    ]).toString('hex'),
  )
})

function hex(digits: string): Buffer {
  return Buffer.from(digits, 'hex')
}

function text(value: string): Buffer {
  const length = Buffer.alloc(2)
  length.writeInt16BE(Buffer.byteLength(value))
  return Buffer.concat([length, Buffer.from(value)])
}
