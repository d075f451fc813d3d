/**
 * FindCoordinator, version 2.
 *
 *   request  := key | kind int8 (0 group, 1 transaction)
 *   response := throttle | error | message | node id | host | port
 */
import { mustSucceed } from './error-code.ts'
import type { NodeMetadata } from './metadata.ts'
import type { Request } from './request.ts'

export type CoordinatorKind = 'group' | 'transaction'

export function findCoordinatorRequest(kind: CoordinatorKind, key: string): Request<NodeMetadata> {
  return {
    ...{ name: 'FindCoordinator', apiKey: 10, version: 2 },
    write: (out) => out.string(key).int8(kind === 'group' ? 0 : 1),
    read: (body) => {
      body.int32()
      const [error, message] = [body.int16(), body.nullableString()]
      mustSucceed(error, `The coordinator of the ${kind} ${key} was not found`, message)
      return { id: body.int32(), host: body.string(), port: body.int32() }
    },
  }
}
