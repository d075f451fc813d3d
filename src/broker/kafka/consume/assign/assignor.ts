/**
 * Who gets what, decided by the group's leader for all members, whoever wrote them. Every assignor gives each partition
 * to exactly one of the members that want its topic; Java's names and results, so that it does not matter who leads.
 */
import type { TopicPartition } from '../../../broker.ts'
import type { Assignor } from '../../properties/consumer-settings.ts'
import type { GroupMember } from '../../wire/join-group.ts'
import {
  decodeFormer,
  decodeGeneration,
  decodeSubscription,
  encodeFormer,
  encodeGeneration,
  type Former,
  type Subscription,
} from '../../wire/consumer-protocol.ts'
import { assignRanges } from './range.ts'
import { assignRoundRobin } from './round-robin.ts'
import { assignSticky, withoutMoving } from './sticky.ts'

export interface Subscriber {
  readonly member: string
  readonly topics: ReadonlySet<string>
  /** What it had, and in which generation: sticky assignors leave it there. */
  readonly former: Former
}

export interface TopicSize {
  readonly topic: string
  readonly partitions: number
}

/** By member; each has an entry. */
export type Assignment = ReadonlyMap<string, readonly TopicPartition[]>

/** What a member of that assignor says of itself beyond its subscription. */
export function userData(assignor: Assignor, former: Former): Uint8Array | null {
  if (assignor === 'cooperative-sticky') return encodeGeneration(former.generation)
  return assignor === 'sticky' && former.generation >= 0 ? encodeFormer(former) : null
}

/** Members keep what they have during a rebalance only if all that they can do is made for it. */
export function isCooperative(assignors: readonly Assignor[]): boolean {
  return assignors.every((assignor) => assignor === 'cooperative-sticky')
}

export function subscribersOf(assignor: Assignor, members: readonly GroupMember[]): readonly Subscriber[] {
  return members.toSorted(byName).map(({ member, metadata }) => {
    const subscription = decodeSubscription(metadata)
    return { member, topics: new Set(subscription.topics), former: formerOf(assignor, subscription) }
  })
}

export function assign(
  assignor: Assignor,
  subscribers: readonly Subscriber[],
  topics: readonly TopicSize[],
): Assignment {
  const sorted = topics.toSorted((a, b) => (a.topic < b.topic ? -1 : 1))
  if (assignor === 'range') return assignRanges(subscribers, sorted)
  if (assignor === 'roundrobin') return assignRoundRobin(subscribers, sorted)
  const assignment = assignSticky(subscribers, sorted)
  return assignor === 'sticky' ? assignment : withoutMoving(subscribers, assignment)
}

function formerOf(assignor: Assignor, { owned, generation, userData: data }: Subscription): Former {
  if (assignor === 'sticky') return data === null ? { partitions: [], generation: -1 } : decodeFormer(data)
  const said = generation >= 0 || data === null || assignor !== 'cooperative-sticky'
  return { partitions: owned, generation: said ? generation : decodeGeneration(data) }
}

/** Static members first, by their own names, so that a restart of one changes nothing. */
function byName(a: GroupMember, b: GroupMember): number {
  if (a.instance !== null && b.instance !== null) return a.instance < b.instance ? -1 : 1
  if (a.instance !== null || b.instance !== null) return a.instance !== null ? -1 : 1
  return a.member < b.member ? -1 : 1
}
