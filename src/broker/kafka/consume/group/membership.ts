/**
 * The membership of one consumer in its group. It works in the background: takes part in rebalances, sends heartbeats
 * between them, and notes what has happened; the consumer looks at the notes within `poll`, where its listener is called.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { ConnectError, messageOf, RetriableError } from '#errors'
import type { GroupOffset, TopicPartition } from '../../../broker.ts'
import { CommitFailedError } from '../../../errors.ts'
import type { ConsumerSettings } from '../../properties/consumer-settings.ts'
import { retrying } from '../../transport/retry.ts'
import { KafkaError } from '../../wire/error-code.ts'
import type { Former } from '../../wire/consumer-protocol.ts'
import type { GroupMembership } from '../../wire/group-membership.ts'
import { heartbeatRequest } from '../../wire/heartbeat.ts'
import { leaveGroupRequest } from '../../wire/leave-group.ts'
import { type CommitResult, offsetCommitRequest } from '../../wire/offset-commit.ts'
import { log } from '../log.ts'
import { pause } from '../pause.ts'
import { nameOf } from '../place.ts'
import type { Coordinator } from './coordinator.ts'
import { type Assigned, takePart } from './rebalance.ts'
import { TopicWatch } from './topic-watch.ts'

export interface MembershipOptions {
  readonly topics: readonly string[] | RegExp
  readonly settings: ConsumerSettings
  /** For what the broker holds back, and heartbeats: nothing else waits behind it. */
  readonly group: Coordinator
  /** For offsets and metadata. */
  readonly data: Coordinator
  /** Where to begin in partitions that are new; those that it leaves out are found later. */
  locate(partitions: readonly TopicPartition[], signal: AbortSignal): Promise<readonly GroupOffset[]>
  /** There is something new to look at. */
  noted(): void
}

/** What a member has been given, and from where to read what is new of it. */
export interface Joined {
  readonly partitions: readonly TopicPartition[]
  readonly positions: readonly GroupOffset[]
}

const [illegalGeneration, unknownMember, rebalanceInProgress, fencedInstance] = [22, 25, 27, 82]
/** A broker that does not answer must not hold up the end. */
const leaveWithinMs = 5000

export class Membership implements Disposable {
  /** The partitions were taken away without notice; whoever has told so sets it back. */
  lost = false
  /** It must join, once what it must give up is given up. */
  mustJoin = true
  failure: Error | null = null
  readonly #options: MembershipOptions
  readonly #watch: TopicWatch
  readonly #end = new AbortController()
  #member = ''
  #current: GroupMembership | null = null
  #assigned: Assigned | null = null
  #former: Former = { partitions: [], generation: -1 }
  #joining = false
  #joined: Joined | null = null
  /** Ends the heartbeats of the present generation. */
  #beats = new AbortController()

  constructor(options: MembershipOptions) {
    this.#options = options
    const { topics, settings } = options
    this.#watch = new TopicWatch(options.data.cluster, {
      ...{ topics, settings },
      looked: () => this.#compare(),
      failed: (error) => this.#fail(error),
    })
  }

  get joining(): boolean {
    return this.#joining
  }

  get hasNews(): boolean {
    return this.lost || this.failure !== null || this.#joined !== null || (this.mustJoin && !this.#joining)
  }

  /** Once for each time that a rebalance has ended. */
  takeJoined(): Joined | null {
    const joined = this.#joined
    this.#joined = null
    return joined
  }

  /** Begins to take part in a rebalance. `owned`: what the member keeps meanwhile. */
  join(owned: readonly TopicPartition[]): void {
    this.mustJoin = false
    this.#joining = true
    this.#beats.abort()
    void this.#join(owned)
  }

  async #join(owned: readonly TopicPartition[]): Promise<void> {
    for (let failures = 0; !this.#end.signal.aborted; failures++) {
      try {
        await this.#attempt(owned)
        break
      } catch (error) {
        if (this.#end.signal.aborted) return
        if (!(error instanceof ConnectError && error.retriable)) {
          this.#fail(error)
          break
        }
        const { group } = this.#options.group
        if (Math.log2(failures + 1) % 1 === 0)
          log().warn({ err: error }, `Joining the group ${group} is tried again: ${messageOf(error)}`)
        await pause(this.#options.group.cluster.options, failures, this.#end.signal)
      }
    }
    this.#joining = false
    // What was seen of the topics meanwhile is not seen a second time.
    this.#compare()
    this.#options.noted()
  }

  async #attempt(owned: readonly TopicPartition[]): Promise<void> {
    const { group: coordinator, settings } = this.#options
    const { signal } = this.#end
    const outcome = await takePart({
      ...{ coordinator, settings, watch: this.#watch, signal },
      ...{ member: this.#member, owned, former: this.#former },
      named: (member) => {
        this.#member = member
      },
    })
    if (signal.aborted) return
    if (outcome.kind === 'again') {
      this.#member = outcome.member
      this.mustJoin = true
      if (outcome.lost) this.#lose()
      return
    }
    const { membership, partitions } = outcome.assigned
    this.#current = membership
    this.#assigned = outcome.assigned
    this.#former = { partitions, generation: membership.generation }
    this.#beats = new AbortController()
    void this.#beat(membership, this.#beats.signal)
    await this.#locate(membership, partitions, owned)
  }

  /** Where to go on in what is new. A rebalance that comes meanwhile makes it void. */
  async #locate(
    membership: GroupMembership,
    partitions: readonly TopicPartition[],
    owned: readonly TopicPartition[],
  ): Promise<void> {
    const had = new Set(owned.map(nameOf))
    const added = partitions.filter((each) => !had.has(nameOf(each)))
    while (this.#current === membership && !this.#end.signal.aborted)
      try {
        const positions = added.length === 0 ? [] : await this.#options.locate(added, this.#beats.signal)
        if (this.#current === membership) this.#joined = { partitions, positions }
        return
      } catch (error) {
        if (!(error instanceof ConnectError && error.retriable)) throw error
        log().warn({ err: error }, `Where to begin is asked for again: ${messageOf(error)}`)
        if (this.mustJoin) return
      }
  }

  async #beat(membership: GroupMembership, signal: AbortSignal): Promise<void> {
    const { settings, group } = this.#options
    let failures = 0
    while (!signal.aborted) {
      if (failures === 0) await delay(settings.heartbeatMs, undefined, { signal }).catch(() => {})
      else await pause(group.cluster.options, failures, signal)
      if (signal.aborted) return
      try {
        const error = await group.send(heartbeatRequest(membership))
        if (signal.aborted) return
        failures = 0
        if (!this.#heard(error)) group.mustCoordinate(error)
      } catch (error) {
        if (signal.aborted) return
        if (!(error instanceof ConnectError && error.retriable)) return this.#fail(error)
        if (failures++ === 0)
          log().warn({ err: error }, `A heartbeat of ${membership.member} is sent again: ${messageOf(error)}`)
      }
    }
  }

  /** What an answer of the coordinator says about the membership; false: nothing. */
  #heard(error: number): boolean {
    const { group } = this.#options.group
    if (error === rebalanceInProgress) {
      this.mustJoin = true
      this.#options.noted()
    } else if (error === unknownMember || error === illegalGeneration || error === fencedInstance) {
      log().warn(`The member ${this.#member} has lost its place in the group ${group}`)
      if (error === unknownMember) this.#member = ''
      if (error === fencedInstance)
        this.#fail(
          new KafkaError(error, `Another member of the group ${group} has the same group.instance.id`),
        )
      this.#lose()
    } else return false
    return true
  }

  #lose(): void {
    this.#beats.abort()
    this.#current = null
    this.#assigned = null
    this.#joined = null
    this.#former = { partitions: this.#former.partitions, generation: -1 }
    this.lost = true
    this.mustJoin = true
    this.#options.noted()
  }

  /** After each look at the topics: those that this member wants, or, if it leads, those of the group. */
  #compare(): void {
    const assigned = this.#assigned
    if (assigned === null || this.mustJoin || this.#joining) return
    const { wanted, decidedBy } = assigned
    const same =
      isSame(this.#watch.wanted(), wanted) &&
      (decidedBy === null || isSame(this.#watch.sizes(decidedBy.topics), decidedBy.sizes))
    if (same) return
    log().info(`The topics of the group ${this.#options.group.group} have changed`)
    this.mustJoin = true
    this.#options.noted()
  }

  /** Fails with a `CommitFailedError` where the partitions may be another's by now. */
  async commit(offsets: readonly GroupOffset[]): Promise<void> {
    const { data } = this.#options
    const current = this.#current
    if (current === null)
      throw new CommitFailedError(`This consumer is no member of the group ${data.group} at present.`)
    const results = await retrying(data.cluster.options, () => this.#store(current, offsets))
    for (const { topic, partition, error } of results)
      if (error !== 0) this.#refused(current, error, `${topic}-${partition}`)
  }

  /** Tried again where that may help by itself; what the group must settle first is for the caller to see. */
  async #store(
    membership: GroupMembership,
    offsets: readonly GroupOffset[],
  ): Promise<readonly CommitResult[]> {
    const { data } = this.#options
    const results = await data.send(offsetCommitRequest(data.group, membership, offsets))
    for (const { topic, partition, error } of results) {
      if (error === 0) continue
      data.mustCoordinate(error)
      const refusal = new KafkaError(error, notStored(data.group, `${topic}-${partition}`))
      if (refusal.retriable) throw refusal
    }
    return results
  }

  #refused(membership: GroupMembership, error: number, place: string): never {
    const what = notStored(this.#options.data.group, place)
    const isNews = this.#current === membership && !this.#joining
    if (error === rebalanceInProgress) {
      if (isNews) this.#heard(error)
      throw new RetriableError(`${what}: a rebalance is in progress.`)
    }
    const cause = new KafkaError(error, what)
    if (error !== unknownMember && error !== illegalGeneration && error !== fencedInstance) throw cause
    if (isNews) this.#heard(error)
    throw new CommitFailedError(`${what}: it has rebalanced, and the partition may be another member's.`, {
      remedy:
        'If this comes again and again, raise max.poll.interval.ms or lower max.poll.records: a batch takes too long.',
      cause,
    })
  }

  /** The member is not polled any more: others get its partitions. A static one keeps them until its session ends. */
  async giveUp(): Promise<void> {
    const { data, settings } = this.#options
    log().warn(
      `The member ${this.#member} of the group ${data.group} leaves it: it was not polled for ${settings.maxPollIntervalMs} ms. ` +
        'Raise max.poll.interval.ms or lower max.poll.records.',
    )
    const left = this.#leave()
    this.#member = ''
    this.#lose()
    await left
  }

  async leave(): Promise<void> {
    const left = this.#leave()
    this[Symbol.dispose]()
    await left
  }

  async #leave(): Promise<void> {
    const { data, settings } = this.#options
    const member = this.#member
    if (member === '' || settings.groupInstanceId !== null) return
    const timeout = delay(leaveWithinMs, undefined, { ref: false })
    await Promise.race([data.send(leaveGroupRequest(data.group, member)), timeout]).catch((error) =>
      log().debug({ err: error }, `The member ${member} could not say that it leaves`),
    )
  }

  #fail(error: unknown): void {
    this.failure ??= error instanceof Error ? error : new Error(String(error))
    this.#options.noted()
  }

  [Symbol.dispose](): void {
    this.#end.abort()
    this.#beats.abort()
    this.#current = null
    this.#watch[Symbol.dispose]()
  }
}

function notStored(group: string, place: string): string {
  return `The group ${group} has not stored the offset of ${place}`
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
