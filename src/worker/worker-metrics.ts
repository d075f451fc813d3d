/** The worker's own gauges in Prometheus' text form: connectors and tasks by state. */
import type { StatusStore } from './status-store.ts'

const states = ['UNASSIGNED', 'RUNNING', 'PAUSED', 'STOPPED', 'RESTARTING', 'FAILED'] as const

export function workerMetrics(names: readonly string[], statuses: StatusStore): string {
  const connectors = names.map((name) => statuses.connector(name)?.state ?? 'UNASSIGNED')
  const tasks = names.flatMap((name) => statuses.tasks(name).map(([, { state }]) => state))
  return [
    ...gauge('rowtap_worker_connectors', 'Connectors of this worker by state.', connectors),
    ...gauge('rowtap_worker_tasks', 'Tasks of this worker by state.', tasks),
    ...byConnector(names, statuses),
    '',
  ].join('\n')
}

function gauge(name: string, help: string, found: readonly string[]): string[] {
  const samples = states.map(
    (state) => `${name}{state="${state.toLowerCase()}"} ${found.filter((each) => each === state).length}`,
  )
  return [`# HELP ${name} ${help}`, `# TYPE ${name} gauge`, ...samples]
}

/** What an alert wants to name: which connector, how many of its tasks, in which state. */
function byConnector(names: readonly string[], statuses: StatusStore): string[] {
  const name = 'rowtap_worker_connector_tasks'
  const samples = names.flatMap((connector) => {
    const found = statuses.tasks(connector).map(([, { state }]) => state)
    return [...new Set(found)].map((state) => {
      const count = found.filter((each) => each === state).length
      return `${name}{connector="${escaped(connector)}",state="${state.toLowerCase()}"} ${count}`
    })
  })
  return [`# HELP ${name} Tasks of each connector by state.`, `# TYPE ${name} gauge`, ...samples]
}

function escaped(label: string): string {
  return label.replace(/[\\"\n]/g, (character) => (character === '\n' ? '\\n' : `\\${character}`))
}
