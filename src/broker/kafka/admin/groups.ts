/** Consumer groups from outside: their offsets and members, kept by each group's coordinator. */
import type { Admin, GroupOffset, TopicPartition } from '../../broker.ts'
import { GroupBusyError, UnknownTopicError } from '../../errors.ts'
import type { KafkaCluster } from '../transport/cluster.ts'
import { retrying } from '../transport/retry.ts'
import { deleteGroupsRequest } from '../wire/delete-groups.ts'
import { describeGroupRequest } from '../wire/describe-groups.ts'
import { errorName, mustSucceed } from '../wire/error-code.ts'
import { noMember, offsetCommitRequest } from '../wire/offset-commit.ts'
import { offsetDeleteRequest } from '../wire/offset-delete.ts'
import { offsetFetchRequest } from '../wire/offset-fetch.ts'
import type { Request } from '../wire/request.ts'

type GroupAdmin = Pick<Admin, 'groupOffsets' | 'alterGroupOffsets' | 'deleteGroup' | 'groupMembers'>

export function groupAdmin(cluster: KafkaCluster): GroupAdmin {
  /** Where the coordinator is, is asked anew each time: it may move. */
  const asking = <R, T>(group: string, request: Request<R>, read: (answer: R) => T): Promise<T> =>
    retrying(cluster.options, async () =>
      read(await cluster.send(await cluster.coordinator('group', group), request)),
    )
  return {
    groupOffsets: (group) => asking(group, offsetFetchRequest(group, null), committed(group)),
    alterGroupOffsets: async (group, offsets) => {
      const kept = offsets.flatMap(({ topic, partition, offset }): GroupOffset[] =>
        offset === null ? [] : [{ topic, partition, offset }],
      )
      const dropped = offsets.filter(({ offset }) => offset === null)
      if (kept.length > 0)
        await asking(group, offsetCommitRequest(group, noMember, kept), (results) => {
          for (const result of results) mustBeStored(group, result, result.error)
        })
      if (dropped.length > 0)
        await asking(group, offsetDeleteRequest(group, dropped), ({ error, partitions }) => {
          mustBeForgotten(group, error)
          for (const each of partitions) mustBeForgotten(group, each.error)
        })
    },
    deleteGroup: (group) =>
      asking(group, deleteGroupsRequest([group]), (results) => {
        for (const { error } of results) mustBeForgotten(group, error)
      }),
    groupMembers: (group) => asking(group, describeGroupRequest(group), (members) => members),
  }
}

function committed(group: string) {
  return (offsets: readonly (GroupOffset & { readonly error: number })[]): readonly GroupOffset[] =>
    offsets.flatMap(({ topic, partition, offset, error }) => {
      mustSucceed(error, `The offsets of the group ${group} cannot be read`)
      return offset < 0n ? [] : [{ topic, partition, offset }]
    })
}

/** Told where the group has members; a commit from outside is then one of an unknown member. */
const busy = ['NON_EMPTY_GROUP', 'GROUP_SUBSCRIBED_TO_TOPIC', 'UNKNOWN_MEMBER_ID', 'REBALANCE_IN_PROGRESS']

function mustBeStored(group: string, { topic, partition }: TopicPartition, error: number): void {
  const name = errorName(error)
  if (busy.includes(name)) throw groupBusy(group)
  if (name === 'UNKNOWN_TOPIC_OR_PARTITION')
    throw new UnknownTopicError(`There is no partition ${partition} of topic ${topic}.`)
  mustSucceed(error, `The offsets of the group ${group} cannot be stored`)
}

/** What is not there is forgotten. */
function mustBeForgotten(group: string, error: number): void {
  const name = errorName(error)
  if (busy.includes(name)) throw groupBusy(group)
  if (name !== 'GROUP_ID_NOT_FOUND' && name !== 'UNKNOWN_TOPIC_OR_PARTITION')
    mustSucceed(error, `The group ${group} cannot be deleted`)
}

function groupBusy(group: string): GroupBusyError {
  return new GroupBusyError(`The group ${group} has members: its offsets are theirs.`, {
    remedy: 'Stop its consumers first.',
  })
}
