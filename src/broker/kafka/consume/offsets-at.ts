/** Where partitions begin and end, asked of their leaders until each has answered. */
import type { TopicPartition } from '../../broker.ts'
import type { KafkaCluster } from '../transport/cluster.ts'
import { KafkaUnreachableError } from '../transport/connection-error.ts'
import { retrying } from '../transport/retry.ts'
import { KafkaError } from '../wire/error-code.ts'
import { listOffsetsRequest, type OffsetQuery } from '../wire/list-offsets.ts'
import type { Leaders } from './leaders.ts'
import { nameOf } from './place.ts'

/** By `nameOf` the partition. */
export type Offsets = Map<string, bigint>

export interface OffsetQuestion {
  readonly places: readonly TopicPartition[]
  /** `earliest` or `latest`. */
  readonly at: bigint
  readonly committedOnly: boolean
  /** default.api.timeout.ms where it is not given. */
  readonly deadlineMs?: number
}

/** Fails when the time is over; `found` has then those that were answered. */
export async function offsetsAt(
  cluster: KafkaCluster,
  leaders: Leaders,
  { places, at, committedOnly, deadlineMs = cluster.options.deadlineMs }: OffsetQuestion,
  found: Offsets = new Map(),
): Promise<Offsets> {
  await retrying({ ...cluster.options, deadlineMs }, async () => {
    const open = places.filter((place) => !found.has(nameOf(place)))
    const unled = new Set(open.filter((place) => leaders.of(place) < 0).map(({ topic }) => topic))
    if (unled.size > 0) await leaders.load([...unled])
    const byLeader = Map.groupBy(open, (place) => leaders.of(place))
    const asked = await Promise.allSettled(
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
    for (const each of asked) if (each.status === 'rejected') throw each.reason
  })
  return found
}

async function askLeader(
  cluster: KafkaCluster,
  leaders: Leaders,
  node: number,
  queries: readonly OffsetQuery[],
  committedOnly: boolean,
  found: Offsets,
): Promise<void> {
  const [first] = queries
  if (node < 0 && first !== undefined)
    throw new KafkaUnreachableError(`The partition ${nameOf(first)} has no leader.`)
  let refused: KafkaError | null = null
  try {
    for (const answer of await cluster.send(node, listOffsetsRequest(queries, committedOnly))) {
      if (answer.error === 0) found.set(nameOf(answer), answer.offset)
      else refused ??= new KafkaError(answer.error, `The offsets of ${nameOf(answer)} are not known`)
    }
    if (refused !== null) throw refused
  } catch (error) {
    for (const query of queries) if (!found.has(nameOf(query))) leaders.forget(query)
    throw error
  }
}
