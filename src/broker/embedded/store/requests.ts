/** What each call means. Writes run inside the transaction of their turn and refuse before they change anything. */
import type { Transferable } from 'node:worker_threads'
import type { GroupOffset } from '../../broker.ts'
import { CommitFailedError, GroupBusyError, UnknownTopicError } from '../../errors.ts'
import { largestPooled } from '../../batching/buffer-pool.ts'
import type { Call, FetchReply, OperationName, Operations, StoreMessage } from '../protocol.ts'
import type { Catalogue, Partition, Topic } from './catalogue.ts'
import type { Fetches } from './fetches.ts'
import type { GroupOffsets } from './group-offsets.ts'
import type { Groups } from './groups.ts'
import type { BatchLog } from './log.ts'
import type { Writers } from './writers.ts'

export interface Store {
  readonly clusterId: string
  readonly catalogue: Catalogue
  readonly log: BatchLog
  readonly offsets: GroupOffsets
  readonly groups: Groups
  readonly fetches: Fetches
  readonly writers: Writers
}

/** Who has called. */
export interface Client {
  readonly name: string
  /** Its fetch sessions. */
  readonly sessions: Set<string>
  send(message: StoreMessage, transfer: readonly Transferable[]): void
}

const writes: ReadonlySet<OperationName> = new Set<OperationName>([
  ...(['create', 'delete', 'open', 'openWriter', 'closeWriter', 'append'] as const),
  ...(['alterGroupOffsets', 'deleteGroup', 'commitOffsets'] as const),
])

export function isWrite(call: Call): boolean {
  return writes.has(call.op)
}

type ValueOf<K extends OperationName> = Operations[K]['reply']

/** Carries a write out; partitions that have grown are added to `grown`. */
export function writeFor(store: Store, client: Client, call: Call, grown: Set<Partition>): unknown {
  const { catalogue, log, offsets, writers } = store
  switch (call.op) {
    case 'create':
      return catalogue.create(call.request.topic) !== null
    case 'delete':
      catalogue.delete(call.request.topic)
      return null
    case 'open':
      return handleOf(catalogue.open(call.request.topic, call.request.create, call.request.as))
    case 'openWriter':
      writers.open(idOf(client, call.request.writer), client, call.request.task)
      return null
    case 'closeWriter':
      writers.close(idOf(client, call.request.writer))
      return null
    case 'append': {
      const { batches, writer } = call.request
      if (writer !== null) writers.check(idOf(client, writer))
      for (const partition of log.append(batches, Date.now())) grown.add(partition)
      const memory = batches.map((each) => each.memory).filter((each) => each.byteLength <= largestPooled)
      return { memory } satisfies ValueOf<'append'>
    }
    case 'alterGroupOffsets':
      return alterGroupOffsets(store, call.request)
    case 'deleteGroup':
      refuseBusy(store, call.request.group)
      offsets.removeAll(call.request.group)
      return null
    case 'commitOffsets':
      return commitOffsets(store, idOf(client, call.request.member), call.request.offsets)
    default:
      throw new Error(`${call.op} is no write`)
  }
}

function handleOf({ name, partitions, policy }: Topic): ValueOf<'open'> {
  return {
    topic: name,
    partitions: partitions.map(({ id }) => id),
    compacted: policy.compact,
    expires: policy.delete,
    maxMessageBytes: policy.maxMessageBytes,
    compression: policy.compression,
  }
}

function refuseBusy({ groups }: Store, group: string): void {
  if (groups.hasMembers(group))
    throw new GroupBusyError(
      `The consumer group ${group} has members; stop them before its offsets are changed.`,
    )
}

function alterGroupOffsets(
  store: Store,
  { group, offsets }: Operations['alterGroupOffsets']['request'],
): null {
  refuseBusy(store, group)
  for (const { topic, partition, offset } of offsets)
    if (offset !== null && store.catalogue.get(topic).partitions[partition] === undefined)
      throw new UnknownTopicError(`There is no partition ${partition} of the topic ${topic}.`)
  for (const { topic, partition, offset } of offsets)
    if (offset === null) store.offsets.remove(group, topic, partition)
    else store.offsets.put(group, topic, partition, offset)
  return null
}

/** Clients number their members, writers and sessions themselves. */
function idOf(client: Client, number: number): string {
  return `${client.name}/${number}`
}

function commitOffsets(store: Store, id: string, offsets: readonly GroupOffset[]): null {
  const group = store.groups.groupOf(id)
  if (group === null)
    throw new CommitFailedError(
      'The offsets were not committed: this consumer is no longer a member of its group.',
    )
  for (const { topic, partition } of offsets)
    if (!store.groups.owns(id, topic, partition))
      throw new CommitFailedError(
        `The offsets were not committed: ${topic}-${partition} belongs to another member of the group ${group}.`,
      )
  for (const { topic, partition, offset } of offsets) store.offsets.put(group, topic, partition, offset)
  return null
}

/** A write was not carried out, for whatever reason. */
export function writeFailed({ writers }: Store, client: Client, call: Call): void {
  if (call.op === 'append' && call.request.writer !== null) writers.failed(idOf(client, call.request.writer))
}

/** Answers everything that changes nothing in the database. */
export function readFor(store: Store, client: Client, call: Call): void {
  const { catalogue, groups, fetches } = store
  const reply = (value: unknown) => client.send({ id: call.id, value }, [])
  switch (call.op) {
    case 'hello':
      return reply({ clusterId: store.clusterId } satisfies ValueOf<'hello'>)
    case 'topics':
      return reply([...catalogue.all()].map(({ name }) => name).sort())
    case 'describe': {
      const found = catalogue.find(call.request.topic)
      return reply(found && { topic: found.name, partitions: found.partitions.length, config: found.config })
    }
    case 'bounds':
      return reply(catalogue.get(call.request.topic).partitions.map(({ first, next }) => ({ first, next })))
    case 'groupOffsets':
      return reply(store.offsets.all(call.request.group))
    case 'groupMembers':
      return reply(groups.members(call.request.group))
    case 'fetch': {
      const session = idOf(client, call.request.session)
      client.sessions.add(session)
      return fetches.open({
        ...{ session, positions: call.request.positions, maxBytes: call.request.maxBytes },
        answer: (found) => client.send({ id: call.id, value: found }, memoryOf(found)),
      })
    }
    case 'endSession': {
      const session = idOf(client, call.request.session)
      client.sessions.delete(session)
      fetches.end(session)
      return reply(null)
    }
    case 'join': {
      const { member, ...joining } = call.request
      reply(null)
      return groups.join({
        ...joining,
        id: idOf(client, member),
        client,
        notify: (notice) => client.send({ ...notice, member }, []),
      })
    }
    case 'leave':
      groups.leave(idOf(client, call.request.member))
      return reply(null)
    case 'revoked':
      groups.revoked(idOf(client, call.request.member))
      return reply(null)
    default:
      throw new Error(`${call.op} is no read`)
  }
}

/** Large chunks change hands, small ones are cheaper to copy. */
function memoryOf({ chunks }: FetchReply): ArrayBuffer[] {
  return chunks
    .filter(({ bytes }) => bytes.length >= 16_384 && bytes.length === bytes.buffer.byteLength)
    .map(({ bytes }) => bytes.buffer as ArrayBuffer)
}
