/** Lines to a scripted Kafka, and records for them. */
import type { ByteBuffer } from '#bytes'
import type { NewTopic, OutgoingRecord } from '#broker'
import { withoutHeaders } from '../../../../../src/broker/record/headers.ts'
import { type Line, openLine } from '../../../../../src/broker/kafka/produce/line.ts'
import type { ProducerSettings } from '../../../../../src/broker/kafka/properties/producer-settings.ts'
import { type ScriptedKafka, settings } from './scripted-kafka.ts'

export function record(value: string, partition = 0, topic = 't'): OutgoingRecord {
  return {
    ...{ topic, partition, timestamp: 5n, headers: withoutHeaders },
    writeKey: () => false,
    writeValue: (out: ByteBuffer) => {
      out.appendText(value)
      return true
    },
  }
}

export interface Opening {
  readonly settings?: Partial<ProducerSettings>
  readonly newTopic?: (topic: string) => NewTopic | null
}

export function open(
  kafka: ScriptedKafka,
  { settings: more = {}, newTopic = () => null }: Opening = {},
): Promise<Line> {
  const create = async ({ topic, partitions }: NewTopic) => {
    kafka.make(topic, Array<number>(partitions).fill(1))
    return true
  }
  return openLine({ settings: { ...settings, ...more }, newTopic, admin: { create } }, kafka)
}

export async function add(line: Line, one: OutgoingRecord): Promise<void> {
  for (let wait = line.add(one); wait !== null; wait = line.add(one)) await wait
}
