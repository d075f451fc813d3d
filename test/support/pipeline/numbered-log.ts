/** A source whose log is the numbers 0 to 99; the first ten are purged. Its replays are what is tested with it. */
import { datum } from '#data'
import { ConfigError, ConnectError } from '#errors'
import type { RawConfig, ReplayPlan, ReplayTask, SourcePlugin } from '#plugin'
import { base } from './script.ts'

const end = 100
const oldest = 10
const partition = { server: 'numbers' }

function place(text: string): number {
  const at = Number(text)
  if (!Number.isInteger(at)) throw new ConfigError(`'${text}' is no position.`)
  if (at < oldest) throw new ConfigError(`The log before ${oldest} is purged: ${at} is gone.`)
  return at
}

function planOf(from: number, to: number): ReplayPlan {
  return {
    from: String(from),
    to: String(to),
    start: { at: BigInt(from) },
    end: { at: BigInt(to) },
    bytes: (to - from) * 10,
    events: to - from,
    estimated: false,
    tables: ['db.numbers'],
    topics: ['numbers'],
    notes: from % 2 === 0 ? [] : ['An odd place.'],
  }
}

/** `stop-at` waits there for the signal, `fail-at` fails. */
function task(config: RawConfig, from: number, to: number): ReplayTask {
  let next = from
  return {
    get finished() {
      return next >= to
    },
    get progress() {
      return { position: String(next), bytes: (next - from) * 10, events: next - from }
    },
    async poll(signal) {
      if (String(next) === config['fail-at']) throw new ConnectError('The log was purged meanwhile.')
      if (String(next) === config['stop-at'])
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
      if (signal.aborted) return []
      const at = next++
      return [
        {
          topic: 'numbers',
          partition: null,
          key: datum(null, String(at)),
          value: datum(null, `row ${at}`),
          headers: [],
          timestamp: null,
          from: { partition, offset: () => ({ at: BigInt(at) }) },
        },
      ]
    },
    async [Symbol.asyncDispose]() {},
  }
}

export const numberedLog: SourcePlugin = {
  ...base('source', 'test.NumberedLog', 'numbered-log'),
  taskClass: 'test.NumberedLogTask',
  taskConfigs: (config) => [config],
  open: async () => {
    throw new Error('only its replays are tested')
  },
  replay: {
    plan: async (_config, { from, to }) => planOf(place(from), to === null ? end : place(to)),
    open: async (config, _request, plan) => task(config, Number(plan.from), Number(plan.to)),
  },
}

export const noReplays: SourcePlugin = {
  ...numberedLog,
  javaClass: 'test.Forgetful',
  aliases: ['forgetful'],
  replay: 'It forgets what it has read.',
}
