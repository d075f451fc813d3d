/**
 * What a start does: the schema is read or recovered, the tables are read or not, the log is followed or not; and from
 * where. Invariant 4 is decided here for restarts.
 */
import { ConnectError } from '#errors'
import type { Logger } from '#observe'
import type { MysqlConfig } from './config/servers.ts'
import type { ResumePoint, StoredOffset } from './offset.ts'

export interface StartPlan {
  /** `read`: from the server, into the history; `recover`: out of the history, as of the stored position. */
  readonly schema: 'read' | 'recover'
  /** The tables are read. */
  readonly data: boolean
  readonly stream: boolean
  /** Where the log is read from. null: where the snapshot stands. */
  readonly resume: ResumePoint | null
  /** A snapshot was cut off: `resume` is where the topics stand. */
  readonly continues: boolean
  /** Changes that nobody has given out may lie before the new position: allowed, and counted. */
  readonly skipped: boolean
}

export interface StartFacts {
  readonly config: Pick<
    MysqlConfig,
    | 'snapshot.mode'
    | 'snapshot.mode.configuration.based.snapshot.data'
    | 'snapshot.mode.configuration.based.snapshot.schema'
    | 'snapshot.mode.configuration.based.start.stream'
    | 'snapshot.mode.configuration.based.snapshot.on.schema.error'
    | 'snapshot.mode.configuration.based.snapshot.on.data.error'
  >
  /** null: at the first start. */
  readonly stored: StoredOffset | null
  /** Why the log cannot be read from the stored position on; null: it can. */
  readonly positionProblem: string | null
  /** Why the schema cannot be recovered; null: the history has it. */
  readonly historyProblem: string | null
  readonly log: Logger
}

/** What a mode wants: at the first start or after a snapshot that was cut off, and at any other. */
interface Wishes {
  readonly first: { readonly schema: boolean; readonly data: boolean }
  readonly later: { readonly schema: boolean; readonly data: boolean }
  readonly stream: boolean
  /** A history that is gone is read anew; a position that is gone is given up. */
  readonly anewWithoutHistory: boolean
  readonly anewWithoutPosition: boolean
}

const nothing = { schema: false, data: false }
const all = { schema: true, data: true }
const schema = { schema: true, data: false }

function wishesOf(config: StartFacts['config']): Wishes {
  const usual = {
    first: all,
    later: nothing,
    stream: true,
    anewWithoutHistory: false,
    anewWithoutPosition: false,
  }
  const mode = config['snapshot.mode']
  switch (mode) {
    case 'initial':
      return usual
    case 'initial_only':
      return { ...usual, stream: false }
    case 'always':
      return { ...usual, later: all, anewWithoutHistory: true, anewWithoutPosition: true }
    case 'no_data':
      return { ...usual, first: schema }
    case 'recovery':
      return { ...usual, first: schema, later: schema, anewWithoutHistory: true }
    case 'when_needed':
      return { ...usual, anewWithoutHistory: true, anewWithoutPosition: true }
    case 'configuration_based': {
      const based = 'snapshot.mode.configuration.based'
      const data = config[`${based}.snapshot.data`]
      return {
        ...usual,
        first: { data, schema: data || config[`${based}.snapshot.schema`] },
        stream: config[`${based}.start.stream`],
        anewWithoutHistory: config[`${based}.snapshot.on.schema.error`],
        anewWithoutPosition: config[`${based}.snapshot.on.data.error`],
      }
    }
    default:
      throw new ConnectError(`snapshot.mode=${mode} is not supported: there are no snapshotters to load.`, {
        remedy:
          'Choose initial, initial_only, always, no_data, recovery, when_needed or configuration_based.',
      })
  }
}

export function planStart(facts: StartFacts): StartPlan {
  const { config, stored, positionProblem, historyProblem, log } = facts
  const wishes = wishesOf(config)
  const mode = config['snapshot.mode']
  if (stored === null) return firstStart(facts, wishes)
  const continues = stored.unfinishedSnapshot
  const wanted = continues ? wishes.first : wishes.later
  const fresh = { schema: 'read', stream: wishes.stream, resume: null, continues: false } as const
  if (positionProblem !== null && (wishes.stream || continues)) {
    // Also after a snapshot that was cut off: its rows are in the topics, and what was deleted since would stay there.
    if (!wishes.anewWithoutPosition) throw positionLost(positionProblem)
    log.warn({ why: positionProblem }, 'the stored position is lost: a new snapshot is taken')
    return { ...fresh, data: true, skipped: true }
  }
  if (mode === 'always' && !continues) return { ...fresh, data: true, skipped: false }
  const { resume } = stored
  if (wanted.schema || continues)
    return {
      schema: 'read',
      data: wanted.data,
      stream: wishes.stream,
      resume,
      continues,
      skipped: false,
    }
  if (historyProblem === null)
    return { schema: 'recover', data: false, stream: wishes.stream, resume, continues, skipped: false }
  if (!wishes.stream) return { ...fresh, schema: 'recover', data: false, skipped: false }
  if (!wishes.anewWithoutHistory)
    throw new ConnectError(`The schema history cannot be used: ${historyProblem}`, {
      remedy:
        'If the schema has not changed since the stored position, set snapshot.mode=recovery for one start; otherwise take a new snapshot (delete the offsets, or snapshot.mode=when_needed).',
    })
  log.warn({ why: historyProblem }, 'the schema history is lost: the schema is read anew')
  return mode === 'configuration_based'
    ? { schema: 'read', data: false, stream: true, resume, continues: false, skipped: false }
    : { ...fresh, data: true, skipped: true }
}

function firstStart({ config }: StartFacts, { first, stream }: Wishes): StartPlan {
  if (config['snapshot.mode'] === 'recovery')
    throw new ConnectError('snapshot.mode=recovery goes on from a stored offset, and there is none.', {
      remedy: 'Choose snapshot.mode=initial for the first start.',
    })
  if (!first.schema && stream)
    throw new ConnectError(
      'The log cannot be followed without a schema: neither snapshot.schema nor snapshot.data is set.',
      { remedy: 'Set snapshot.mode.configuration.based.snapshot.schema=true.' },
    )
  return {
    schema: 'read',
    data: first.data,
    stream,
    resume: null,
    continues: false,
    skipped: false,
  }
}

function positionLost(why: string): ConnectError {
  return new ConnectError(`The log cannot be read from the stored position on: ${why}`, {
    remedy:
      'Changes since then are lost to this connector. Take a new snapshot: snapshot.mode=when_needed does it by itself, or delete the offsets with DELETE /connectors/{name}/offsets.',
  })
}
