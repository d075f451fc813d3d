/**
 * CreateTopics, version 3, or 4 where the broker's defaults are asked for (-1, known from Kafka 2.4 on); sent to the
 * controller. Both are the same bytes.
 *
 *   request  := [topic | partitions int32 | replication int16 | [assignment] | [name | value]] | timeout | validate only
 *   response := throttle | [topic | error | message]
 */
import type { NewTopic } from '../../broker.ts'
import type { Request } from './request.ts'

export interface TopicOutcome {
  readonly topic: string
  readonly error: number
  readonly message: string | null
}

export function createTopicRequest(
  { topic, partitions, replicationFactor, config }: NewTopic,
  timeoutMs: number,
): Request<readonly TopicOutcome[]> {
  return {
    ...{ name: 'CreateTopics', apiKey: 19, version: partitions === -1 || replicationFactor === -1 ? 4 : 3 },
    heldMs: timeoutMs,
    write: (out) => {
      out.array([topic], () => {
        out.string(topic).int32(partitions).int16(replicationFactor).int32(0)
        out.array(Object.entries(config), ([name, value]) => out.string(name).string(value))
      })
      out.int32(timeoutMs).boolean(false)
    },
    read: (body) => {
      body.int32()
      return body.array(() => ({
        topic: body.string(),
        error: body.int16(),
        message: body.nullableString(),
      }))
    },
  }
}
