/** A process that writes and reads 120 MB, notes its memory, and goes on to 400 MB. */
import { openEmbeddedBroker } from '#broker'
import { append, offset, read } from './support.ts'

const broker = await openEmbeddedBroker({ directory: process.argv[2] ?? '', properties: {} })
const writer = await broker.sourceWriter({
  ...{ task: 'child-0', offsetsTopic: 'offsets', newTopic: () => null, overrides: {} },
})
const value = 'v'.repeat(1000)
const megabytes = () => Math.round(process.memoryUsage.rss() / (1 << 20))
await append(writer, [{ topic: 'stream', key: 'first', value }])
await writer.commit([])
const reader = await broker.reader({ topics: ['stream'], from: 'earliest' })

async function pass(commits: number): Promise<void> {
  for (let i = 0; i < commits; i++) {
    for (let k = 0; k < 2000; k++) await append(writer, [{ topic: 'stream', key: `${k}`, value }])
    await writer.commit([offset('source', `${i}`)])
    await read(reader, 2000)
  }
}

await pass(60)
const warmMegabytes = megabytes()
await pass(140)
process.stdout.write(JSON.stringify({ warmMegabytes, endMegabytes: megabytes(), writtenMegabytes: 400 }))
await broker[Symbol.asyncDispose]()
