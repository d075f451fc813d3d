/**
 * Heartbeat, version 3: a member of a group lives; the answer says whether it must join anew.
 *
 *   request  := membership
 *   response := throttle | error int16
 */
import { type GroupMembership, writeMembership } from './group-membership.ts'
import type { Request } from './request.ts'

/** Answered with an error code, 0 if all is well. */
export function heartbeatRequest(membership: GroupMembership): Request<number> {
  return {
    ...{ name: 'Heartbeat', apiKey: 12, version: 3 },
    write: (out) => void writeMembership(out, membership),
    read: (body) => {
      body.int32()
      return body.int16()
    },
  }
}
