/**
 * DeleteGroups, version 1; sent to the groups' coordinator.
 *
 *   request  := [group]
 *   response := throttle | [group | error]
 */
import type { Request } from './request.ts'

export interface DeletedGroup {
  readonly group: string
  readonly error: number
}

export function deleteGroupsRequest(groups: readonly string[]): Request<readonly DeletedGroup[]> {
  return {
    ...{ name: 'DeleteGroups', apiKey: 42, version: 1 },
    write: (out) => out.array(groups, (group) => out.string(group)),
    read: (body) => {
      body.int32()
      return body.array(() => ({ group: body.string(), error: body.int16() }))
    },
  }
}
