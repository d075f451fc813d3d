/** The security properties of Kafka's clients, the same for all of them: see `known-properties.ts`. */
import {
  everyClient,
  honoured,
  mapped,
  type PropertyGroup,
  refused,
  withoutEffect,
} from './property-group.ts'

export const securityProperties: readonly PropertyGroup[] = [
  honoured(everyClient, 'security.protocol', 'PLAINTEXT, SSL, SASL_PLAINTEXT, SASL_SSL. Default PLAINTEXT.'),
  honoured(
    everyClient,
    `
    ssl.truststore.type ssl.truststore.location ssl.truststore.password ssl.truststore.certificates
    `,
    'PEM, PKCS12, JKS. Without one, the authorities are those of Node.js (`--use-system-ca`: those of the system).',
  ),
  honoured(
    everyClient,
    `
    ssl.keystore.type ssl.keystore.location ssl.keystore.password ssl.key.password
    ssl.keystore.certificate.chain ssl.keystore.key
    `,
    'PEM, PKCS12, JKS. PKCS12 encrypted with RC2 or triple DES must be converted.',
  ),
  honoured(
    everyClient,
    'ssl.endpoint.identification.algorithm',
    'https, or empty: any name in the certificate will do. Default https.',
  ),
  mapped(everyClient, 'ssl.enabled.protocols', 'TLSv1.2, TLSv1.3; older ones are refused. Default both.'),
  withoutEffect(everyClient, 'ssl.protocol', 'ssl.enabled.protocols decides.'),
  mapped(
    everyClient,
    'ssl.cipher.suites',
    "Java's names are put into OpenSSL's; a suite that OpenSSL has not is refused.",
  ),
  withoutEffect(
    everyClient,
    'ssl.keymanager.algorithm ssl.trustmanager.algorithm ssl.secure.random.implementation',
    'They choose between implementations of Java.',
  ),
  refused(everyClient, 'ssl.engine.factory.class ssl.provider security.providers', 'They name Java code.'),
  mapped(
    everyClient,
    'sasl.mechanism',
    "PLAIN, SCRAM-SHA-256, SCRAM-SHA-512. GSSAPI (Java's default) and OAUTHBEARER are refused.",
  ),
  honoured(everyClient, 'sasl.jaas.config', 'One line, with username and password.'),
  refused(
    everyClient,
    'sasl.client.callback.handler.class sasl.login.callback.handler.class sasl.login.class',
    'They name Java code.',
  ),
  withoutEffect(
    everyClient,
    `
    sasl.kerberos.kinit.cmd sasl.kerberos.min.time.before.relogin sasl.kerberos.service.name
    sasl.kerberos.ticket.renew.jitter sasl.kerberos.ticket.renew.window.factor
    `,
    'They belong to GSSAPI.',
  ),
  withoutEffect(
    everyClient,
    `
    sasl.login.connect.timeout.ms sasl.login.read.timeout.ms sasl.login.refresh.buffer.seconds
    sasl.login.refresh.min.period.seconds sasl.login.refresh.window.factor
    sasl.login.refresh.window.jitter sasl.login.retry.backoff.max.ms sasl.login.retry.backoff.ms
    sasl.oauthbearer.assertion.algorithm sasl.oauthbearer.assertion.claim.aud
    sasl.oauthbearer.assertion.claim.exp.seconds sasl.oauthbearer.assertion.claim.iss
    sasl.oauthbearer.assertion.claim.jti.include sasl.oauthbearer.assertion.claim.nbf.seconds
    sasl.oauthbearer.assertion.claim.sub sasl.oauthbearer.assertion.file
    sasl.oauthbearer.assertion.private.key.file sasl.oauthbearer.assertion.private.key.passphrase
    sasl.oauthbearer.assertion.template.file sasl.oauthbearer.client.credentials.client.id
    sasl.oauthbearer.client.credentials.client.secret sasl.oauthbearer.clock.skew.seconds
    sasl.oauthbearer.expected.audience sasl.oauthbearer.expected.issuer
    sasl.oauthbearer.header.urlencode sasl.oauthbearer.jwks.endpoint.refresh.ms
    sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms
    sasl.oauthbearer.jwks.endpoint.retry.backoff.ms sasl.oauthbearer.jwks.endpoint.url
    sasl.oauthbearer.jwt.retriever.class sasl.oauthbearer.jwt.validator.class
    sasl.oauthbearer.scope sasl.oauthbearer.scope.claim.name sasl.oauthbearer.sub.claim.name
    sasl.oauthbearer.token.endpoint.url
    `,
    'They belong to OAUTHBEARER.',
  ),
]
