/** What other peers send: PostgreSQL's messages, Kafka's batches of records, Connect's JSON. */
import { readFileSync } from 'node:fs'
import { crc32c } from '@node-rs/crc32'
import { CellSlab } from '#cdc'
import { jsonConverter } from '../../../src/converters/json.ts'
import { decodeMessage, type PgoutputHandler } from '../../../connectors/postgres-cdc/decode/pgoutput.ts'
import { decodeBatches } from '../../../src/broker/record/batch-reader.ts'
import { damaged, damagedOften, type FuzzTarget, holds } from '../target.ts'

const file = (path: string): Buffer => readFileSync(new URL(`../../golden/${path}`, import.meta.url))

let captured: readonly Buffer[] | null = null
/** What a server sent: per message a 4-byte length, then its bytes. */
function messages(): readonly Buffer[] {
  if (captured !== null) return captured
  const bytes = file('pgoutput/orders.bin')
  const found: Buffer[] = []
  for (let at = 0; at < bytes.length; at += 4 + bytes.readUInt32BE(at))
    found.push(bytes.subarray(at + 4, at + 4 + bytes.readUInt32BE(at)))
  captured = found
  return found
}

const nothing = (): void => {}
const handler: PgoutputHandler = {
  ...{ begin: nothing, commit: nothing, origin: nothing, relation: nothing, type: nothing, insert: nothing },
  ...{ update: nothing, delete: nothing, truncate: nothing, message: nothing },
}

export const pgoutput: FuzzTarget = {
  name: 'pgoutput',
  input: (numbers) => damagedOften(numbers.pick(messages()), numbers),
  read(input) {
    const slab = new CellSlab(Buffer.concat([input, Buffer.alloc(64, 1)]), 1)
    decodeMessage(slab, 0, input.length, handler)
    holds(
      slab.cells.every((place) => place <= input.length),
      'a cell behind the message',
    )
  },
}

let batches: readonly Buffer[] | null = null
function recordBatches(): readonly Buffer[] {
  const found = JSON.parse(file('kafka/record-batches.json').toString()) as Record<string, unknown>
  batches ??=
    JSON.stringify(found)
      .match(/"[A-Za-z0-9+/=]{80,}"/g)
      ?.map((text) => Buffer.from(text.slice(1, -1), /^"[0-9a-f]+"$/.test(text) ? 'hex' : 'base64')) ?? []
  return batches
}

const checksumAt = 17
const checkedFrom = 21

export const kafkaBatches: FuzzTarget = {
  name: 'kafka-batches',
  input(numbers) {
    const batch = damagedOften(numbers.pick(recordBatches()), numbers)
    if (batch.length < checkedFrom) return batch
    const found = Buffer.from(batch)
    if (numbers.chance(90)) found.writeInt32BE(found.length - 12, 8)
    found.writeUInt32BE(crc32c(found.subarray(checkedFrom)), checksumAt)
    return found
  },
  read: (input) => void decodeBatches('t', 0, input),
}

const document = `{"schema":{"type":"struct","fields":[{"type":"int64","optional":false,"field":"id"},{"type":"string",
"optional":true,"field":"name"},{"type":"bytes","optional":true,"name":"org.apache.kafka.connect.data.Decimal","version":
1,"parameters":{"scale":"2"},"field":"d"},{"type":"array","items":{"type":"double","optional":true},"optional":true,
"field":"x"}],"optional":false,"name":"person"},"payload":{"id":-9007199254740993,"name":"a\\u00e9\\n","d":"AQ==",
"x":[1.5e3,null,-0.0]}}`

export const connectJson: FuzzTarget = {
  name: 'connect-json',
  input: (numbers) => damaged(damagedOften(Buffer.from(document), numbers), numbers),
  read: (input) => void jsonConverter.create({}, 'value').read('t', input),
}
