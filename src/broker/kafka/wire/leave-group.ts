/**
 * LeaveGroup, version 3: a member goes, and the group rebalances without waiting for its session to end.
 *
 *   request  := group | [member, instance]
 *   response := throttle | error int16 | [member, instance, error]
 */
import type { Request } from './request.ts'

/** Answered with an error code, 0 if all is well. */
export function leaveGroupRequest(group: string, member: string): Request<number> {
  return {
    ...{ name: 'LeaveGroup', apiKey: 13, version: 3 },
    write: (out) => void out.string(group).array([member], (each) => out.string(each).string(null)),
    read: (body) => {
      body.int32()
      const error = body.int16()
      const members = body.array(() => {
        body.string()
        body.nullableString()
        return body.int16()
      })
      return error === 0 ? (members[0] ?? 0) : error
    },
  }
}
