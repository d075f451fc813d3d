/** One rebalance as a member takes part in it: join, as the leader assign for all, and hear what it gets. */
import { ConnectError } from '#errors'
import type { TopicPartition } from '../../../broker.ts'
import type { Assignor, ConsumerSettings } from '../../properties/consumer-settings.ts'
import { KafkaError } from '../../wire/error-code.ts'
import {
  decodeAssignment,
  encodeAssignment,
  encodeSubscription,
  type Former,
} from '../../wire/consumer-protocol.ts'
import type { GroupMembership } from '../../wire/group-membership.ts'
import { type JoinedGroup, joinGroupRequest } from '../../wire/join-group.ts'
import { type MemberAssignment, syncGroupRequest } from '../../wire/sync-group.ts'
import { assign, subscribersOf, type TopicSize, userData } from '../assign/assignor.ts'
import { log } from '../log.ts'
import type { Coordinator } from './coordinator.ts'
import type { TopicWatch } from './topic-watch.ts'

export interface Rebalance {
  readonly coordinator: Coordinator
  readonly settings: ConsumerSettings
  readonly watch: TopicWatch
  readonly signal: AbortSignal
  /** '' until the broker has given one. */
  readonly member: string
  /** By the broker, before the group has come together. */
  named(member: string): void
  readonly owned: readonly TopicPartition[]
  /** What it had last, for the eager sticky assignor. */
  readonly former: Former
}

/** `again`: something has come between; with which member id to join anew, and whether what it owned is lost. */
export type RebalanceOutcome =
  | { readonly kind: 'assigned'; readonly assigned: Assigned }
  | { readonly kind: 'again'; readonly member: string; readonly lost: boolean }

export interface Assigned {
  readonly membership: GroupMembership
  readonly partitions: readonly TopicPartition[]
  /** What the member said it wants. */
  readonly wanted: readonly string[]
  /** What the leader has decided by; null: another member leads. */
  readonly decidedBy: { readonly topics: readonly string[]; readonly sizes: readonly TopicSize[] } | null
}

const memberIdRequired = 79
const unknownMember = 25
const rebalanceInProgress = 27
const illegalGeneration = 22
/** How long the group may be busy with the answers of others beyond its own time. */
const graceMs = 5000

export async function takePart(rebalance: Rebalance): Promise<RebalanceOutcome> {
  const { coordinator, settings, watch, owned, signal } = rebalance
  await watch.look([], signal)
  const wanted = watch.wanted()
  let { member } = rebalance
  let joined = await join(rebalance, member, wanted)
  if (joined.error === memberIdRequired) {
    member = joined.member
    rebalance.named(member)
    joined = await join(rebalance, member, wanted)
  }
  const { group } = coordinator
  if (joined.error !== 0)
    return again(coordinator, joined.error, member, `cannot be joined`, owned.length > 0)
  member = joined.member
  rebalance.named(member)
  const { groupInstanceId: instance } = settings
  const membership: GroupMembership = { group, generation: joined.generation, member, instance }
  const leads = joined.leader === member
  const decided = leads ? await decide(rebalance, joined) : null
  const heldMs = settings.maxPollIntervalMs + graceMs
  const request = syncGroupRequest(membership, decided?.assignments ?? [], heldMs)
  const { error, assignment } = await coordinator.send(request)
  if (error !== 0) return again(coordinator, error, member, 'cannot be synchronized', owned.length > 0)
  const partitions = decodeAssignment(assignment)
  log().info(
    `The member ${member} of the group ${group} has generation ${joined.generation} and ${partitions.length} partitions`,
  )
  const decidedBy = decided === null ? null : { topics: decided.topics, sizes: decided.sizes }
  return { kind: 'assigned', assigned: { membership, partitions, wanted, decidedBy } }
}

function join(
  { coordinator, settings, owned, former }: Rebalance,
  member: string,
  topics: readonly string[],
): Promise<JoinedGroup> {
  const { generation } = former
  const rack = settings.rack === '' ? null : settings.rack
  return coordinator.send(
    joinGroupRequest({
      ...{ group: coordinator.group, member, instance: settings.groupInstanceId },
      sessionTimeoutMs: settings.sessionTimeoutMs,
      rebalanceTimeoutMs: settings.maxPollIntervalMs,
      protocols: settings.assignors.map((name) => ({
        name,
        metadata: encodeSubscription({ topics, owned, generation, rack, userData: userData(name, former) }),
      })),
    }),
  )
}

interface Decided {
  readonly assignments: readonly MemberAssignment[]
  readonly topics: readonly string[]
  readonly sizes: readonly TopicSize[]
}

/** For all members, among them Java's. */
async function decide(
  { coordinator, settings, watch, signal }: Rebalance,
  joined: JoinedGroup,
): Promise<Decided> {
  const assignor = settings.assignors.find((name) => name === joined.protocol)
  if (assignor === undefined)
    throw new ConnectError(
      `The group ${coordinator.group} has chosen ${joined.protocol}, which was not offered.`,
    )
  return assignments(assignor, joined, watch, signal)
}

async function assignments(
  assignor: Assignor,
  { members }: JoinedGroup,
  watch: TopicWatch,
  signal: AbortSignal,
): Promise<Decided> {
  const subscribers = subscribersOf(assignor, members)
  const topics = [...new Set(subscribers.flatMap((each) => [...each.topics]))]
  await watch.look(topics, signal)
  const sizes = watch.sizes(topics)
  const assigned = [...assign(assignor, subscribers, sizes)].map(([member, partitions]) => ({
    member,
    assignment: encodeAssignment(partitions),
  }))
  return { assignments: assigned, topics, sizes }
}

/** Codes that a next try may better; all others are thrown. */
function again(
  coordinator: Coordinator,
  error: number,
  member: string,
  what: string,
  owns: boolean,
): RebalanceOutcome {
  coordinator.mustCoordinate(error)
  if (error === rebalanceInProgress) return { kind: 'again', member, lost: false }
  if (error === unknownMember) return { kind: 'again', member: '', lost: owns }
  if (error === illegalGeneration) return { kind: 'again', member, lost: owns }
  throw new KafkaError(error, `The group ${coordinator.group} ${what}`, {
    remedy: 'Check group.id, group.instance.id, session.timeout.ms and partition.assignment.strategy.',
  })
}
