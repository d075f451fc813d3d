/**
 * The connectors of the cluster, as Connect's configuration topic holds them:
 *
 *   connector-NAME          {"properties":{…}}                        null: deleted
 *   target-state-NAME       {"state":"PAUSED","state.v2":"STOPPED"}   `state` is for readers that know no STOPPED
 *   task-NAME-N             {"properties":{…}}                        held back until …
 *   commit-NAME             {"tasks":N}                               … this says that the set is complete
 *   restart-connector-NAME  {"include-tasks":…,"only-failed":…}       written for other workers
 *   tasks-fencing-NAME, session-key, logger-cluster-NAME              read by other workers
 *
 * A commit counts only if tasks 0 … N-1 were all written since the one before; otherwise the connector is inconsistent
 * and has no tasks. A DELETE writes null for `connector-` and `target-state-`; task and commit records stay.
 * Configurations keep the order in which they were typed and are never resolved here.
 */
import type { RawConfig } from '#plugin'
import { ConnectError } from '#errors'
import { type Logger, logger } from '#observe'
import { isJsonObject, jsonText, parseJson } from '#pipeline'
import type { RestartFlags, TargetState } from './herder.ts'
import type { StoreEntry, StoreTable } from './table.ts'

/** Tested in this order, as Connect does: a connector may be called `x` or `target-state-x`. */
const prefixes = ['target-state-', 'connector-', 'task-', 'commit-'] as const
const foreign = ['restart-connector-', 'tasks-fencing-', 'session-key', 'logger-cluster-'] as const

interface Stored {
  config: RawConfig | null
  /** Counts the records of this connector: a PUT of the same configuration restarts it too. */
  revision: number
  target: TargetState
  /** Every task configuration applied, also those beyond the count. */
  readonly tasks: Map<number, RawConfig>
  readonly staged: Map<number, RawConfig>
  count: number
  /** Counts the task sets. */
  generation: number
  /** The connector's configuration at the time of the last commit. */
  applied: RawConfig | null
}

export class ConfigStore implements AsyncDisposable {
  readonly #table: StoreTable
  readonly #log: Logger
  readonly #stored = new Map<string, Stored>()

  /** Reads what the table holds. */
  constructor(table: StoreTable) {
    this.#table = table
    this.#log = logger('worker.config')
    const decoder = new TextDecoder()
    for (const [key, value] of table.entries()) this.#apply(key, decoder.decode(value))
  }

  connectors(): readonly string[] {
    return [...this.#stored].filter(([, stored]) => stored.config !== null).map(([name]) => name)
  }

  has(name: string): boolean {
    return this.config(name) !== null
  }

  config(name: string): RawConfig | null {
    return this.#stored.get(name)?.config ?? null
  }

  revision(name: string): number {
    return this.#stored.get(name)?.revision ?? 0
  }

  targetState(name: string): TargetState {
    return this.#stored.get(name)?.target ?? 'STARTED'
  }

  /** The committed task set. */
  tasks(name: string): readonly RawConfig[] {
    const stored = this.#stored.get(name)
    if (stored === undefined || stored.config === null) return []
    return Array.from({ length: stored.count }, (_, task) => stored.tasks.get(task) ?? {})
  }

  taskGeneration(name: string): number {
    return this.#stored.get(name)?.generation ?? 0
  }

  /** Whether a task of this number was ever committed, be it in the present set or not. */
  everHadTask(name: string, task: number): boolean {
    return this.#stored.get(name)?.tasks.has(task) ?? false
  }

  /** The connector configuration that the present task set was made from. */
  applied(name: string): RawConfig | null {
    return this.#stored.get(name)?.applied ?? null
  }

  async putConnector(name: string, config: RawConfig, target?: TargetState): Promise<void> {
    const record = { key: `connector-${name}`, value: jsonText({ properties: config }) }
    await this.#put(target === undefined ? [record] : [targetRecord(name, target), record])
  }

  async putTarget(name: string, target: TargetState): Promise<void> {
    await this.#put([targetRecord(name, target)])
  }

  /** Stopping commits an empty task set first. */
  async putStopped(name: string): Promise<void> {
    await this.#put([commitRecord(name, 0), targetRecord(name, 'STOPPED')])
  }

  async putTasks(name: string, tasks: readonly RawConfig[]): Promise<void> {
    const records = tasks.map((config, task) => ({
      key: `task-${name}-${task}`,
      value: jsonText({ properties: config }),
    }))
    await this.#put([...records, commitRecord(name, tasks.length)])
  }

  async putRestart(name: string, flags: RestartFlags): Promise<void> {
    const value = jsonText({ 'include-tasks': flags.includeTasks, 'only-failed': flags.onlyFailed })
    await this.#put([{ key: `restart-connector-${name}`, value }])
  }

  async putLogger(name: string, level: string): Promise<void> {
    await this.#put([{ key: `logger-cluster-${name}`, value: jsonText({ level }) }])
  }

  async remove(name: string): Promise<void> {
    await this.#put([
      { key: `connector-${name}`, value: null },
      { key: `target-state-${name}`, value: null },
    ])
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#table[Symbol.asyncDispose]()
  }

  async #put(entries: readonly StoreEntry[]): Promise<void> {
    await this.#table.put(entries)
    for (const { key, value } of entries) this.#apply(key, value)
  }

  #apply(key: string, value: string | null): void {
    const prefix = prefixes.find((each) => key.startsWith(each))
    if (prefix === undefined) {
      if (!foreign.some((each) => key.startsWith(each)))
        this.#log.warn({ key }, 'A record of the configuration topic has a key that nothing is known of')
      return
    }
    const rest = key.slice(prefix.length)
    let members: ReturnType<typeof membersOf>
    try {
      members = membersOf(key, value)
    } catch (error) {
      this.#log.error({ err: error }, 'A record of the configuration topic is skipped')
      return
    }
    if (prefix === 'connector-') this.#applyConnector(rest, members)
    else if (prefix === 'target-state-') this.#applyTarget(rest, members)
    else if (prefix === 'task-') this.#applyTask(rest, members)
    else this.#applyCommit(rest, members)
  }

  #applyConnector(name: string, members: Members): void {
    const stored = this.#entry(name)
    stored.config = members === null ? null : properties(members)
    stored.revision++
    if (members === null) {
      stored.tasks.clear()
      stored.staged.clear()
      stored.count = 0
      stored.generation++
      stored.applied = null
    }
  }

  #applyTarget(name: string, members: Members): void {
    const state = members?.['state.v2'] ?? members?.['state']
    this.#entry(name).target = state === 'PAUSED' || state === 'STOPPED' ? state : 'STARTED'
  }

  #applyTask(rest: string, members: Members): void {
    const [, name, number] = /^(.*)-(\d+)$/s.exec(rest) ?? []
    if (name === undefined || members === null) return
    this.#entry(name).staged.set(Number(number), properties(members))
  }

  #applyCommit(name: string, members: Members): void {
    const stored = this.#entry(name)
    const count = Number(members?.['tasks'] ?? 0)
    const complete = Array.from({ length: count }).every((_, task) => stored.staged.has(task))
    if (complete) for (const [task, config] of stored.staged) stored.tasks.set(task, config)
    else
      this.#log.warn(
        { connector: name },
        'The tasks of a connector were only partly written: it has none for now',
      )
    stored.count = complete ? count : 0
    stored.staged.clear()
    stored.generation++
    stored.applied = stored.config
  }

  #entry(name: string): Stored {
    const known = this.#stored.get(name)
    if (known !== undefined) return known
    const made: Stored = {
      config: null,
      revision: 0,
      target: 'STARTED',
      tasks: new Map(),
      staged: new Map(),
      count: 0,
      generation: 0,
      applied: null,
    }
    this.#stored.set(name, made)
    return made
  }
}

type Members = Readonly<Record<string, unknown>> | null

function targetRecord(name: string, target: TargetState): StoreEntry {
  const state = target === 'STOPPED' ? 'PAUSED' : target
  return { key: `target-state-${name}`, value: jsonText({ state, 'state.v2': target }) }
}

function commitRecord(name: string, tasks: number): StoreEntry {
  return { key: `commit-${name}`, value: jsonText({ tasks: BigInt(tasks) }) }
}

function membersOf(key: string, value: string | null): Members {
  if (value === null) return null
  const parsed = parseJson(value)
  if (!isJsonObject(parsed))
    throw new ConnectError(`The value of ${key} in the configuration topic is no JSON object.`)
  return parsed
}

/** Connect writes strings only; what a hand-made record holds besides is taken as its text. */
function properties(members: Readonly<Record<string, unknown>>): RawConfig {
  const given = members['properties']
  if (typeof given !== 'object' || given === null) return {}
  return Object.fromEntries(
    Object.entries(given).flatMap(([key, value]) => (value === null ? [] : [[key, String(value)]])),
  )
}
