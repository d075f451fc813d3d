/** What a start does: a snapshot, the stream, or both; and from where. Invariant 4 is decided here for restarts. */
import { ConnectError } from '#errors'
import type { Logger } from '#observe'
import type { PostgresConfig } from './config.ts'
import { between, type ResumePoint, type StoredOffset } from './offset.ts'
import { movedByHand, positionLost, shownLsn, slotAhead, type SlotState, slotProblem } from './slot.ts'

export interface StartPlan {
  readonly snapshot: boolean
  readonly stream: boolean
  /**
   * Where the log is read from: before a snapshot, too, as far as the snapshot's position. null: there is no slot yet,
   * its first position is the beginning.
   */
  readonly resume: ResumePoint | null
  /** Changes that nobody has given out may lie between the stored offset and the slot: allowed, and counted. */
  readonly skipped: boolean
}

export interface StartFacts {
  readonly config: PostgresConfig
  /** offset.mismatch.strategy stands in the configuration. */
  readonly strategyIsSet: boolean
  /** null: at the first start. */
  readonly stored: StoredOffset | null
  /** null: there is none. */
  readonly slot: SlotState | null
  readonly log: Logger
}

export function planStart(facts: StartFacts): StartPlan {
  const { config, stored, slot, log } = facts
  const mode = config['snapshot.mode']
  const snapshot = mode === 'always' || (mode !== 'no_data' && (stored === null || stored.unfinishedSnapshot))
  if (mode === 'initial_only') return { snapshot, stream: false, resume: null, skipped: false }
  const anew = mode === 'when_needed' || mode === 'always'
  const lost = slot?.walStatus === 'lost'
  const problem = slot === null ? null : slotProblem(slot, config)
  if (problem !== null && !(lost && (anew || (stored === null && snapshot)))) throw new ConnectError(problem)
  if (slot === null || lost) {
    if (stored === null) return { snapshot, stream: true, resume: null, skipped: false }
    const why = slot === null ? 'it does not exist' : 'its log is gone'
    // Also of a snapshot that was cut off: its rows are in the topics, and what was deleted since would stay there.
    if (!anew) throw positionLost(config['slot.name'], stored.resume.lsn, why)
    log.warn({ slot: config['slot.name'], why }, 'the stored position is lost: a new snapshot is taken')
    return { snapshot: true, stream: true, resume: null, skipped: true }
  }
  const confirmed = slot.confirmed ?? 0
  if (stored === null) return { snapshot, stream: true, resume: between(confirmed), skipped: false }
  const { resume } = stored
  if (confirmed <= resume.lsn || movedByHand(config))
    return {
      snapshot,
      stream: true,
      resume: { ...resume, lsn: Math.max(resume.lsn, confirmed) },
      skipped: false,
    }
  if (!anew && !trustsSlot(facts)) throw slotAhead(slot.name, resume.lsn, confirmed)
  log.warn(
    { slot: slot.name, stored: shownLsn(resume.lsn), confirmed: shownLsn(confirmed) },
    'the slot is past the stored offset: going on from the slot',
  )
  return {
    snapshot: snapshot || (anew && !trustsSlot(facts)),
    stream: true,
    resume: { ...resume, lsn: confirmed },
    skipped: true,
  }
}

/**
 * We store a position before we confirm it (invariant 1), so a slot past the stored offset was not moved by us. Debezium's
 * default goes on without a word; here that has to be said.
 */
function trustsSlot({ config, strategyIsSet }: StartFacts): boolean {
  const strategy = config['offset.mismatch.strategy']
  return strategyIsSet && strategy !== 'trust_offset'
}
