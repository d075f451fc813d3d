/** Where partitions begin and end, asked of their leaders until each has answered. */
import type { TopicPartition } from '../../broker.ts'
import type { KafkaCluster } from '../transport/cluster.ts'
import { KafkaUnreachableError } from '../transport/connection-error.ts'
import { retrying } from '../transport/retry.ts'
import { KafkaError } from '../wire/error-code.ts'
import { listOffsetsRequest, type OffsetQuery } from '../wire/list-offsets.ts'
import type { Leaders } from './leaders.ts'
import { nameOf } from './place.ts'

/** By `nameOf` the partition. Fails when default.api.timeout.ms is over. */
export async function offsetsAt(
  cluster: KafkaCluster,
  leaders: Leaders,
  places: readonly TopicPartition[],
  at: bigint,
  committedOnly: boolean,
): Promise<ReadonlyMap<string, bigint>> {
  const found = new Map<string, bigint>()
  await retrying(cluster.options, async () => {
    const open = places.filter((place) => !found.has(nameOf(place)))
    const unled = new Set(open.filter((place) => leaders.of(place) < 0).map(({ topic }) => topic))
    if (unled.size > 0) await leaders.load([...unled])
    const byLeader = Map.groupBy(open, (place) => leaders.of(place))
    await Promise.all(
      [...byLeader].map(([node, led]) =>
        askLeader(
          cluster,
          leaders,
          node,
          led.map((place) => ({ ...place, at })),
          committedOnly,
          found,
        ),
      ),
    )
  })
  return found
}

async function askLeader(
  cluster: KafkaCluster,
  leaders: Leaders,
  node: number,
  queries: readonly OffsetQuery[],
  committedOnly: boolean,
  found: Map<string, bigint>,
): Promise<void> {
  const [first] = queries
  if (node < 0 && first !== undefined)
    throw new KafkaUnreachableError(`The partition ${nameOf(first)} has no leader.`)
  try {
    for (const answer of await cluster.send(node, listOffsetsRequest(queries, committedOnly))) {
      if (answer.error !== 0)
        throw new KafkaError(answer.error, `The offsets of ${nameOf(answer)} are not known`)
      found.set(nameOf(answer), answer.offset)
    }
  } catch (error) {
    for (const query of queries) if (!found.has(nameOf(query))) leaders.forget(query)
    throw error
  }
}
