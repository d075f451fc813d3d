/** The broker that a worker stands on: a Kafka where `bootstrap.servers` names one, else the embedded one. */
import { accessSync, constants, mkdirSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { type OwnedBroker, openEmbeddedBroker, openKafkaBroker } from '#broker'
import { ConfigError, messageOf } from '#errors'
import type { RawConfig } from '#plugin'
// Not by its folder's door: the broker shall start before the rest of the code is even loaded.
import { dataDirectory, usesKafka } from '../worker/properties.ts'

export async function openWorkerBroker(properties: RawConfig): Promise<OwnedBroker> {
  if (usesKafka(properties)) return openKafkaBroker({ properties })
  const directory = dataDirectory(properties)
  mustBeUsable(directory)
  return openEmbeddedBroker({ directory, properties: below(properties, 'broker.') })
}

function below(properties: RawConfig, prefix: string): RawConfig {
  const inner = Object.entries(properties).filter(([key]) => key.startsWith(prefix))
  return Object.fromEntries(inner.map(([key, value]) => [key.slice(prefix.length), value]))
}

/**
 * Made step by step: Node's own recursive mkdir never comes back where a file system refuses new directories with
 * ENOENT, as /proc does.
 */
function mustBeUsable(directory: string): void {
  try {
    makeDirectories(resolve(directory))
    accessSync(directory, constants.W_OK)
  } catch (cause) {
    throw new ConfigError(`The data directory ${resolve(directory)} cannot be used: ${messageOf(cause)}.`, {
      remedy: "Name one that this user may write to with the worker property 'data.dir' (CONNECT_DATA_DIR).",
      cause,
    })
  }
}

function makeDirectories(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return
  if (dirname(path) !== path) makeDirectories(dirname(path))
  mkdirSync(path)
}
