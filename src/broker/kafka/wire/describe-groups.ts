/**
 * DescribeGroups, version 2, of one group; asked of its coordinator.
 *
 *   request  := [group]
 *   response := throttle | [error | group | state | protocol type | protocol
 *               | [member | client id | host | metadata bytes | assignment bytes]]
 */
import type { GroupMember } from '../../broker.ts'
import { mustSucceed } from './error-code.ts'
import type { Request } from './request.ts'

export function describeGroupRequest(group: string): Request<readonly GroupMember[]> {
  return {
    ...{ name: 'DescribeGroups', apiKey: 15, version: 2 },
    write: (out) => out.array([group], (name) => out.string(name)),
    read: (body) => {
      body.int32()
      const groups = body.array(() => {
        mustSucceed(body.int16(), `The group ${group} cannot be described`)
        for (let field = 0; field < 4; field++) body.string()
        return body.array(() => {
          body.string()
          const member = { clientId: body.string(), host: body.string() }
          body.bytes()
          body.bytes()
          return member
        })
      })
      return groups.flat()
    },
  }
}
