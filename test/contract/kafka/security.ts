/** Client properties for the listeners of the secure Kafka. */
import { secureKafka } from '../../support/services/kafka.ts'

export type Properties = Record<string, string>

export async function scramOverTls(): Promise<Properties> {
  const { saslTls, user, password, certificates } = await secureKafka()
  return {
    'bootstrap.servers': saslTls,
    'security.protocol': 'SASL_SSL',
    'sasl.mechanism': 'SCRAM-SHA-512',
    'sasl.jaas.config': jaas('scram.ScramLoginModule', user, password),
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.location': certificates.authority,
  }
}

export function jaas(module: string, user: string, password: string): string {
  return `org.apache.kafka.common.security.${module} required username="${user}" password="${password}";`
}

/** Both stores as keytool makes them. */
export async function mutualTls(): Promise<Properties> {
  const { mutualTls: address, certificates } = await secureKafka()
  return {
    'bootstrap.servers': address,
    'security.protocol': 'SSL',
    'ssl.truststore.type': 'PKCS12',
    'ssl.truststore.location': certificates.trustStoreP12,
    'ssl.truststore.password': certificates.password,
    'ssl.keystore.type': 'JKS',
    'ssl.keystore.location': certificates.keyStoreJks,
    'ssl.keystore.password': certificates.password,
  }
}
