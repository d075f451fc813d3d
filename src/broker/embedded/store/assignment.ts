/** Kafka's range assignor: each topic's partitions are dealt out in runs to the members that want the topic. */

export interface Subscriber<M> {
  readonly member: M
  wants(topic: string): boolean
}

/** Partition numbers by topic for each member. Members keep their order: a member that joins moves as little as can be. */
export function assignRanges<M>(
  subscribers: readonly Subscriber<M>[],
  topics: Iterable<{ readonly name: string; readonly partitions: number }>,
): Map<M, { topic: string; partition: number }[]> {
  const assigned = new Map<M, { topic: string; partition: number }[]>(
    subscribers.map(({ member }) => [member, []]),
  )
  for (const { name, partitions } of topics) {
    const wanting = subscribers.filter((each) => each.wants(name))
    const share = Math.floor(partitions / wanting.length)
    const extra = partitions % wanting.length
    let partition = 0
    wanting.forEach(({ member }, i) => {
      const end = partition + share + (i < extra ? 1 : 0)
      for (; partition < end; partition++) assigned.get(member)?.push({ topic: name, partition })
    })
  }
  return assigned
}
