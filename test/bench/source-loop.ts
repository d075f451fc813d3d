/**
 * What the source loop itself costs per record: poll, transforms, append and commit with a converter that writes a
 * constant and a writer that only counts. `node --conditions=rowtap-source --expose-gc test/bench/source-loop.ts`
 */
import { ByteBuffer } from '#bytes'
import { datum, type SourceRecord } from '#data'
import { createLocalRunner } from '#pipeline'
import type { SourcePlugin } from '#plugin'
import type { Broker, SourceWriter } from '#broker'
import { base, Heard, registryOf, specOf } from '../support/pipeline/script.ts'

const total = 4_000_000
const batchSize = 2048
const payload = Buffer.from('{"before":null,"after":{"id":1}}')

class CountingWriter implements SourceWriter {
  readonly atomic = true
  readonly #out = new ByteBuffer(1 << 20)
  pendingBytes = 0

  append(record: Parameters<SourceWriter['append']>[0]): null {
    if (this.#out.length > 500_000) this.#out.clear()
    const before = this.#out.length
    record.writeKey(this.#out)
    record.writeValue(this.#out)
    this.pendingBytes += this.#out.length - before
    return null
  }

  async commit(): Promise<void> {
    this.pendingBytes = 0
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

const converter = {
  write(_topic: string, _datum: unknown, out: ByteBuffer): boolean {
    out.append(payload)
    return true
  },
  read: () => datum(null, null),
}

function records(): SourceRecord[] {
  const partition = { server: 'a' }
  const value = datum(null, 'x')
  return Array.from({ length: batchSize }, (_, i) => ({
    ...{ topic: 't', partition: null, key: value, value, headers: [], timestamp: null },
    from: { partition, offset: () => ({ i: BigInt(i) }) },
  }))
}

async function measure(transforms: Readonly<Record<string, string>>): Promise<number> {
  const batch = records()
  const headers = batch[0]?.headers ?? []
  const same = batch.map((record) => ({ ...record, headers }))
  const finished = Promise.withResolvers<void>()
  let left = total
  const source: SourcePlugin = {
    ...base('source', 'bench.Source', 'scripted'),
    taskClass: 'bench.Task',
    taskConfigs: (config) => [config],
    open: async () => ({
      async poll() {
        if (left <= 0) finished.resolve()
        else left -= batchSize
        return left <= 0 ? [] : same
      },
      async [Symbol.asyncDispose]() {},
    }),
  }
  const route = {
    ...base('transformation' as const, 'bench.Route', 'route'),
    create: () => (record: SourceRecord) => ({ ...record, topic: 'u' }),
  }
  const broker = { sourceWriter: async () => new CountingWriter() } as unknown as Broker
  const plugins = registryOf(converter, source, route as never)
  await using runner = createLocalRunner({ broker, plugins })
  const started = performance.now()
  runner.start(specOf('source', transforms), new Heard())
  await finished.promise
  return ((performance.now() - started) * 1000) / total
}

const route = { transforms: 'r', 'transforms.r.type': 'route' }
const aside = { 'errors.tolerance': 'all' }
for (const [name, config] of [
  ['plain', {}],
  ['one transform', route],
  ['errors.tolerance=all', aside],
] as const) {
  const runs = [await measure(config), await measure(config), await measure(config)]
  process.stdout.write(`${name}: ${Math.min(...runs).toFixed(3)} µs per record\n`)
}
