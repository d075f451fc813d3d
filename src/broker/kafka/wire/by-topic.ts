/** Requests name partitions below their topic; we hold them one by one. */
import type { TopicPartition } from '../../broker.ts'
import type { RequestWriter } from './request-writer.ts'
import type { ResponseReader } from './response-reader.ts'

/** Writes `[topic | [partition]]`, in the order in which the topics first come. */
export function writeByTopic<T extends TopicPartition>(
  out: RequestWriter,
  items: readonly T[],
  write: (item: T) => void,
): void {
  const topics = [...Map.groupBy(items, ({ topic }) => topic)]
  out.array(topics, ([topic, partitions]) => out.string(topic).array(partitions, write))
}

/** Reads `[topic | [partition]]`, flat. */
export function readByTopic<T>(body: ResponseReader, read: (topic: string) => T): T[] {
  return body
    .array(() => {
      const topic = body.string()
      return body.array(() => read(topic))
    })
    .flat()
}
