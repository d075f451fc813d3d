/**
 * Consumer groups. Members get their partitions by notice; one that must give some up is asked to revoke them and
 * keeps them until it says it has, so a partition never has two owners. A member that does not answer in time, or
 * whose port closes, is out. What groups have committed lives in the database, their members only here.
 */
import type { GroupMember } from '../../broker.ts'
import type { GroupNotice } from '../protocol.ts'
import { assignRanges } from './assignment.ts'
import type { Catalogue, Partition } from './catalogue.ts'
import type { GroupOffsets } from './group-offsets.ts'

/** A member as the groups see it; `client` is whom its port belongs to. */
export interface Joining {
  readonly id: string
  readonly client: object
  readonly clientId: string
  readonly group: string
  readonly topics: readonly string[] | RegExp
  readonly revokeWithinMs: number
  notify(notice: Omit<GroupNotice, 'member'>): void
}

interface Member extends Joining {
  readonly wants: (topic: string) => boolean
  readonly owned: Map<number, Partition>
  /** Asked to let go of these, and has not answered yet. */
  revoking: readonly Partition[]
  deadline: NodeJS.Timeout | null
}

export class Groups {
  readonly #catalogue: Catalogue
  readonly #offsets: GroupOffsets
  readonly #members = new Map<string, Member>()
  readonly #groups = new Map<string, Set<Member>>()

  constructor(catalogue: Catalogue, offsets: GroupOffsets) {
    this.#catalogue = catalogue
    this.#offsets = offsets
  }

  hasMembers(group: string): boolean {
    return (this.#groups.get(group)?.size ?? 0) > 0
  }

  /** All of them are in this process. */
  members(group: string): readonly GroupMember[] {
    return [...(this.#groups.get(group) ?? [])].map(({ clientId }) => ({ clientId, host: 'localhost' }))
  }

  join(joining: Joining): void {
    const wants = matcherOf(joining.topics)
    const member: Member = { ...joining, wants, owned: new Map(), revoking: [], deadline: null }
    this.#members.set(member.id, member)
    const group = this.#groups.get(member.group)
    if (group === undefined) this.#groups.set(member.group, new Set([member]))
    else group.add(member)
    this.#rebalance(member.group)
  }

  leave(id: string): void {
    const member = this.#members.get(id)
    if (member === undefined) return
    this.#remove(member)
    this.#rebalance(member.group)
  }

  /** A port has closed: its members are gone. */
  forgetClient(client: object): void {
    const gone = [...this.#members.values()].filter((member) => member.client === client)
    for (const member of gone) this.#remove(member)
    for (const group of new Set(gone.map((member) => member.group))) this.#rebalance(group)
  }

  revoked(id: string): void {
    const member = this.#members.get(id)
    if (member === undefined) return
    for (const partition of member.revoking) member.owned.delete(partition.id)
    this.#settle(member)
    this.#rebalance(member.group)
  }

  /** Topics came or went. */
  topicsChanged(): void {
    for (const group of this.#groups.keys()) this.#rebalance(group)
  }

  /** The group of a member, if the member is in it and owns that partition. */
  groupOf(id: string): string | null {
    return this.#members.get(id)?.group ?? null
  }

  owns(id: string, topic: string, partition: number): boolean {
    const found = this.#catalogue.find(topic)?.partitions[partition]
    return found !== undefined && this.#members.get(id)?.owned.has(found.id) === true
  }

  /** Ends all timers. */
  close(): void {
    for (const member of this.#members.values()) this.#settle(member)
  }

  #remove(member: Member): void {
    this.#settle(member)
    this.#members.delete(member.id)
    const group = this.#groups.get(member.group)
    group?.delete(member)
    if (group?.size === 0) this.#groups.delete(member.group)
  }

  #settle(member: Member): void {
    member.revoking = []
    if (member.deadline !== null) clearTimeout(member.deadline)
    member.deadline = null
  }

  #rebalance(name: string): void {
    const members = [...(this.#groups.get(name) ?? [])]
    const targets = assignRanges(
      members.map((member) => ({ member, wants: member.wants })),
      [...this.#catalogue.all()].map((topic) => ({ name: topic.name, partitions: topic.partitions.length })),
    )
    const wanted = new Map(members.map((member) => [member, this.#partitions(targets.get(member) ?? [])]))
    for (const member of members) this.#takeAway(member, wanted.get(member) ?? new Map())
    const owned = new Set(members.flatMap((member) => [...member.owned.keys()]))
    for (const member of members) {
      const come = [...(wanted.get(member) ?? new Map<number, Partition>()).values()].filter(
        ({ id }) => !owned.has(id),
      )
      for (const partition of come) member.owned.set(partition.id, partition)
      if (come.length > 0) this.#notify(member, 'assign', come)
    }
  }

  #partitions(places: readonly { topic: string; partition: number }[]): Map<number, Partition> {
    const found = new Map<number, Partition>()
    for (const { topic, partition } of places) {
      const each = this.#catalogue.find(topic)?.partitions[partition]
      if (each !== undefined) found.set(each.id, each)
    }
    return found
  }

  #takeAway(member: Member, wanted: ReadonlyMap<number, Partition>): void {
    const deleted = [...member.owned.values()].filter(({ id }) => this.#catalogue.partition(id) === null)
    for (const { id } of deleted) member.owned.delete(id)
    if (deleted.length > 0) this.#notify(member, 'lost', deleted)
    if (member.revoking.length > 0) return
    const revoking = [...member.owned.values()].filter(({ id }) => !wanted.has(id))
    if (revoking.length === 0) return
    member.revoking = revoking
    member.deadline = setTimeout(() => this.#evict(member), member.revokeWithinMs)
    this.#notify(member, 'revoke', revoking)
  }

  #evict(member: Member): void {
    const lost = [...member.owned.values()]
    this.#remove(member)
    this.#notify(member, 'lost', lost, true)
    this.#rebalance(member.group)
  }

  #notify(
    member: Member,
    notice: GroupNotice['notice'],
    partitions: readonly Partition[],
    evicted = false,
  ): void {
    member.notify({
      notice,
      evicted,
      partitions: partitions.map(({ id, topic, number, first, next }) => {
        const committed = this.#offsets.committed(member.group, topic.name, number)
        return { id, topic: topic.name, partition: number, committed, first, next }
      }),
    })
  }
}

/** Made once per member: it is asked for every topic at every rebalance. */
function matcherOf(topics: readonly string[] | RegExp): (topic: string) => boolean {
  if (!(topics instanceof RegExp)) {
    const names = new Set(topics)
    return (topic) => names.has(topic)
  }
  const whole = new RegExp(`^(?:${topics.source})$`, topics.flags.replace(/[gy]/g, ''))
  return (topic) => whole.test(topic)
}
