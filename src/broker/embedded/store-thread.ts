/**
 * Entry of the store thread. It is started with its directory and properties, answers `ready` or why it could not
 * start, serves each port it is handed, and ends on `close`. A fault that nobody caught ends it: clients are told.
 */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { messageOf } from '#errors'
import { failureOf } from './failure.ts'
import { brokerDefaults } from './properties.ts'
import { openDatabase } from './store/database.ts'
import { StoreService } from './store/service.ts'

/** What the owner says to the thread. */
export type OwnerMessage = { readonly attach: MessagePort } | { readonly close: true }
/** What the thread says to its owner. */
export type ThreadMessage = { readonly ready: true } | { readonly refused: { name: string; message: string } }

interface StartData {
  readonly directory: string
  readonly properties: Readonly<Record<string, string>>
}

function serve(service: StoreService): void {
  process.on('uncaughtException', (error) => {
    service.lastWords(messageOf(error))
    process.exit(1)
  })
  parentPort?.on('message', (message: OwnerMessage) => {
    if ('attach' in message) return service.attach(message.attach)
    service.close()
    process.exit(0)
  })
  say({ ready: true })
}

function say(message: ThreadMessage): void {
  parentPort?.postMessage(message)
}

/** Loaded only when there is something to say: the thread is lighter without a logger. */
async function logUpkeepFailure(error: unknown): Promise<void> {
  const { logger } = await import('#observe')
  logger('rowtap.broker.embedded').error(
    { err: error },
    'Retention or compaction has failed; it is looked after again later',
  )
}

try {
  const { directory, properties } = workerData as StartData
  const defaults = brokerDefaults(properties)
  serve(new StoreService(openDatabase(directory), defaults, (error) => void logUpkeepFailure(error)))
} catch (error) {
  say({ refused: failureOf(error) })
}
