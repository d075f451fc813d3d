/**
 * Records `test/golden/kafka/wire.json`: requests as we write them and the answers of a real Kafka, in hex.
 * node --conditions=rowtap-source test/support/capture-kafka-wire.ts HOST:PORT
 */
import { writeFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { adminSettings } from '../../src/broker/kafka/properties/admin-settings.ts'
import { openCluster } from '../../src/broker/kafka/transport/cluster.ts'
import { retrying } from '../../src/broker/kafka/transport/retry.ts'
import type { Request } from '../../src/broker/kafka/wire/request.ts'
import { RequestWriter } from '../../src/broker/kafka/wire/request-writer.ts'
import { ResponseReader } from '../../src/broker/kafka/wire/response-reader.ts'
import { type RecordedName, recordedRequests } from './kafka-wire-requests.ts'

const [bootstrap = ''] = process.argv.slice(2)
using cluster = openCluster(adminSettings({ 'bootstrap.servers': bootstrap }, 'golden'))
const recorded: Partial<Record<RecordedName, { request: string; response: string }>> = {}
for (const [name, request] of Object.entries(recordedRequests)) {
  const writer = new RequestWriter()
  request.write(writer)
  const heard = await retrying(cluster.options, () => ask(request))
  const sent = Buffer.concat(writer.parts()).toString('hex')
  recorded[name as RecordedName] = { request: sent, response: heard.toString('hex') }
  await wait(500) // a new topic is not known everywhere at once
}
writeFileSync('test/golden/kafka/wire.json', `${JSON.stringify(recorded, null, 2)}\n`)

/** The answer's bytes; its decoding only tells whether to try again. */
async function ask(request: Request<unknown>): Promise<Buffer> {
  const node = await cluster.coordinator('group', 'golden-group')
  const raw = await cluster.send(node, {
    ...request,
    read: (body) => Buffer.from(Array.from({ length: body.left }, () => body.int8() & 0xff)),
  })
  request.read(new ResponseReader(raw))
  return raw
}
