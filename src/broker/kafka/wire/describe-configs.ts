/**
 * DescribeConfigs, version 2, of one topic.
 *
 *   request  := [kind int8 (2: topic) | name | [property] (null: all)] | with synonyms
 *   response := throttle | [error | message | kind | name
 *               | [property | value | read only | source int8 | sensitive | [synonym | value | source]]]
 */
import { mustSucceed } from './error-code.ts'
import type { Request } from './request.ts'

export interface ConfigEntry {
  readonly name: string
  readonly value: string | null
  /** Set nowhere: Kafka's own default. */
  readonly byDefault: boolean
}

const topicKind = 2
const defaultSource = 5

export function describeConfigsRequest(topic: string): Request<readonly ConfigEntry[]> {
  return {
    ...{ name: 'DescribeConfigs', apiKey: 32, version: 2 },
    write: (out) => {
      out.array([topic], () =>
        out
          .int8(topicKind)
          .string(topic)
          .array(null, () => {}),
      )
      out.boolean(false)
    },
    read: (body) => {
      body.int32()
      const resources = body.array(() => {
        const [error, message] = [body.int16(), body.nullableString()]
        mustSucceed(error, `The configuration of the topic ${topic} cannot be read`, message)
        body.int8()
        body.string()
        return body.array(() => {
          const [name, value] = [body.string(), body.nullableString()]
          body.boolean()
          const source = body.int8()
          body.boolean()
          body.array(() => [body.string(), body.nullableString(), body.int8()])
          return { name, value, byDefault: source === defaultSource }
        })
      })
      return resources.flat()
    },
  }
}
