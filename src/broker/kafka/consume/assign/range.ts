/** RangeAssignor: each topic's partitions in runs, the first members with one more where they do not divide. */
import type { TopicPartition } from '../../../broker.ts'
import type { Assignment, Subscriber, TopicSize } from './assignor.ts'

export function assignRanges(subscribers: readonly Subscriber[], topics: readonly TopicSize[]): Assignment {
  const assigned = new Map<string, TopicPartition[]>(subscribers.map(({ member }) => [member, []]))
  for (const { topic, partitions } of topics) {
    const wanting = subscribers.filter((each) => each.topics.has(topic))
    const share = Math.floor(partitions / wanting.length)
    const extra = partitions % wanting.length
    let partition = 0
    wanting.forEach(({ member }, i) => {
      const end = partition + share + (i < extra ? 1 : 0)
      for (; partition < end; partition++) assigned.get(member)?.push({ topic, partition })
    })
  }
  return assigned
}
