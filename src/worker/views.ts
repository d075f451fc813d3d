/** What the stores hold, in the shapes that REST shows. */
import type { Registry } from '#plugin'
import type { ConfigStore } from './config-store.ts'
import {
  type ConnectorInfo,
  type ConnectorState,
  type ConnectorStatus,
  type ConnectorType,
  HerderError,
  type TaskStatus,
} from './herder.ts'
import type { RestartPlan } from './managed-connector.ts'
import type { StatusRecord, StatusStore } from './status-store.ts'

export function connectorType(registry: Registry, javaClass: string | undefined): ConnectorType {
  if (javaClass === undefined) return 'unknown'
  if (registry.find('source', javaClass) !== null) return 'source'
  return registry.find('sink', javaClass) !== null ? 'sink' : 'unknown'
}

export function connectorInfo(name: string, configs: ConfigStore, registry: Registry): ConnectorInfo {
  const config = configs.config(name)
  if (config === null) throw new HerderError(404, `Connector ${name} not found`)
  const tasks = configs.tasks(name).map((_, task) => ({ connector: name, task }))
  return { name, config, tasks, type: connectorType(registry, config['connector.class']) }
}

/** null where the connector has no status (yet). */
export function connectorStatus(
  name: string,
  configs: ConfigStore,
  statuses: StatusStore,
  registry: Registry,
): ConnectorStatus | null {
  const status = statuses.connector(name)
  if (status === null) return null
  const tasks = statuses.tasks(name).map(([id, task]) => taskStatus(id, task))
  const type = connectorType(registry, configs.config(name)?.['connector.class'])
  return { name, connector: stateOf(status), tasks, type }
}

export function taskStatus(id: number, status: StatusRecord): TaskStatus {
  return { id, ...stateOf(status) }
}

/** The answer to a flagged restart: what the plan restarts shows RESTARTING, all else of it stays. */
export function planned(status: ConnectorStatus, plan: RestartPlan): ConnectorStatus {
  const { connector, tasks } = status
  return {
    ...status,
    connector: plan.connector ? { ...connector, state: 'RESTARTING' } : connector,
    tasks: tasks.map((task) => (plan.tasks.includes(task.id) ? { ...task, state: 'RESTARTING' } : task)),
  }
}

function stateOf({ state, workerId, version, trace }: StatusRecord): ConnectorState {
  const seen = { state, worker_id: workerId, version }
  return trace === null || trace === '' ? seen : { ...seen, trace }
}
