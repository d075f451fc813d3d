/** The requests whose bytes are recorded, in the order in which they make sense. */
import { createTopicRequest } from '../../src/broker/kafka/wire/create-topics.ts'
import { deleteGroupsRequest } from '../../src/broker/kafka/wire/delete-groups.ts'
import { deleteTopicsRequest } from '../../src/broker/kafka/wire/delete-topics.ts'
import { describeConfigsRequest } from '../../src/broker/kafka/wire/describe-configs.ts'
import { describeGroupRequest } from '../../src/broker/kafka/wire/describe-groups.ts'
import { findCoordinatorRequest } from '../../src/broker/kafka/wire/find-coordinator.ts'
import { earliest, latest, listOffsetsRequest } from '../../src/broker/kafka/wire/list-offsets.ts'
import { metadataRequest } from '../../src/broker/kafka/wire/metadata.ts'
import { noMember, offsetCommitRequest } from '../../src/broker/kafka/wire/offset-commit.ts'
import { offsetDeleteRequest } from '../../src/broker/kafka/wire/offset-delete.ts'
import { offsetFetchRequest } from '../../src/broker/kafka/wire/offset-fetch.ts'

const [topic, group] = ['golden-topic', 'golden-group']
const config = { 'cleanup.policy': 'compact' }

export const recordedRequests = {
  createTopic: createTopicRequest({ topic, partitions: 2, replicationFactor: 1, config }, 5000),
  createTopicByDefault: createTopicRequest(
    { topic, partitions: -1, replicationFactor: -1, config: {} },
    5000,
  ),
  createTopicRefused: createTopicRequest({ topic: 'a b', partitions: 1, replicationFactor: 1, config }, 5000),
  metadata: metadataRequest([topic, 'golden-nowhere'], false),
  describeConfigs: describeConfigsRequest(topic),
  listOffsets: listOffsetsRequest(
    [
      { topic, partition: 0, at: earliest },
      { topic, partition: 1, at: latest },
      { topic: 'golden-nowhere', partition: 0, at: latest },
    ],
    true,
  ),
  findCoordinator: findCoordinatorRequest('group', group),
  offsetCommit: offsetCommitRequest(group, noMember, [
    { topic, partition: 0, offset: 5n },
    { topic, partition: 1, offset: 2n ** 40n },
    { topic: 'golden-nowhere', partition: 0, offset: 1n },
  ]),
  offsetFetchAll: offsetFetchRequest(group, null),
  offsetFetch: offsetFetchRequest(group, [
    { topic, partition: 1 },
    { topic, partition: 7 },
  ]),
  describeGroup: describeGroupRequest(group),
  offsetDelete: offsetDeleteRequest(group, [
    { topic, partition: 0 },
    { topic: 'golden-nowhere', partition: 0 },
  ]),
  offsetDeleteOfNoGroup: offsetDeleteRequest('golden-nobody', [{ topic, partition: 0 }]),
  deleteGroups: deleteGroupsRequest([group, 'golden-nobody']),
  deleteTopics: deleteTopicsRequest([topic, 'golden-nowhere'], 5000),
} as const

export type RecordedName = keyof typeof recordedRequests
