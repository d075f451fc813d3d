/**
 * A process that commits until it is killed: each commit has ten records in each of two topics and an offset, all of
 * them with the number of the commit. Says `open` and then each number that is durable.
 */
import { writeSync } from 'node:fs'
import { openEmbeddedBroker } from '#broker'
import { append, offset } from './support.ts'

const [directory = '', first = '0'] = process.argv.slice(2)
const broker = await openEmbeddedBroker({ directory, properties: {} })
const writer = await broker.sourceWriter({
  ...{ task: 'child-0', offsetsTopic: 'child-offsets', newTopic: () => null, overrides: {} },
})
writeSync(1, 'open\n')
const open: Promise<void>[] = []
for (let number = Number(first); ; number++) {
  for (let i = 0; i < 10; i++)
    for (const topic of ['left', 'right'])
      await append(writer, [{ topic, key: `${i}`, value: `${number}`.padEnd(2000, '.') }])
  const commit = writer.commit([offset('source', `${number}`)])
  open.push(commit.then(() => void writeSync(1, `${number}\n`)))
  if (open.length >= 4) await open.shift()
}
