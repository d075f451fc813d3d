/**
 * `/connectors/{c}/replay`, rowtap's own: reads a part of the connector's log once more.
 *   POST    {"from", "to"?, "tables"?, "topic_suffix"?, "dry_run"?}: 202 with the plan, of a dry run 200; 409: one runs
 *   GET     state, plan and progress of the one that runs, or ran last
 *   DELETE  stops it; answers like GET
 */
import { type Herder, HerderError, type ReplayOrder } from '#worker'
import { type Json, membersOf, onlyKnown, textOf } from '../body.ts'
import { ok, type Resource } from '../resource.ts'

export function replayResources({ replays }: Herder): Resource[] {
  return [
    {
      path: '/connectors/:connector/replay',
      methods: {
        GET: ({ param }) => ok(replays.status(param('connector'))),
        POST: async ({ param, body }) => {
          const order = readOrder(body())
          const json = await replays.start(param('connector'), order)
          return { status: order.dryRun ? 200 : 202, json }
        },
        DELETE: async ({ param }) => ok(await replays.stop(param('connector'))),
      },
    },
  ]
}

const known = ['from', 'to', 'tables', 'topic_suffix', 'dry_run']

function readOrder(json: Json): ReplayOrder {
  const members = membersOf(json, 'The request body')
  onlyKnown(members, known, 'the request')
  const text = (key: string) => textOf(members[key], `The field '${key}'`)
  const from = text('from')
  if (from === null)
    throw new HerderError(
      400,
      "The field 'from' is missing: a position (mysql-bin.000003:154), a set of GTIDs or a time (2026-01-02T03:04:05Z).",
    )
  const topicSuffix = text('topic_suffix') ?? ''
  if (!/^[a-zA-Z0-9._-]{0,100}$/.test(topicSuffix))
    throw new HerderError(
      400,
      "The field 'topic_suffix' may have letters, digits, dots, underscores and dashes, at most 100 of them.",
    )
  const dryRun = members['dry_run'] ?? false
  if (typeof dryRun !== 'boolean') throw new HerderError(400, "The field 'dry_run' must be true or false.")
  return { from, to: text('to'), tables: tablesOf(members['tables'] ?? []), topicSuffix, dryRun }
}

/** A list, or text with commas as in table.include.list. */
function tablesOf(json: Json): readonly string[] {
  const given = typeof json === 'string' ? json.split(/(?<!\\),/).map((each) => each.trim()) : json
  if (!Array.isArray(given) || given.some((each) => typeof each !== 'string' || each === ''))
    throw new HerderError(400, "The field 'tables' must be an array of regular expressions.")
  return given as readonly string[]
}
