/**
 * JoinGroup, version 5: takes part in a rebalance. The broker holds the answer back until all members have come, at most
 * for the rebalance timeout.
 *
 *   request  := group | session timeout int32 | rebalance timeout | member | instance | protocol type
 *               | [name, metadata bytes]
 *   response := throttle | error int16 | generation int32 | protocol name | leader | member
 *               | [member, instance, metadata bytes] (of all, for the leader; of none for the others)
 */
import type { Request } from './request.ts'

export interface JoinGroup {
  readonly group: string
  /** '' at first: the answer is MEMBER_ID_REQUIRED then, and says which one to come back with. */
  readonly member: string
  readonly instance: string | null
  readonly sessionTimeoutMs: number
  readonly rebalanceTimeoutMs: number
  /** What the member can do, the preferred one first, with its subscription as that one wants it. */
  readonly protocols: readonly { readonly name: string; readonly metadata: Uint8Array }[]
}

export interface JoinedGroup {
  readonly error: number
  readonly generation: number
  /** The one that all members can do. */
  readonly protocol: string
  readonly leader: string
  readonly member: string
  readonly members: readonly GroupMember[]
}

export interface GroupMember {
  readonly member: string
  readonly instance: string | null
  readonly metadata: Buffer
}

/** All members of a group must be of this type. */
const protocolType = 'consumer'

export function joinGroupRequest(join: JoinGroup): Request<JoinedGroup> {
  return {
    ...{ name: 'JoinGroup', apiKey: 11, version: 5, heldMs: join.rebalanceTimeoutMs },
    write: (out) => {
      out.string(join.group).int32(join.sessionTimeoutMs).int32(join.rebalanceTimeoutMs)
      out.string(join.member).string(join.instance).string(protocolType)
      out.array(join.protocols, ({ name, metadata }) => out.string(name).bytes(metadata))
    },
    read: (body) => {
      body.int32()
      return {
        error: body.int16(),
        generation: body.int32(),
        protocol: body.string(),
        leader: body.string(),
        member: body.string(),
        members: body.array(() => ({
          member: body.string(),
          instance: body.nullableString(),
          metadata: body.bytes() ?? Buffer.alloc(0),
        })),
      }
    },
  }
}
