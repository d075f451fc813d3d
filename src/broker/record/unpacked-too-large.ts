/** Compressed bytes that would become more than their reader has room for. */
import { DecodeError } from '#errors'

export class UnpackedTooLargeError extends DecodeError {
  constructor() {
    super('It would unpack to more than its bound.')
  }
}
