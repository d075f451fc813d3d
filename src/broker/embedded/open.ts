/**
 * Starts the embedded broker: one store thread over one directory, for as long as the returned broker is not disposed
 * of. Other threads get an address from `connect` and hand it to `connectBroker`.
 */
import { once } from 'node:events'
import { MessageChannel, Worker } from 'node:worker_threads'
import { logger } from '#observe'
import type { EmbeddedAddress, OwnedBroker } from '../address.ts'
import { BrokerGoneError } from '../errors.ts'
import { connectEmbedded } from './client.ts'
import { errorOf } from './failure.ts'
import type { OwnerMessage, ThreadMessage } from './store-thread.ts'

export interface EmbeddedBrokerOptions {
  /** Made where it does not exist; one process at a time. */
  readonly directory: string
  /** Kafka's names, see `properties.ts`. */
  readonly properties: Readonly<Record<string, string>>
}

export async function openEmbeddedBroker(
  options: EmbeddedBrokerOptions,
): Promise<OwnedBroker<EmbeddedAddress>> {
  const thread = await startThread(options)
  const tell = (message: OwnerMessage) =>
    thread.postMessage(message, 'attach' in message ? [message.attach] : [])
  const connect = (): EmbeddedAddress => {
    const { port1, port2 } = new MessageChannel()
    tell({ attach: port1 })
    return { kind: 'embedded', port: port2 }
  }
  const own = await connectEmbedded(connect().port)
  let ending: Promise<unknown> | null = null
  const failed = new Promise<Error>((resolve) => {
    thread.on('exit', (code) => {
      if (ending === null) resolve(storeEnded(options.directory, code))
    })
  })
  return {
    ...own,
    connect,
    failed,
    [Symbol.asyncDispose]: async () => {
      ending ??= thread.threadId === -1 ? Promise.resolve() : once(thread, 'exit')
      await own[Symbol.asyncDispose]()
      tell({ close: true })
      await ending
    },
  }
}

function storeEnded(directory: string, code: number): BrokerGoneError {
  return new BrokerGoneError(`The embedded broker over ${directory} has ended with code ${code}.`, {
    remedy: 'Start again: what was committed is there; the log says what happened.',
  })
}

async function startThread(options: EmbeddedBrokerOptions): Promise<Worker> {
  const fromSource = import.meta.url.endsWith('.ts')
  const thread = new Worker(
    new URL(fromSource ? './store-thread.ts' : './store-thread.js', import.meta.url),
    {
      name: 'rowtap-store',
      workerData: { directory: options.directory, properties: options.properties },
      execArgv: fromSource ? ['--conditions=rowtap-source'] : [],
    },
  )
  const [message] = (await once(thread, 'message')) as [ThreadMessage]
  if ('refused' in message) {
    await thread.terminate()
    throw errorOf(message.refused)
  }
  thread.on('error', (error) => {
    // Clients hear of it through their ports.
    logger('rowtap.broker.embedded').fatal(
      { err: error },
      'The store thread of the embedded broker has failed',
    )
  })
  return thread
}
