/** Errors on their way through a MessagePort: structured cloning would forget their class. */
import { ConfigError, ConnectError, messageOf } from '#errors'
import {
  CommitFailedError,
  GroupBusyError,
  InvalidRequestError,
  RecordRefusedError,
  UnknownTopicError,
} from '../errors.ts'
import type { Failure } from './protocol.ts'

const kinds = [
  CommitFailedError,
  GroupBusyError,
  InvalidRequestError,
  RecordRefusedError,
  UnknownTopicError,
] as const

/** true for what the caller did wrong; anything else is a fault of the store itself. */
export function isRefusal(thrown: unknown): boolean {
  return kinds.some((kind) => thrown instanceof kind)
}

export function failureOf(thrown: unknown): Failure {
  return { name: thrown instanceof Error ? thrown.name : 'Error', message: messageOf(thrown) }
}

export function errorOf(failure: Failure): ConnectError {
  const kind = [...kinds, ConfigError].find((each) => each.name === failure.name)
  return kind === undefined ? new ConnectError(failure.message) : new kind(failure.message)
}
