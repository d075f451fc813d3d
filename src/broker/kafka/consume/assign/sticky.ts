/**
 * StickyAssignor and CooperativeStickyAssignor: as even as the subscriptions allow, and what a member has stays with it
 * unless evenness asks for it. No partition can move from one member to another that wants it and has two fewer.
 */
import type { TopicPartition } from '../../../broker.ts'
import { nameOf } from '../place.ts'
import type { Assignment, Subscriber, TopicSize } from './assignor.ts'

interface Share extends Subscriber {
  readonly had: ReadonlySet<string>
  readonly partitions: Map<string, TopicPartition>
}

export function assignSticky(subscribers: readonly Subscriber[], topics: readonly TopicSize[]): Assignment {
  const shares = subscribers.map(
    (each): Share => ({ ...each, had: new Set(each.former.partitions.map(nameOf)), partitions: new Map() }),
  )
  const open = new Map<string, TopicPartition>()
  for (const { topic, partitions } of topics)
    for (let partition = 0; partition < partitions; partition++)
      open.set(`${topic}-${partition}`, { topic, partition })
  keepFormer(shares, open)
  for (const place of open.values()) {
    const wanting = shares.filter((share) => share.topics.has(place.topic))
    least(wanting)?.partitions.set(nameOf(place), place)
  }
  while (moveOne(shares)) {
    // Each move brings two members nearer to each other, so there is a last one.
  }
  return new Map(shares.map(({ member, partitions }) => [member, [...partitions.values()]]))
}

/**
 * The assignment without what would move straight from one member to another: its owner is told to give it back, and
 * joins again when it has; then it is free.
 */
export function withoutMoving(subscribers: readonly Subscriber[], assignment: Assignment): Assignment {
  const owners = new Map<string, Set<string>>()
  for (const { member, former } of subscribers)
    for (const place of former.partitions)
      owners.set(nameOf(place), (owners.get(nameOf(place)) ?? new Set()).add(member))
  const isFree = (member: string, place: TopicPartition): boolean => {
    const owning = owners.get(nameOf(place))
    return owning === undefined || owning.has(member)
  }
  return new Map(
    [...assignment].map(([member, partitions]) => [
      member,
      partitions.filter((place) => isFree(member, place)),
    ]),
  )
}

/** What is claimed by several belongs to the newest generation; to nobody where two claim it in the same. */
function keepFormer(shares: readonly Share[], open: Map<string, TopicPartition>): void {
  const claims = new Map<string, { generation: number; share: Share | null }>()
  for (const share of shares)
    for (const place of share.former.partitions) {
      const name = nameOf(place)
      if (!open.has(name) || !share.topics.has(place.topic)) continue
      const { generation } = share.former
      const other = claims.get(name)
      if (other === undefined || other.generation < generation) claims.set(name, { generation, share })
      else if (other.generation === generation) other.share = null
    }
  for (const [name, { share }] of claims) {
    const place = open.get(name)
    if (share === null || place === undefined) continue
    share.partitions.set(name, place)
    open.delete(name)
  }
}

/** From the fullest member that can give something away, to the emptiest that wants it. */
function moveOne(shares: readonly Share[]): boolean {
  for (const from of shares.toSorted((a, b) => b.partitions.size - a.partitions.size))
    for (const to of shares.toSorted((a, b) => a.partitions.size - b.partitions.size)) {
      if (from.partitions.size - to.partitions.size < 2) break
      const moved = movable(from, to)
      const place = moved === null ? undefined : from.partitions.get(moved)
      if (moved === null || place === undefined) continue
      from.partitions.delete(moved)
      to.partitions.set(moved, place)
      return true
    }
  return false
}

/** Rather back to where it was, and rather what was not here before than what was. */
function movable(from: Share, to: Share): string | null {
  let [fresh, last]: (string | null)[] = [null, null]
  for (const [name, { topic }] of from.partitions) {
    if (!to.topics.has(topic)) continue
    if (to.had.has(name)) return name
    if (!from.had.has(name)) fresh ??= name
    last = name
  }
  return fresh ?? last ?? null
}

function least(shares: readonly Share[]): Share | null {
  let best: Share | null = null
  for (const share of shares) if (best === null || share.partitions.size < best.partitions.size) best = share
  return best
}
