/**
 * What clients and the store thread say to each other over a MessagePort: calls with an id and one reply each, and
 * notices that the store sends by itself. Offsets are plain numbers here: the store counts up to 2^53.
 */
import type { Compression } from '../record/compression.ts'
import type { GroupMember, GroupOffset, NewTopic, TopicDescription } from '../broker.ts'

/** What a client must know of a topic to write to it or to read from it. */
export interface TopicHandle {
  readonly topic: string
  /** Store-wide ids of its partitions, in order. Never used again, so a topic that was made anew is another one. */
  readonly partitions: readonly number[]
  readonly compacted: boolean
  /** Old records go by age or size. */
  readonly expires: boolean
  readonly maxMessageBytes: number
  readonly compression: 'producer' | Compression
}

export interface StoredBatch {
  readonly partition: number
  /** Transferred to the store; comes back with the reply so that it can be filled again. */
  readonly memory: ArrayBuffer
  readonly length: number
  readonly count: number
  readonly maxTimestamp: number
}

export interface FetchPosition {
  readonly partition: number
  readonly offset: number
}

export interface FetchedChunk {
  readonly partition: number
  /** The offset that was asked for. */
  readonly from: number
  /** Whole batches; empty where compaction has left nothing between `from` and `next`. */
  readonly bytes: Uint8Array
  readonly next: number
}

export interface OutOfRange {
  readonly partition: number
  readonly from: number
  readonly first: number
  readonly next: number
}

export interface FetchReply {
  readonly chunks: readonly FetchedChunk[]
  readonly outOfRange: readonly OutOfRange[]
  /** Partitions whose topic is no longer there. */
  readonly gone: readonly number[]
}

export interface AssignedPartition {
  readonly id: number
  readonly topic: string
  readonly partition: number
  readonly committed: number | null
  readonly first: number
  readonly next: number
}

export interface Operations {
  hello: { request: null; reply: { readonly clusterId: string } }
  topics: { request: null; reply: readonly string[] }
  describe: { request: { topic: string }; reply: TopicDescription | null }
  create: { request: { topic: NewTopic }; reply: boolean }
  delete: { request: { topic: string }; reply: null }
  /** Looks a topic up, and makes it where `create` allows: as `as` says, or with the broker's defaults. */
  open: { request: { topic: string; create: boolean; as: NewTopic | null }; reply: TopicHandle }
  bounds: { request: { topic: string }; reply: readonly { readonly first: number; readonly next: number }[] }
  /** Registers a source writer; those of the same task before it are shut out. */
  openWriter: { request: { writer: number; task: string }; reply: null }
  closeWriter: { request: { writer: number }; reply: null }
  append: {
    request: {
      batches: readonly StoredBatch[]
      /** null: not a source writer's; stands for itself. */
      writer: number | null
    }
    reply: { readonly memory: readonly ArrayBuffer[] }
  }
  /** Waits until there is something to say. A later fetch of the same session takes its place. */
  fetch: {
    request: { session: number; positions: readonly FetchPosition[]; maxBytes: number }
    reply: FetchReply
  }
  endSession: { request: { session: number }; reply: null }
  groupOffsets: { request: { group: string }; reply: readonly GroupOffset[] }
  alterGroupOffsets: {
    request: {
      group: string
      offsets: readonly { topic: string; partition: number; offset: bigint | null }[]
    }
    reply: null
  }
  deleteGroup: { request: { group: string }; reply: null }
  groupMembers: { request: { group: string }; reply: readonly GroupMember[] }
  join: {
    request: {
      member: number
      clientId: string
      group: string
      topics: readonly string[] | RegExp
      revokeWithinMs: number
    }
    reply: null
  }
  leave: { request: { member: number }; reply: null }
  /** The member has let go of the partitions that it was asked to revoke. */
  revoked: { request: { member: number }; reply: null }
  commitOffsets: { request: { member: number; offsets: readonly GroupOffset[] }; reply: null }
}

export type OperationName = keyof Operations

export type Call = {
  [K in OperationName]: { readonly id: number; readonly op: K; readonly request: Operations[K]['request'] }
}[OperationName]

/** To a member of a group. `lost` follows a revocation that took too long, or a topic that was deleted. */
export interface GroupNotice {
  readonly notice: 'assign' | 'revoke' | 'lost'
  readonly member: number
  readonly partitions: readonly AssignedPartition[]
  /** With `lost`: the member is no longer in the group. */
  readonly evicted: boolean
}

export interface Reply {
  readonly id: number
  readonly value?: unknown
  readonly failure?: Failure
}

/** The store has failed as a whole; sent to every client before it ends. */
export interface LastWords {
  readonly fatal: string
}

export interface Failure {
  readonly name: string
  readonly message: string
}

export type StoreMessage = Reply | GroupNotice | LastWords
