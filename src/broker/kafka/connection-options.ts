/** How to reach a Kafka: plain data, made from client properties, sent to other threads as it is. */

export interface ConnectionOptions {
  /** `host:port` of some brokers; the others are learned from them. */
  readonly bootstrap: readonly string[]
  readonly clientId: string
  readonly tls: TlsOptions | null
  readonly sasl: SaslOptions | null
  /** socket.connection.setup.timeout.ms */
  readonly connectMs: number
  /** request.timeout.ms: how long an answer may take. */
  readonly requestMs: number
  /** How long an operation is tried again in all: default.api.timeout.ms, delivery.timeout.ms. */
  readonly deadlineMs: number
  /** retry.backoff.ms and retry.backoff.max.ms */
  readonly backoffMs: number
  readonly backoffMaxMs: number
}

/** What Node's TLS takes: keys and certificates in PEM. */
export interface TlsOptions {
  readonly ca?: string
  readonly cert?: string
  /** Not encrypted. */
  readonly key?: string
  /** false: ssl.endpoint.identification.algorithm is empty, any name in the certificate will do. */
  readonly checkHostname: boolean
  readonly minVersion?: 'TLSv1.2' | 'TLSv1.3'
  readonly maxVersion?: 'TLSv1.2' | 'TLSv1.3'
  readonly ciphers?: string
}

export interface SaslOptions {
  readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'
  readonly username: string
  readonly password: string
}
