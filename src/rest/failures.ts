/** How a refusal looks: `{"error_code":…,"message":…}`, always both, always in this order. */
import { ConnectError, messageOf } from '#errors'
import { HerderError } from '#worker'

export interface Failure {
  readonly status: number
  readonly message: string
  /** false for what the framework itself refuses: Connect sends those without a Content-Type. */
  readonly typed: boolean
}

/** A refusal of the framework: `HTTP 404 Not Found` and its like. */
export class FrameworkError extends ConnectError {
  readonly status: number
  readonly typed: boolean
  override readonly name = 'FrameworkError'

  constructor(status: keyof typeof phrases, typed = false) {
    super(`HTTP ${status} ${phrases[status]}`)
    this.status = status
    this.typed = typed
  }
}

const phrases = {
  404: 'Not Found',
  405: 'Method Not Allowed',
  406: 'Not Acceptable',
  413: 'Request Entity Too Large',
  415: 'Unsupported Media Type',
}

export function failureOf(thrown: unknown): Failure {
  if (thrown instanceof FrameworkError)
    return { status: thrown.status, message: thrown.message, typed: thrown.typed }
  if (thrown instanceof HerderError) return { status: thrown.status, message: thrown.message, typed: true }
  const code = (thrown as { code?: unknown } | null)?.code
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return failureOf(new FrameworkError(413))
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return failureOf(new FrameworkError(415))
  return { status: 500, message: messageOf(thrown), typed: true }
}
