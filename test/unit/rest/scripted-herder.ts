/** A herder that knows one connector, `c`, and writes down what it was asked to do. */
import type { RawConfig } from '#plugin'
import {
  type ConnectorInfo,
  type ConnectorStatus,
  type Herder,
  HerderError,
  type ReplayStatus,
} from '#worker'

export interface Call {
  readonly verb: string
  readonly args: readonly unknown[]
}

export interface ScriptedHerder extends Herder {
  readonly calls: Call[]
}

const config: RawConfig = { 'connector.class': 'file-source', name: 'c' }
export const info: ConnectorInfo = { name: 'c', config, tasks: [{ connector: 'c', task: 0 }], type: 'source' }
const running = { state: 'RUNNING', worker_id: 'host:8083', version: '1' } as const
export const status: ConnectorStatus = {
  name: 'c',
  connector: running,
  tasks: [{ id: 0, ...running }],
  type: 'source',
}

export const replayStatus: ReplayStatus = {
  connector: 'c',
  state: 'RUNNING',
  worker_id: 'host:8083',
  topic_suffix: '',
  started_at: 1,
  ended_at: null,
  plan: null,
  progress: null,
  error: null,
}

export function scriptedHerder(properties: RawConfig = {}): ScriptedHerder {
  const calls: Call[] = []
  const note = (verb: string, ...args: unknown[]) => {
    calls.push({ verb, args })
  }
  const known = (name: string): void => {
    if (name !== 'c') throw new HerderError(404, `Connector ${name} not found`)
  }
  const act = (verb: string) => async (name: string) => {
    known(name)
    note(verb, name)
  }
  return {
    calls,
    workerId: 'host:8083',
    mode: 'distributed',
    properties,
    info: () => ({ version: '4.3.0', commit: 'x', kafka_cluster_id: 'y', rowtap_version: '1' }),
    health: async () => ({ status: 'starting', message: 'Worker is still starting up.' }),
    metrics: async () => 'rowtap_up 1\n',
    connectors: () => ['c'],
    expand: (expansions) => ({
      c: Object.fromEntries(expansions.map((each) => [each, each === 'info' ? info : status])),
    }),
    connector(name) {
      known(name)
      return info
    },
    config(name) {
      known(name)
      return config
    },
    tasks(name) {
      known(name)
      return [{ id: { connector: 'c', task: 0 }, config }]
    },
    status(name) {
      known(name)
      return status
    },
    taskStatus(name, task) {
      if (name === 'c' && task === 0) return { id: 0, ...running }
      throw new HerderError(404, `No status found for task ${name}-${task}`)
    },
    async create(request) {
      note('create', request)
      return { ...info, name: request.name }
    },
    async put(name, given) {
      note('put', name, given)
      return { created: name !== 'c', info: { ...info, name } }
    },
    async patch(name, given) {
      known(name)
      note('patch', name, given)
      return info
    },
    delete: act('delete'),
    async validate(given) {
      note('validate', given)
      return { name: 'x', error_count: 0, groups: [], configs: [] }
    },
    async restart(name, flags) {
      known(name)
      note('restart', name, flags)
      return flags.includeTasks || flags.onlyFailed ? status : null
    },
    async restartTask(name, task) {
      note('restartTask', name, task)
    },
    pause: act('pause'),
    resume: act('resume'),
    stop: act('stop'),
    offsets: async () => [{ partition: { p: 1.5 }, offset: { n: 9007199254740993n, d: 100 } }],
    replays: {
      async start(name, order) {
        known(name)
        note('replay', name, order)
        return replayStatus
      },
      status(name) {
        known(name)
        return replayStatus
      },
      async stop(name) {
        known(name)
        note('stopReplay', name)
        return { ...replayStatus, state: 'STOPPED', ended_at: 2 }
      },
    },
    async alterOffsets(name, offsets) {
      note('alterOffsets', name, offsets)
      return 'altered'
    },
    resetOffsets: async () => 'reset',
    topics: (name) => (name === 'c' ? ['t'] : []),
    resetTopics: act('resetTopics'),
    loggers: () => ({ root: { level: 'INFO', last_modified: null } }),
    logger: (name) => ({ level: name, last_modified: 5 }),
    async setLogger(name, level, scope) {
      note('setLogger', name, level, scope)
      return scope === 'cluster' ? null : [name]
    },
  }
}
