/** The topic that source offsets are stored in: made as Connect makes it, and refused where it would lose some. */
import { ConnectError } from '#errors'
import type { Admin, NewTopic } from '../../broker.ts'

/** As Connect makes it. */
export function offsetsTopicAs(topic: string): NewTopic {
  return { topic, partitions: 25, replicationFactor: -1, config: { 'cleanup.policy': 'compact' } }
}

export async function prepareOffsetsTopic(
  admin: Pick<Admin, 'describe' | 'create'>,
  topic: string,
): Promise<void> {
  const there = await admin.describe(topic) // first: who may use a topic need not be allowed to make one
  if (there === null && (await admin.create(offsetsTopicAs(topic)))) return
  const policy = (there ?? (await admin.describe(topic)))?.config['cleanup.policy'] ?? 'delete'
  if (policy !== 'compact')
    throw new ConnectError(
      `The topic ${topic} has cleanup.policy=${policy}, so it would lose source offsets.`,
      { remedy: 'Set its cleanup.policy to compact, or name another topic in offset.storage.topic.' },
    )
}
