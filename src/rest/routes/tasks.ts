/** A connector's tasks. (`POST …/tasks`, which only workers call, is in `internal.ts`.) */
import type { Herder } from '#worker'
import { storedOrder } from '../stored-order.ts'
import { FrameworkError } from '../failures.ts'
import { type Exchange, type Handler, noContent, ok, type Resource } from '../resource.ts'

/** A 32-bit integer, or there is no such resource. */
function taskOf(exchange: Exchange): number {
  const text = exchange.param('task')
  const task = /^[-+]?\d+$/.test(text) ? Number(text) : Number.NaN
  if (!(Math.abs(task) <= 0x7fffffff)) throw new FrameworkError(404, true)
  return task
}

export function taskResources(herder: Herder, postTasks: Handler): Resource[] {
  const nameOf = (exchange: Exchange): string => exchange.param('connector')
  const stored = storedOrder(herder)
  return [
    {
      path: '/connectors/:connector/tasks',
      methods: { GET: (exchange) => ok(herder.tasks(nameOf(exchange)).map(stored.task)), POST: postTasks },
    },
    {
      path: '/connectors/:connector/tasks/:task/status',
      methods: { GET: (exchange) => ok(herder.taskStatus(nameOf(exchange), taskOf(exchange))) },
    },
    {
      path: '/connectors/:connector/tasks/:task/restart',
      methods: {
        POST: async (exchange) => {
          await herder.restartTask(nameOf(exchange), taskOf(exchange))
          return noContent
        },
      },
    },
  ]
}
