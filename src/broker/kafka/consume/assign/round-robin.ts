/** RoundRobinAssignor: all partitions in turn, each to the next member that wants its topic. */
import type { TopicPartition } from '../../../broker.ts'
import type { Assignment, Subscriber, TopicSize } from './assignor.ts'

export function assignRoundRobin(
  subscribers: readonly Subscriber[],
  topics: readonly TopicSize[],
): Assignment {
  const assigned = new Map<string, TopicPartition[]>(subscribers.map(({ member }) => [member, []]))
  let turn = 0
  for (const { topic, partitions } of topics) {
    if (!subscribers.some((each) => each.topics.has(topic))) continue
    for (let partition = 0; partition < partitions; partition++) {
      while (subscribers[turn % subscribers.length]?.topics.has(topic) === false) turn++
      const next = subscribers[turn++ % subscribers.length]
      if (next !== undefined) assigned.get(next.member)?.push({ topic, partition })
    }
  }
  return assigned
}
