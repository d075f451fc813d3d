/** Topics of a Kafka: made, described and deleted by its controller. */
import type { Admin, NewTopic, TopicDescription } from '../../broker.ts'
import { InvalidRequestError, UnknownTopicError } from '../../errors.ts'
import type { KafkaCluster } from '../transport/cluster.ts'
import { KafkaUnreachableError } from '../transport/connection-error.ts'
import { retrying } from '../transport/retry.ts'
import { createTopicRequest } from '../wire/create-topics.ts'
import { deleteTopicsRequest } from '../wire/delete-topics.ts'
import { type ConfigEntry, describeConfigsRequest } from '../wire/describe-configs.ts'
import { errorName, KafkaError, mustSucceed } from '../wire/error-code.ts'
import { earliest, type FoundOffset, latest, listOffsetsRequest } from '../wire/list-offsets.ts'
import type { TopicMetadata } from '../wire/metadata.ts'
import type { Request } from '../wire/request.ts'

type TopicAdmin = Pick<Admin, 'topics' | 'describe' | 'create' | 'delete' | 'bounds'>

export function topicAdmin(cluster: KafkaCluster): TopicAdmin {
  const trying = <R>(attempt: () => Promise<R>): Promise<R> => retrying(cluster.options, attempt)
  return {
    topics: () => trying(() => topicNames(cluster)),
    describe: (topic) => trying(() => describe(cluster, topic)),
    create: async (topic) => {
      const made = await trying(() => create(cluster, topic))
      // Brokers hear of it one after the other.
      if (made) await trying(() => mustBeThere(cluster, topic.topic))
      return made
    },
    delete: async (topic) => {
      let answered = true
      await trying(async () => {
        const sure = answered
        answered = false
        const error = await toController(cluster, deleteTopicsRequest([topic], cluster.options.requestMs))
        answered = true
        remove(topic, error[0]?.error ?? 0, sure)
      })
      await trying(() => mustBeGone(cluster, topic))
    },
    bounds: (topic) => trying(() => bounds(cluster, topic)),
  }
}

async function topicNames(cluster: KafkaCluster): Promise<readonly string[]> {
  const { topics } = await cluster.metadata(null, false)
  return topics.filter(({ internal }) => !internal).map(({ topic }) => topic)
}

async function describe(cluster: KafkaCluster, topic: string): Promise<TopicDescription | null> {
  const found = await lookUp(cluster, topic)
  if (found === null) return null
  const config = await cluster.sendToAny(describeConfigsRequest(topic)).catch((error: unknown) => {
    if (isCode(error, 'UNKNOWN_TOPIC_OR_PARTITION')) return null // deleted meanwhile
    throw error
  })
  if (config === null) return null
  return { topic, partitions: found.partitions.length, config: Object.fromEntries(config.flatMap(shown)) }
}

/** What anyone has set, for the topic or for the broker; and always the policy, which decides what a topic is for. */
function shown({ name, value, byDefault }: ConfigEntry): [string, string][] {
  return value === null || (byDefault && name !== 'cleanup.policy') ? [] : [[name, value]]
}

async function create(cluster: KafkaCluster, asked: NewTopic): Promise<boolean> {
  const [outcome] = await toController(cluster, createTopicRequest(asked, cluster.options.requestMs))
  const [error, message] = [outcome?.error ?? 0, outcome?.message ?? null]
  const name = errorName(error)
  if (name === 'TOPIC_ALREADY_EXISTS') return false
  const what = `The topic ${asked.topic} cannot be made`
  if (/^(INVALID_|POLICY_VIOLATION)/.test(name))
    throw new InvalidRequestError(`${what}: ${message ?? name}`, { cause: new KafkaError(error, what) })
  mustSucceed(error, what, message)
  return true
}

/** `sure`: no request before this one was left without an answer; else that one may have deleted it. */
function remove(topic: string, error: number, sure: boolean): void {
  if (errorName(error) !== 'UNKNOWN_TOPIC_OR_PARTITION')
    mustSucceed(error, `The topic ${topic} cannot be deleted`)
  else if (sure) throw unknown(topic)
}

async function bounds(
  cluster: KafkaCluster,
  topic: string,
): Promise<readonly { readonly first: bigint; readonly next: bigint }[]> {
  const found = await lookUp(cluster, topic)
  if (found === null) throw unknown(topic)
  const leaders = [...Map.groupBy(found.partitions, ({ leader }) => leader)]
  const ask = async (at: bigint): Promise<ReadonlyMap<number, bigint>> => {
    const answers = await Promise.all(
      leaders.map(([leader, partitions]) => {
        if (leader === -1) throw new KafkaError(leaderNotAvailable, `A partition of ${topic} has no leader`)
        const queries = partitions.map(({ partition }) => ({ topic, partition, at }))
        return cluster.send(leader, listOffsetsRequest(queries, false))
      }),
    )
    return new Map(answers.flat().map((each) => [each.partition, offsetIn(each)]))
  }
  const [first, next] = [await ask(earliest), await ask(latest)]
  return found.partitions.map(({ partition }) => ({
    first: first.get(partition) ?? 0n,
    next: next.get(partition) ?? 0n,
  }))
}

const leaderNotAvailable = 5

function offsetIn({ topic, partition, error, offset }: FoundOffset): bigint {
  mustSucceed(error, `The offsets of ${topic}-${partition} cannot be looked up`)
  return offset
}

/** null: there is no such topic, and with that name there can be none. */
async function lookUp(cluster: KafkaCluster, topic: string): Promise<TopicMetadata | null> {
  const { topics } = await cluster.metadata([topic], false)
  const found = topics.find((each) => each.topic === topic)
  if (found === undefined) return null
  const name = errorName(found.error)
  if (name === 'UNKNOWN_TOPIC_OR_PARTITION' || name === 'INVALID_TOPIC_EXCEPTION') return null
  mustSucceed(found.error, `The topic ${topic} cannot be looked up`)
  return found
}

async function mustBeThere(cluster: KafkaCluster, topic: string): Promise<void> {
  const found = await lookUp(cluster, topic)
  if (found?.partitions.every(({ leader }) => leader !== -1) !== true)
    throw new KafkaError(leaderNotAvailable, `The topic ${topic} was made, but has no leader yet`)
}

async function mustBeGone(cluster: KafkaCluster, topic: string): Promise<void> {
  if ((await lookUp(cluster, topic)) !== null)
    throw new KafkaError(leaderNotAvailable, `The topic ${topic} was deleted, but is still there`)
}

/** Which broker is the controller is asked anew each time: it may move. */
async function toController<R>(cluster: KafkaCluster, request: Request<R>): Promise<R> {
  const { controller } = await cluster.metadata([], false)
  if (controller === -1) throw new KafkaUnreachableError('The Kafka cluster has no controller.')
  return cluster.send(controller, request)
}

function unknown(topic: string): UnknownTopicError {
  return new UnknownTopicError(`There is no topic ${topic}.`)
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof KafkaError && error.code === code
}
