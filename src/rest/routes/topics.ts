/**
 * rowtap's own resources, beside Connect's: the topics of the worker's broker, for `rowtap topics` and the demo.
 *   GET /topics                      names
 *   GET /topics/{topic}              partitions with their bounds, configuration
 *   GET /topics/{topic}/records      records, a JSON object a line: ?from=earliest|latest &follow=true|false &limit=N
 */
import { HerderError, type RecordsOptions, type TopicView } from '#worker'
import { ok, type Resource } from '../resource.ts'

export function topicResources(view: TopicView): Resource[] {
  return [
    { path: '/topics', methods: { GET: async () => ok((await view.topics()).toSorted()) } },
    { path: '/topics/:topic', methods: { GET: async ({ param }) => ok(await view.topic(param('topic'))) } },
    {
      path: '/topics/:topic/records',
      methods: {
        GET: async ({ param, query, signal }) => {
          const topic = param('topic')
          const options = recordsOptions(query)
          await view.topic(topic)
          const lines = view.records(topic, options, signal)
          return { status: 200, stream: { type: 'application/x-ndjson', lines } }
        },
      },
    },
  ]
}

function recordsOptions(query: string): RecordsOptions {
  const given = new URLSearchParams(query)
  for (const name of given.keys())
    if (!['from', 'follow', 'limit'].includes(name))
      throw new HerderError(400, `Unknown parameter ${name}: from, follow and limit are known.`)
  const from = given.get('from') ?? 'earliest'
  if (from !== 'earliest' && from !== 'latest')
    throw new HerderError(400, `from must be earliest or latest, not ${from}.`)
  const follow = given.get('follow') ?? 'true'
  if (follow !== 'true' && follow !== 'false')
    throw new HerderError(400, `follow must be true or false, not ${follow}.`)
  const limit = given.get('limit') ?? ''
  if (!/^\d*$/.test(limit)) throw new HerderError(400, `limit must be a whole number, not ${limit}.`)
  return { from, follow: follow === 'true', limit: limit === '' ? Number.POSITIVE_INFINITY : Number(limit) }
}
