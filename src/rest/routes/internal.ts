/**
 * What only other workers of a cluster may ask, with a signature made from the cluster's session key. A worker on the
 * embedded broker is alone and has no such key, so every signature is wrong here.
 */
import { HerderError } from '#worker'
import type { Answer, Exchange, Resource } from '../resource.ts'

const accepted = ['HmacSHA256']
const known = /^Hmac(?:MD5|SHA(?:1|224|256|384|512(?:\/2(?:24|56))?|3-(?:224|256|384|512)))$/i

export function refuseInternal(exchange: Exchange): Answer {
  const signature = exchange.header('x-connect-authorization')
  const algorithm = exchange.header('x-connect-request-signature-algorithm')
  if (signature === undefined || algorithm === undefined)
    throw new HerderError(400, 'Internal request missing required signature')
  if (!accepted.includes(algorithm)) throw new HerderError(400, unsupported(algorithm))
  const stray = /[^A-Za-z0-9+/=]/.exec(signature)
  if (stray !== null)
    throw new HerderError(400, `Illegal base64 character ${stray[0].charCodeAt(0).toString(16)}`)
  throw new HerderError(403, 'Internal request contained invalid signature.')
}

function unsupported(algorithm: string): string {
  if (!known.test(algorithm)) return `Algorithm ${algorithm} not available`
  return (
    `This worker does not support the '${algorithm}' key signing algorithm used by other workers. ` +
    `This worker is currently configured to use: [${accepted.join(', ')}]. ` +
    "Check that all workers' configuration files permit the same set of signature algorithms, " +
    'and correct any misconfigured worker and restart it.'
  )
}

export const internalResources: readonly Resource[] = [
  { path: '/connectors/:connector/fence', methods: { PUT: refuseInternal } },
]
