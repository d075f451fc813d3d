/**
 * DeleteTopics, version 3; sent to the controller.
 *
 *   request  := [topic] | timeout
 *   response := throttle | [topic | error]
 */
import type { Request } from './request.ts'

export interface DeletedTopic {
  readonly topic: string
  readonly error: number
}

export function deleteTopicsRequest(
  topics: readonly string[],
  timeoutMs: number,
): Request<readonly DeletedTopic[]> {
  return {
    ...{ name: 'DeleteTopics', apiKey: 20, version: 3 },
    heldMs: timeoutMs,
    write: (out) => out.array(topics, (topic) => out.string(topic)).int32(timeoutMs),
    read: (body) => {
      body.int32()
      return body.array(() => ({ topic: body.string(), error: body.int16() }))
    },
  }
}
