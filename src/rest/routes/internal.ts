/**
 * What only other workers of a cluster may ask, with a signature made from the cluster's session key. This worker
 * is alone in its group and has no such key, so every signature is wrong here; a standalone one has no others.
 */
import { type Herder, HerderError } from '#worker'
import type { Exchange, Handler, Resource } from '../resource.ts'

const accepted = ['HmacSHA256']
const known = /^Hmac(?:MD5|SHA(?:1|224|256|384|512(?:\/2(?:24|56))?|3-(?:224|256|384|512)))$/i

const standaloneTexts = {
  tasks: 'Kafka Connect in standalone mode does not support externally setting task configurations.',
  fence: 'Kafka Connect in standalone mode does not support exactly-once source connectors.',
}

export function internalRequest({ mode }: Herder, verb: keyof typeof standaloneTexts): Handler {
  return (exchange) => {
    if (mode === 'standalone') throw new HerderError(500, standaloneTexts[verb])
    return refused(exchange)
  }
}

function refused(exchange: Exchange): never {
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

export function internalResources(herder: Herder): Resource[] {
  return [{ path: '/connectors/:connector/fence', methods: { PUT: internalRequest(herder, 'fence') } }]
}
