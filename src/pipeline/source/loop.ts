/**
 * The loop of a source task: poll → transform → convert → append → commit. It rests while the task is paused or holds
 * too many bytes that are not durable, and ends when the task shall stop, with everything appended committed.
 */
import type { SourceWriter } from '#broker'
import type { SourceRecord } from '#data'
import { messageOf } from '#errors'
import type { SourceTask } from '#plugin'
import { Breather } from '../breather.ts'
import { backoffMs, orAborted } from '../clock.ts'
import { isStop } from '../control.ts'
import type { ErrorCounts, SourceCounts } from '../metrics.ts'
import { type TaskEnv, taskName } from '../task-env.ts'
import { type ErrorSettings, isRetriable } from '../tolerance.ts'
import type { Committer } from './committer.ts'
import type { IdleOffsets } from './idle-offsets.ts'
import type { Intake } from './intake.ts'
import { beyondBudget, isFarBeyond, type SourceSettings } from './settings.ts'

export interface SourceLoopParts {
  readonly env: TaskEnv
  readonly task: SourceTask
  readonly writer: SourceWriter
  readonly intake: Intake
  readonly committer: Committer
  readonly idleOffsets: IdleOffsets
  readonly settings: SourceSettings
  readonly errors: ErrorSettings
  readonly counts: SourceCounts
  readonly errorCounts: ErrorCounts
}

/**
 * Returns when the task shall stop, or has given out all that it will (`over`, asked before each poll); throws where it
 * must fail. Either way the last commit is the caller's.
 */
export async function sourceLoop(parts: SourceLoopParts, over = () => false): Promise<void> {
  const { env, committer, idleOffsets, settings } = parts
  const { control } = env
  const breather = new Breather(env.clock)
  let failedPolls = 0
  while (!control.stopping.aborted && !over()) {
    if (control.paused) await rest(parts)
    await committer.drain(settings.budgetBytes, control.stopping)
    if (control.stopping.aborted || control.paused) continue
    const records = await poll(parts, failedPolls)
    failedPolls = records === null ? failedPolls + 1 : 0
    committer.broken.throwIfAborted()
    if (records !== null && records.length > 0) await takeBatch(parts, records)
    else committer.tick()
    if (records?.length === 0 && !control.stopping.aborted) idleOffsets.tick()
    const breath = breather.breathe(records?.length === 0)
    if (breath !== null) await breath
  }
}

/** Paused: what was polled is committed first, as a paused task may be so for days. */
async function rest({ env, committer }: SourceLoopParts): Promise<void> {
  await committer.finish()
  env.state('PAUSED')
  await env.control.unpaused()
  if (!env.control.stopping.aborted) env.state('RUNNING')
}

/** null: it failed in passing, and the wait before the next poll is over. */
async function poll(parts: SourceLoopParts, failedBefore: number): Promise<readonly SourceRecord[] | null> {
  const { env, task, committer, errors, counts, errorCounts } = parts
  const { control, clock, log } = env
  const started = clock.now()
  try {
    const records = await orAborted(task.poll(control.stopping), committer.broken)
    if (records === undefined) return []
    counts.polls.took(clock.now() - started)
    return records
  } catch (error) {
    // A task that was told to stop may close what its poll was waiting for.
    if (control.stopping.aborted) return []
    if (!isRetriable(error)) throw error
    errorCounts.retries.inc(1)
    const delay = backoffMs(failedBefore, errors.retryDelayMaxMs)
    log.warn(
      { err: error },
      `Polling failed and is tried again in ${Math.round(delay)} ms: ${messageOf(error)}`,
    )
    await clock.sleep(delay, control.stopping)
    return null
  }
}

/** A stop in the middle of a batch leaves its rest: the offsets committed are those of the records taken. */
async function takeBatch(parts: SourceLoopParts, records: readonly SourceRecord[]): Promise<void> {
  const { env, intake, committer, writer, settings, counts } = parts
  const { stopping } = env.control
  committer.batchBegins()
  intake.resetCounts()
  try {
    for (const record of records) {
      const pending = intake.take(record)
      if (pending !== null) await pending
      if (writer.pendingBytes <= settings.budgetBytes) continue
      if (isFarBeyond(intake.bytes, settings)) throw beyondBudget(taskName(env.spec), intake.bytes, settings)
      await committer.drain(settings.budgetBytes, stopping)
      if (stopping.aborted) break
    }
  } catch (error) {
    if (!isStop(error, stopping)) throw error
  } finally {
    counts.records.inc(intake.records)
    counts.bytes.inc(intake.bytes)
    counts.filtered.inc(intake.filtered)
    counts.pending.set(writer.pendingBytes)
  }
  committer.batchEnds()
}
