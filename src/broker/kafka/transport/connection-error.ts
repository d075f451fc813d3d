/** What goes wrong on the way to a broker, in words that say what to look at. */
import { ConnectError, messageOf } from '#errors'

/** The broker is not there, has gone, or does not answer: trying again, or elsewhere, may help. */
export class KafkaUnreachableError extends ConnectError {
  override readonly javaClass = 'org.apache.kafka.common.errors.DisconnectException'
  override readonly retriable = true
  override readonly name = 'KafkaUnreachableError'
}

/** The broker, or its certificate, was refused; or the broker has refused us. */
export class KafkaAuthenticationError extends ConnectError {
  override readonly javaClass: string
  override readonly name = 'KafkaAuthenticationError'

  constructor(
    javaClass: string,
    message: string,
    details: { readonly remedy: string; readonly cause: unknown },
  ) {
    super(message, details)
    this.javaClass = `org.apache.kafka.common.errors.${javaClass}`
  }
}

/**
 * Of an error of kafkajs or of ours: what it means for a request to the broker at `address`. `hasAnswered`: it has
 * spoken Kafka's protocol with us before; else it may be that it speaks another.
 */
export function connectionError(address: string, thrown: unknown, hasAnswered: boolean): Error {
  if (thrown instanceof ConnectError) return thrown
  const name = thrown instanceof Error ? thrown.name : ''
  const code = codeOf(thrown)
  if (
    /SASL/.test(name) ||
    /^(ILLEGAL_SASL_STATE|UNSUPPORTED_SASL_MECHANISM|SASL_AUTHENTICATION_FAILED)$/.test(code)
  )
    return new KafkaAuthenticationError(
      'SaslAuthenticationException',
      `The Kafka broker at ${address} has refused the login: ${told(thrown)}.`,
      { remedy: 'Check security.protocol, sasl.mechanism and sasl.jaas.config.', cause: thrown },
    )
  if (/^ERR_(TLS|SSL|OSSL)|CERT|SELF_SIGNED|UNABLE_TO_|^EPROTO$/.test(code))
    return new KafkaAuthenticationError(
      'SslAuthenticationException',
      `No TLS connection to the Kafka broker at ${address}: ${told(thrown)}.`,
      { remedy: tlsRemedy(code), cause: thrown },
    )
  const what = `The Kafka broker at ${address} does not answer: ${told(thrown)}.`
  const closed = name === 'KafkaJSConnectionClosedError' || code === 'ECONNRESET'
  return closed && !hasAnswered
    ? new KafkaUnreachableError(what, {
        remedy: 'It may speak another security.protocol than the one that is set.',
        cause: thrown,
      })
    : new KafkaUnreachableError(what, { cause: thrown })
}

function tlsRemedy(code: string): string {
  return code === 'ERR_TLS_CERT_ALTNAME_INVALID'
    ? 'Name the broker as its certificate does, or leave ssl.endpoint.identification.algorithm empty.'
    : 'Check security.protocol, ssl.truststore.* and ssl.keystore.*.'
}

/** Of OpenSSL's line of file names and numbers, only what happened. */
function told(thrown: unknown): string {
  const message = messageOf(thrown).trim()
  return /SSL routines:[^:]*:([^:]+):/.exec(message)?.[1] ?? message.replace(/\.$/, '')
}

function codeOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return ''
  if ('type' in thrown && typeof thrown.type === 'string') return thrown.type
  return 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : ''
}
