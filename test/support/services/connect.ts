/**
 * A real Kafka Connect for tests: one distributed worker with FileStream and Debezium's connectors, on a Kafka
 * that the test names. It is started by the test that needs it, and stopped by it.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import {
  java,
  javaLibraries,
  javaServersAvailable,
  type Properties,
  quickStart,
  writeProperties,
} from './java.ts'
import { freePort } from './ports.ts'
import { startProcess } from './process.ts'

/** For `describe.skipIf(!connectAvailable)`. */
export const connectAvailable = javaServersAvailable

export interface ConnectOptions {
  readonly bootstrap: string
  readonly groupId: string
  /** The names of the topics for configs, offsets and status; without: the group's name with `-configs` and so on. */
  readonly topics?: { readonly configs: string; readonly offsets: string; readonly status: string }
  /** Worker properties on top; JSON converters with schemas are Connect's default. */
  readonly properties?: Properties
}

export interface ConnectWorker {
  readonly url: string
  /** A clean end: the worker leaves its group and its connectors stop. */
  stop(): Promise<void>
  kill(): Promise<void>
}

export async function startConnect(options: ConnectOptions): Promise<ConnectWorker> {
  if (java === null) throw new Error('Kafka Connect needs Java 17 or later: install it.')
  const { classPath, plugins } = await javaLibraries()
  const directory = mkdtempSync(join(tmpdir(), 'rowtap-connect-'))
  const file = join(directory, 'worker.properties')
  const url = `http://127.0.0.1:${await freePort()}`
  writeProperties(file, { ...workerProperties(options, url, plugins), ...options.properties })
  const levels = ['defaultLogLevel=error', 'log.org.apache.kafka.connect.runtime.Connect=info']
  const logging = levels.map((setting) => `-Dorg.slf4j.simpleLogger.${setting}`)
  const program = ['-cp', classPath, 'org.apache.kafka.connect.cli.ConnectDistributed', file]
  const worker = startProcess(java, ['-Xmx768m', ...quickStart, ...logging, ...program], directory)
  const end = async (signal: 'TERM' | 'KILL'): Promise<void> => {
    await worker.end(signal)
    rmSync(directory, { recursive: true, force: true })
  }
  try {
    await worker.wrote('Kafka Connect started')
    await serves(`${url}/connectors`)
  } catch (error) {
    await end('KILL')
    throw error
  }
  return { url, stop: () => end('TERM'), kill: () => end('KILL') }
}

function workerProperties(options: ConnectOptions, url: string, plugins: string): Properties {
  const { bootstrap, groupId } = options
  const { configs, offsets, status } = options.topics ?? {
    configs: `${groupId}-configs`,
    offsets: `${groupId}-offsets`,
    status: `${groupId}-status`,
  }
  const json = 'org.apache.kafka.connect.json.JsonConverter'
  return {
    'bootstrap.servers': bootstrap,
    'group.id': groupId,
    'key.converter': json,
    'value.converter': json,
    'config.storage.topic': configs,
    'config.storage.replication.factor': '1',
    'offset.storage.topic': offsets,
    'offset.storage.replication.factor': '1',
    'status.storage.topic': status,
    'status.storage.replication.factor': '1',
    'offset.flush.interval.ms': '500',
    listeners: url,
    'plugin.path': plugins,
    'plugin.discovery': 'service_load',
  }
}

/** A worker answers 500 until it is in its group. */
async function serves(url: string): Promise<void> {
  const deadline = Date.now() + 60_000
  for (;;) {
    const response = await fetch(url).catch(String)
    if (typeof response === 'object' && response.ok) return
    if (Date.now() > deadline)
      throw new Error(`${url}: ${typeof response === 'string' ? response : await response.text()}`)
    await delay(100)
  }
}
