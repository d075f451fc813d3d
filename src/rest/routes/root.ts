/** `GET /`, `/health` and `/metrics`: the worker itself. */
import type { Herder } from '#worker'
import { ok, type Resource } from '../resource.ts'

const healthStatus = { healthy: 200, starting: 503, unhealthy: 500 } as const

export function rootResources(herder: Herder): Resource[] {
  return [
    { path: '/', methods: { GET: () => ok(herder.info()) } },
    {
      path: '/health',
      methods: {
        GET: async () => {
          const health = await herder.health()
          return { status: healthStatus[health.status], json: health }
        },
      },
    },
    {
      path: '/metrics',
      produces: 'text',
      methods: {
        GET: async () => ({
          status: 200,
          text: { type: 'text/plain; version=0.0.4; charset=utf-8', body: await herder.metrics() },
        }),
      },
    },
  ]
}
