/** How a member of a group names itself in every request after it has joined. */
import type { RequestWriter } from './request-writer.ts'

export interface GroupMembership {
  readonly group: string
  readonly generation: number
  readonly member: string
  /** Of a static member; null otherwise. */
  readonly instance: string | null
}

/** group | generation int32 | member | instance */
export function writeMembership(
  out: RequestWriter,
  { group, generation, member, instance }: GroupMembership,
): RequestWriter {
  return out.string(group).int32(generation).string(member).string(instance)
}
