/**
 * The loop of a sink task: poll → convert → transform → put → flush → commit. It is a member of its group all the time,
 * also while it is paused or holds a failed batch back, and commits what was put before a partition goes.
 */
import {
  CommitFailedError,
  type ConsumedRecord,
  type Consumer,
  type RebalanceListener,
  type TopicPartition,
} from '#broker'
import { messageOf } from '#errors'
import type { SinkTask } from '#plugin'
import { Breather } from '../breather.ts'
import { isStop } from '../control.ts'
import type { ErrorCounts, SinkCounts } from '../metrics.ts'
import type { TaskEnv } from '../task-env.ts'
import { isRetriable } from '../tolerance.ts'
import { type Delivery, unrecoverable } from './delivery.ts'
import type { Positions } from './positions.ts'
import { Turns } from './turns.ts'

export interface SinkLoopParts {
  readonly env: TaskEnv
  readonly task: SinkTask
  readonly consumer: Consumer
  readonly delivery: Delivery
  readonly positions: Positions
  readonly counts: SinkCounts
  readonly errorCounts: ErrorCounts
}

const longestPollMs = 1000

export class SinkLoop implements RebalanceListener {
  readonly #turns = new Turns()
  /** A consumer wants its listener first, so the rest comes with `run`; the listener waits for it. */
  readonly #begun = Promise.withResolvers<void>()
  #parts: SinkLoopParts | null = null
  #nextCommit = 0
  #failure: { readonly error: unknown } | null = null
  #closed = false
  #paused = false
  /** Read while a batch is held back: partitions that came meanwhile. */
  #backlog: ConsumedRecord[] = []

  /** Returns when the task shall stop, with everything put committed; throws where it must fail. */
  async run(parts: SinkLoopParts): Promise<void> {
    this.#parts = parts
    this.#begun.resolve()
    this.#scheduleCommit()
    const { stopping } = parts.env.control
    const breather = new Breather(parts.env.clock)
    try {
      while (!stopping.aborted) {
        await this.#round(parts)
        await breather.breathe(false)
      }
    } catch (error) {
      if (!isStop(error, stopping)) {
        await this.#commitAfterFailure(parts)
        throw error
      }
    }
    await this.#turns.take(() => this.#commit())
    this.#closed = true
    await parts.task.revoked?.(parts.positions.owned())
  }

  /** The task is given up: whatever it is stuck in, its partitions go to others without a word to it. */
  abandon(): void {
    this.#closed = true
  }

  /** What was put before the failure counts, if that is quickly done; what failed comes again after a restart. */
  async #commitAfterFailure({ env }: SinkLoopParts): Promise<void> {
    const timeout = new AbortController()
    const committed = this.#turns
      .take(() => this.#commit())
      .catch((error: unknown) => {
        env.log.warn({ err: error }, `The last commit of a failed task failed too: ${messageOf(error)}`)
      })
    await Promise.race([committed, env.clock.sleep(env.spec.worker.offsetFlushTimeoutMs, timeout.signal)])
    timeout.abort()
    this.#closed = true
  }

  async #round(parts: SinkLoopParts): Promise<void> {
    const { env, delivery, consumer } = parts
    const { control, clock } = env
    if (control.paused !== this.#paused) await this.#turns.take(() => this.#turn(control.paused))
    if (clock.now() >= this.#nextCommit) await this.#turns.take(() => this.#commit())
    const untilCommit = Math.max(0, this.#nextCommit - clock.now())
    const held = delivery.heldForMs
    const ready = this.#backlog.length > 0 && held === null && !this.#paused
    const wait = ready ? 0 : Math.min(longestPollMs, untilCommit, held ?? longestPollMs)
    const read = await this.#poll(consumer, wait)
    if (this.#failure !== null) throw this.#failure.error
    if (read === null || this.#paused) return void this.#backlog.push(...(read ?? []))
    await this.#turns.take(() => this.#deliver(delivery, read))
  }

  async #deliver(delivery: Delivery, read: readonly ConsumedRecord[]): Promise<void> {
    if (delivery.heldForMs === 0) await delivery.retry()
    if (delivery.heldForMs !== null) return void this.#backlog.push(...read)
    const batch = this.#backlog.length === 0 ? read : [...this.#backlog.splice(0), ...read]
    await delivery.deliver(batch)
  }

  /** null: it failed in passing. */
  async #poll(consumer: Consumer, waitMs: number): Promise<readonly ConsumedRecord[] | null> {
    const { env, errorCounts } = this.#own
    const { control, clock, log } = env
    try {
      return await consumer.poll(waitMs, control.attention)
    } catch (error) {
      if (control.attention.aborted || isStop(error, control.stopping)) return null
      if (!isRetriable(error)) throw error
      errorCounts.retries.inc(1)
      log.warn({ err: error }, `Reading from the broker failed and is tried again: ${messageOf(error)}`)
      await clock.sleep(longestPollMs, control.attention)
      return null
    }
  }

  /** Pausing keeps the partitions: the group is not disturbed. */
  async #turn(paused: boolean): Promise<void> {
    const { env, consumer, positions, delivery } = this.#own
    this.#paused = paused
    if (paused) {
      await this.#commit()
      consumer.pause(positions.owned())
    } else if (delivery.heldForMs === null) consumer.resume(positions.owned())
    env.state(paused ? 'PAUSED' : 'RUNNING')
  }

  /** Flushes and commits what was put. A passing fault leaves it to the next time. */
  async #commit(): Promise<void> {
    const { env, task, consumer, positions, counts, errorCounts } = this.#own
    this.#scheduleCommit()
    const offsets = positions.uncommitted()
    if (offsets.length === 0) return
    const started = env.clock.now()
    try {
      await task.flush?.()
      await consumer.commit(offsets)
    } catch (error) {
      // Partitions that another member has by now: `lost` tells which.
      if (!isRetriable(error) && !(error instanceof CommitFailedError)) throw unrecoverable(error)
      errorCounts.retries.inc(1)
      env.log.warn({ err: error }, `A commit failed and is tried again: ${messageOf(error)}`)
      return
    }
    positions.committed(offsets)
    counts.commits.took(env.clock.now() - started)
  }

  #scheduleCommit(): void {
    const { env } = this.#own
    this.#nextCommit = env.clock.now() + env.spec.worker.offsetFlushIntervalMs
  }

  get #own(): SinkLoopParts {
    if (this.#parts === null) throw new Error('the group called before the loop began')
    return this.#parts
  }

  assigned(partitions: readonly TopicPartition[]): Promise<void> {
    return this.#rebalance(partitions, async ({ task, consumer, positions, delivery }) => {
      positions.own(partitions)
      await task.assigned?.(partitions)
      if (this.#paused || delivery.heldForMs !== null) consumer.pause(partitions)
    })
  }

  revoked(partitions: readonly TopicPartition[]): Promise<void> {
    return this.#rebalance(partitions, async (parts) => {
      await this.#commit()
      await this.#leave(parts, partitions)
    })
  }

  lost(partitions: readonly TopicPartition[]): Promise<void> {
    return this.#rebalance(partitions, (parts) => this.#leave(parts, partitions))
  }

  async #leave(parts: SinkLoopParts, partitions: readonly TopicPartition[]): Promise<void> {
    parts.positions.disown(partitions)
    parts.delivery.drop(partitions)
    this.#backlog = this.#backlog.filter((record) => parts.positions.owns(record))
    await parts.task.revoked?.(partitions)
  }

  /** A failure here is the task's: the group goes on without it. */
  async #rebalance(
    partitions: readonly TopicPartition[],
    work: (parts: SinkLoopParts) => Promise<void>,
  ): Promise<void> {
    if (partitions.length === 0 || this.#closed) return
    await this.#begun.promise
    await this.#turns.take(async () => {
      if (this.#closed || this.#failure !== null) return
      try {
        await work(this.#own)
      } catch (error) {
        this.#failure = { error }
      }
      this.#own.counts.partitions.set(this.#own.positions.owned().length)
    })
  }
}
