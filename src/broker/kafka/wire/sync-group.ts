/**
 * SyncGroup, version 3: the leader says who gets what, and each member hears what it gets. The broker holds the answers
 * back until the leader has spoken.
 *
 *   request  := membership | [member, assignment bytes] (of the leader only)
 *   response := throttle | error int16 | assignment bytes
 */
import { type GroupMembership, writeMembership } from './group-membership.ts'
import type { Request } from './request.ts'

export interface MemberAssignment {
  readonly member: string
  readonly assignment: Uint8Array
}

export interface SyncedGroup {
  readonly error: number
  readonly assignment: Buffer
}

export function syncGroupRequest(
  membership: GroupMembership,
  assignments: readonly MemberAssignment[],
  heldMs: number,
): Request<SyncedGroup> {
  return {
    ...{ name: 'SyncGroup', apiKey: 14, version: 3, heldMs },
    write: (out) => {
      writeMembership(out, membership)
      out.array(assignments, ({ member, assignment }) => out.string(member).bytes(assignment))
    },
    read: (body) => {
      body.int32()
      return { error: body.int16(), assignment: body.bytes() ?? Buffer.alloc(0) }
    },
  }
}
