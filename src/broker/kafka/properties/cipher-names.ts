/** Cipher suites by Java's names, which are the standard's, and by OpenSSL's, which Node takes. */
import { getCiphers } from 'node:tls'

/**
 *   TLS_AES_128_GCM_SHA256                 the same, in TLS 1.3
 *   TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256  ECDHE-RSA-AES128-GCM-SHA256
 *   TLS_RSA_WITH_AES_256_CBC_SHA           AES256-SHA
 *
 * null: OpenSSL has no such suite.
 */
export function opensslCipher(name: string): string | null {
  const [exchange, cipher] = name.replace(/^(TLS|SSL)_/, '').split('_WITH_')
  const openssl =
    cipher === undefined
      ? name
      : [
          ...(exchange === 'RSA' ? [] : [exchange?.replaceAll('_', '-')]),
          cipher
            .replace(/^AES_(\d+)/, 'AES$1')
            .replace('_CBC_', '_')
            .replace(/^CHACHA20_POLY1305_SHA256$/, 'CHACHA20_POLY1305')
            .replaceAll('_', '-'),
        ].join('-')
  return getCiphers().includes(openssl.toLowerCase()) ? openssl : null
}
