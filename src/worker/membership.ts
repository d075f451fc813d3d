/**
 * Who runs a group's connectors. Workers of one group share its topics, so two that do not know of each other would run
 * every connector twice. This worker runs a group alone: it begins only where nobody else is in the group.
 */
import type { Admin, GroupMember } from '#broker'
import { ConnectError } from '#errors'

/** The right to run a group's connectors, given back by disposing of it. */
export type Membership = AsyncDisposable

/** Refuses by name where others are in the group: workers of Kafka Connect or of rowtap. */
export async function joinAlone(admin: Admin, group: string): Promise<Membership> {
  const members = await admin.groupMembers(group)
  if (members.length > 0)
    throw new ConnectError(`The group '${group}' (group.id) is at work: ${members.map(nameOf).join(', ')}.`, {
      remedy:
        'Stop those workers first and start this one again (a worker that was killed is a member until its session.timeout.ms is over), or give this worker a group.id and storage topics of its own.',
    })
  return { async [Symbol.asyncDispose]() {} }
}

function nameOf({ clientId, host }: GroupMember): string {
  return `${clientId} at ${host.replace(/^\//, '')}`
}
