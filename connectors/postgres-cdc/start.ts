/** What a start does: a snapshot, the stream, or both; and from where. Invariant 4 is decided here for restarts. */
import { ConnectError } from '#errors'
import type { Logger } from '#observe'
import type { PostgresConfig } from './config.ts'
import type { ResumePoint, StoredOffset } from './offset.ts'
import { positionLost, shownLsn, type SlotState, slotProblem } from './slot.ts'

export interface StartPlan {
  readonly snapshot: boolean
  readonly stream: boolean
  /** null: from the snapshot's position, or from the slot. */
  readonly resume: ResumePoint | null
}

/**
 * @param stored null at the first start
 * @param slot null where there is none
 */
export function planStart(
  config: PostgresConfig,
  stored: StoredOffset | null,
  slot: SlotState | null,
  log: Logger,
): StartPlan {
  const mode = config['snapshot.mode']
  const wanted = mode === 'always' || (mode !== 'no_data' && (stored === null || stored.unfinishedSnapshot))
  const stream = mode !== 'initial_only'
  const problem = slot === null ? null : slotProblem(slot, config)
  const lost = slot?.walStatus === 'lost'
  if (problem !== null && !(lost && (wanted || mode === 'when_needed'))) throw new ConnectError(problem)
  if (wanted) return { snapshot: true, stream, resume: null }
  if (!stream) return { snapshot: false, stream, resume: stored?.resume ?? null }
  if (stored === null || stored.unfinishedSnapshot) return { snapshot: false, stream, resume: null }
  if (slot === null || lost) {
    if (mode === 'when_needed') {
      log.warn(
        { slot: config['slot.name'] },
        'the slot has lost the stored position: a new snapshot is taken',
      )
      return { snapshot: true, stream, resume: null }
    }
    throw positionLost(
      config['slot.name'],
      stored.resume.lsn,
      slot === null ? 'it does not exist' : 'its log is gone',
    )
  }
  return { snapshot: false, stream, resume: reconciled(config, stored.resume, slot, log) }
}

/**
 * A slot past the stored offset is what an idle database leaves behind (its log is confirmed without records); it is
 * also what a slot looks like that was made anew. offset.mismatch.strategy says how it is taken.
 */
function reconciled(config: PostgresConfig, resume: ResumePoint, slot: SlotState, log: Logger): ResumePoint {
  const confirmed = slot.confirmed ?? 0
  if (confirmed <= resume.lsn) return resume
  if (config['offset.mismatch.strategy'] === 'trust_offset')
    throw positionLost(
      slot.name,
      resume.lsn,
      `it stands at ${shownLsn(confirmed)} (offset.mismatch.strategy=trust_offset)`,
    )
  log.info(
    { slot: slot.name, stored: shownLsn(resume.lsn), confirmed: shownLsn(confirmed) },
    'the slot is past the stored offset: going on from the slot',
  )
  return resume
}
