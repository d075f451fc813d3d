/** What `rowtap worker` and `rowtap standalone` do; each resolves to the exit code. */
import { readFileSync } from 'node:fs'
import { ConfigError, messageOf } from '#errors'
import { logger } from '#observe'
import { parseProperties, type RawConfig } from '#plugin'
import { propertiesOfEnvironment } from '../worker/properties.ts'
import { parseConnectorFile } from './connector-file.ts'
import { launch, type LaunchedWorker } from './launch.ts'

/** Exit codes, as connect-standalone has them (1 is wrong usage). */
const startFailed = 2
const connectorFailed = 3

/** Until SIGTERM or SIGINT. */
export async function runWorker(config: string | undefined): Promise<number> {
  const signalled = ending()
  try {
    await using launched = await launch({
      mode: 'distributed',
      file: read(config),
      environment: environment(),
    })
    await endOf(launched, signalled)
  } catch (error) {
    return fail(error, startFailed)
  }
  return 0
}

export async function runStandalone(config: string, connectors: readonly string[]): Promise<number> {
  const signalled = ending()
  let failed = startFailed
  try {
    const requests = connectors.map((file) => parseConnectorFile(textOf(file), file))
    await using launched = await launch({
      mode: 'standalone',
      file: read(config),
      environment: environment(),
    })
    failed = connectorFailed
    for (const request of requests) await launched.worker.create(request)
    launched.worker.start()
    failed = startFailed
    await endOf(launched, signalled)
  } catch (error) {
    return fail(error, failed)
  }
  return 0
}

/** Until the signal; a worker whose broker has died ends with an error, so that whoever supervises it starts it anew. */
async function endOf({ failed }: LaunchedWorker, signalled: Promise<void>): Promise<void> {
  const error = await Promise.race([signalled, failed])
  if (error !== undefined) throw error
}

function environment(): RawConfig {
  return propertiesOfEnvironment(process.env)
}

function read(file: string | undefined): RawConfig {
  return file === undefined ? {} : parseProperties(textOf(file))
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new ConfigError(`The file ${file} cannot be read: ${messageOf(cause)}`, { cause })
  }
}

function fail(error: unknown, code: number): number {
  process.stderr.write(`rowtap: ${messageOf(error)}\n`)
  return code
}

/** Resolves at the first signal to end; the second ends the process at once. */
function ending(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const)
    process.once(signal, () => {
      logger('worker').info(`${signal}: the worker stops its connectors and ends`)
      process.once(signal, () => process.exit(130))
      resolve()
    })
  return promise
}
