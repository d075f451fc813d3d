/**
 * How many records per second a source writer of the embedded broker makes durable, with offsets, as a source task
 * does it: a thread of its own that encodes, a store thread that commits. Runs by itself:
 * `node --conditions=rowtap-source test/bench/broker.ts [records] [value bytes] [records per commit]`.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ByteBuffer } from '#bytes'
import { openEmbeddedBroker, withoutHeaders } from '#broker'

export interface BrokerBenchOptions {
  readonly records: number
  readonly valueBytes: number
  readonly recordsPerCommit: number
}

export interface BrokerBenchResult {
  readonly recordsPerSecond: number
  readonly megabytesPerSecond: number
  /** CPU of the producing thread, in microseconds per record. */
  readonly producerCpuMicros: number
  readonly processCpuMicros: number
  readonly rssMegabytes: number
}

/** Commits in flight before the producer waits for the oldest. */
const overlapping = 4

export async function benchBroker(options: BrokerBenchOptions): Promise<BrokerBenchResult> {
  const directory = mkdtempSync(join(tmpdir(), 'rowtap-bench-'))
  try {
    await using broker = await openEmbeddedBroker({ directory, properties: {} })
    await using writer = await broker.sourceWriter({
      ...{ task: 'bench-0', offsetsTopic: 'offsets', newTopic: () => null, overrides: {} },
    })
    const value = Buffer.alloc(options.valueBytes, 'v')
    let id = 0
    const record = {
      ...{ topic: 'bench', partition: null, timestamp: null, headers: withoutHeaders },
      writeKey: (out: ByteBuffer) => {
        out.appendText(`{"id":${id}}`)
        return true
      },
      writeValue: (out: ByteBuffer) => {
        out.append(value)
        return true
      },
    }
    const start = performance.now()
    const [thread, whole] = [process.threadCpuUsage(), process.cpuUsage()]
    const open: Promise<void>[] = []
    while (id < options.records) {
      for (let i = 0; i < options.recordsPerCommit; i++, id++) {
        const barrier = writer.append(record)
        if (barrier !== null) {
          await barrier
          writer.append(record)
        }
      }
      open.push(writer.commit([{ key: Buffer.from('["bench",{}]'), value: Buffer.from(`{"id":${id}}`) }]))
      if (open.length >= overlapping) await open.shift()
    }
    await Promise.all(open)
    const seconds = (performance.now() - start) / 1000
    const [ofThread, ofWhole] = [process.threadCpuUsage(thread), process.cpuUsage(whole)]
    return {
      recordsPerSecond: Math.round(id / seconds),
      megabytesPerSecond: Math.round((id * options.valueBytes) / seconds / 1e6),
      producerCpuMicros: (ofThread.user + ofThread.system) / id,
      processCpuMicros: (ofWhole.user + ofWhole.system) / id,
      rssMegabytes: Math.round(process.resourceUsage().maxRSS / 1024),
    }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

if (process.argv[1] === import.meta.filename) {
  const [records = 500_000, valueBytes = 1000, recordsPerCommit = 2000] = process.argv.slice(2).map(Number)
  process.stdout.write(`${JSON.stringify(await benchBroker({ records, valueBytes, recordsPerCommit }))}\n`)
}
