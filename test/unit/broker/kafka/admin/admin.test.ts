/** Topics and groups against a cluster that answers as each test says. */
import { expect, test } from 'vitest'
import { groupAdmin } from '../../../../../src/broker/kafka/admin/groups.ts'
import { topicAdmin } from '../../../../../src/broker/kafka/admin/topics.ts'
import { adminSettings } from '../../../../../src/broker/kafka/properties/admin-settings.ts'
import type { KafkaCluster } from '../../../../../src/broker/kafka/transport/cluster.ts'
import { KafkaUnreachableError } from '../../../../../src/broker/kafka/transport/connection-error.ts'
import type { Metadata, TopicMetadata } from '../../../../../src/broker/kafka/wire/metadata.ts'
import type { Request } from '../../../../../src/broker/kafka/wire/request.ts'

const options = adminSettings(
  { 'bootstrap.servers': 'b:1', 'retry.backoff.ms': '1', 'retry.backoff.max.ms': '1' },
  '',
)

/** What each request is answered with, in turn; an error is thrown. The last one stays. */
type Script = Readonly<Record<string, readonly unknown[]>>

function scripted(script: Script): { cluster: KafkaCluster; asked: string[] } {
  const asked: string[] = []
  const next = (name: string, node: string): unknown => {
    const turn = asked.filter((each) => each.startsWith(`${name} `)).length
    asked.push(`${name} ${node}`)
    const answers = script[name] ?? []
    const answer = answers[Math.min(turn, answers.length - 1)]
    if (answer instanceof Error) throw answer
    return answer
  }
  const cluster: KafkaCluster = {
    options,
    send: async <R>(node: number, request: Request<R>) => next(request.name, `at ${node}`) as R,
    sendToAny: async <R>(request: Request<R>) => next(request.name, 'anywhere') as R,
    metadata: async (topics) =>
      next(topics?.length === 0 ? 'Controller' : 'Metadata', 'anywhere') as Metadata,
    coordinator: async () => next('FindCoordinator', 'anywhere') as number,
    [Symbol.dispose]: () => {},
  }
  return { cluster, asked }
}

function metadata(controller: number, ...topics: TopicMetadata[]): Metadata {
  return { nodes: [], clusterId: 'c', controller, topics }
}

const there: TopicMetadata = {
  ...{ topic: 't', error: 0, internal: false },
  partitions: [
    { partition: 0, leader: 1 },
    { partition: 1, leader: 2 },
  ],
}
const missing: TopicMetadata = { topic: 't', error: 3, internal: false, partitions: [] }
const leaderless: TopicMetadata = { ...there, partitions: [{ partition: 0, leader: -1 }] }
const gone = new KafkaUnreachableError('gone')
const asking = { topic: 't', partitions: 2, replicationFactor: 1, config: {} }

test('a topic is made by the controller, wherever it is by now, and is there on return', async () => {
  const { cluster, asked } = scripted({
    Controller: [metadata(1), metadata(2)],
    CreateTopics: [[{ topic: 't', error: 41, message: null }], [{ topic: 't', error: 0, message: null }]],
    Metadata: [metadata(2, missing), metadata(2, leaderless), metadata(2, there)],
  })
  expect(await topicAdmin(cluster).create(asking)).toBe(true)
  expect(asked.filter((each) => each.startsWith('Create'))).toEqual([
    'CreateTopics at 1',
    'CreateTopics at 2',
  ])
  expect(asked.filter((each) => each.startsWith('Metadata'))).toHaveLength(3)
})

test.each([
  [17, 'InvalidRequestError'],
  [38, 'InvalidRequestError'],
  [40, 'InvalidRequestError'],
  [44, 'InvalidRequestError'],
  [29, 'KafkaError'],
])('a topic that is refused with %i is a %s with what Kafka says', async (error, name) => {
  const { cluster } = scripted({
    Controller: [metadata(1)],
    CreateTopics: [[{ topic: 't', error, message: 'because of x=1' }]],
  })
  await expect(topicAdmin(cluster).create(asking)).rejects.toMatchObject({
    name,
    message: expect.stringMatching(/topic t .*because of x=1/),
  })
})

test('a deletion whose answer was lost has happened when the topic is unknown', async () => {
  const { cluster } = scripted({
    Controller: [metadata(1)],
    DeleteTopics: [gone, [{ topic: 't', error: 3 }]],
    Metadata: [metadata(1, there), metadata(1, missing)],
  })
  await topicAdmin(cluster).delete('t')
})

test('a topic that was never there cannot be deleted', async () => {
  const { cluster } = scripted({
    Controller: [metadata(1)],
    DeleteTopics: [[{ topic: 't', error: 41 }], [{ topic: 't', error: 3 }]],
  })
  await expect(topicAdmin(cluster).delete('t')).rejects.toMatchObject({ name: 'UnknownTopicError' })
})

test('bounds are asked of each leader, again where it has moved', async () => {
  const found = (partition: number, offset: bigint, error = 0) => ({ topic: 't', partition, offset, error })
  const { cluster, asked } = scripted({
    Metadata: [metadata(1, leaderless), metadata(1, there)],
    ListOffsets: [
      ...[[found(0, 0n, 6)], [found(1, 1n)]],
      ...[[found(0, 3n)], [found(1, 1n)], [found(0, 9n)], [found(1, 2n)]],
    ],
  })
  expect(await topicAdmin(cluster).bounds('t')).toEqual([
    { first: 3n, next: 9n },
    { first: 1n, next: 2n },
  ])
  expect(asked.filter((each) => each.startsWith('ListOffsets')).slice(-2)).toEqual([
    'ListOffsets at 1',
    'ListOffsets at 2',
  ])
})

test('a description shows what was set, and always the policy', async () => {
  const { cluster } = scripted({
    Metadata: [metadata(1, there)],
    DescribeConfigs: [
      [
        { name: 'cleanup.policy', value: 'delete', byDefault: true },
        { name: 'segment.bytes', value: '1', byDefault: true },
        { name: 'retention.ms', value: '5', byDefault: false },
        { name: 'secret', value: null, byDefault: false },
      ],
    ],
  })
  expect(await topicAdmin(cluster).describe('t')).toEqual({
    ...{ topic: 't', partitions: 2 },
    config: { 'cleanup.policy': 'delete', 'retention.ms': '5' },
  })
})

test('topics of Kafka itself are not listed', async () => {
  const internal = { ...there, topic: '__consumer_offsets', internal: true }
  const { cluster } = scripted({ Metadata: [metadata(1, there, internal)] })
  expect(await topicAdmin(cluster).topics()).toEqual(['t'])
})

test('a coordinator that moves is looked for again', async () => {
  const { cluster, asked } = scripted({
    FindCoordinator: [1, gone, 2],
    OffsetCommit: [[{ topic: 't', partition: 0, error: 16 }], [{ topic: 't', partition: 0, error: 0 }]],
  })
  await groupAdmin(cluster).alterGroupOffsets('g', [{ topic: 't', partition: 0, offset: 1n }])
  expect(asked.filter((each) => each.startsWith('OffsetCommit'))).toEqual([
    'OffsetCommit at 1',
    'OffsetCommit at 2',
  ])
})

test.each([25, 27, 68])(
  'a commit from outside that is answered with %i: the group has members',
  async (error) => {
    const { cluster } = scripted({
      FindCoordinator: [1],
      OffsetCommit: [[{ topic: 't', partition: 0, error }]],
    })
    await expect(
      groupAdmin(cluster).alterGroupOffsets('g', [{ topic: 't', partition: 0, offset: 1n }]),
    ).rejects.toMatchObject({ name: 'GroupBusyError' })
  },
)

test('offsets are forgotten where they are null, and those that are not there are forgotten already', async () => {
  const { cluster, asked } = scripted({
    FindCoordinator: [1],
    OffsetDelete: [
      { error: 0, partitions: [{ topic: 't', partition: 0, error: 3 }] },
      { error: 69, partitions: [] },
      { error: 0, partitions: [{ topic: 't', partition: 0, error: 86 }] },
    ],
  })
  const forget = () =>
    groupAdmin(cluster).alterGroupOffsets('g', [{ topic: 't', partition: 0, offset: null }])
  await forget()
  await forget()
  await expect(forget()).rejects.toMatchObject({ name: 'GroupBusyError' })
  expect(asked.some((each) => each.startsWith('OffsetCommit'))).toBe(false)
})

test('partitions without an offset are none of the group', async () => {
  const { cluster } = scripted({
    FindCoordinator: [1],
    OffsetFetch: [
      [
        { topic: 't', partition: 0, offset: -1n, error: 0 },
        { topic: 't', partition: 1, offset: 4n, error: 0 },
      ],
    ],
  })
  expect(await groupAdmin(cluster).groupOffsets('g')).toEqual([{ topic: 't', partition: 1, offset: 4n }])
})
