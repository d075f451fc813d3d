/**
 * Config providers: `${provider:path:key}` in a configuration stands for a value that is kept elsewhere. None is on by
 * default; a worker names them (`config.providers=file`, `config.providers.file.class=…`, `….param.allowed.paths=…`).
 * The providers that read files read below their allowed paths and nowhere else. What no provider knows stays as it
 * is written. Values are put in when a configuration is used, never where it is stored or shown.
 */
import { readFileSync, realpathSync, statSync } from 'node:fs'
import { basename, isAbsolute, join, resolve, sep } from 'node:path'
import { ConfigError } from '#errors'
import type { RawConfig } from './config.ts'
import { javaRegex } from './java-regex.ts'
import { trimmed } from './parse-config.ts'
import { parseProperties } from './properties.ts'

/** The value behind a reference, or null. */
type Provider = (path: string, key: string) => string | null

export interface Resolver {
  /** The configuration with all references replaced, in one pass: a value is not searched for references again. */
  resolve(raw: RawConfig): RawConfig
  /** Whether a text holds a reference to a provider of this worker. */
  refers(text: string): boolean
}

const reference = /\$\{([^}]*?):(?:([^}]*?):)?([^}]*?)\}/g

const packageName = 'org.apache.kafka.common.config.provider.'
const makers: Readonly<Record<string, (name: string, parameters: RawConfig) => Provider>> = {
  FileConfigProvider: fileProvider,
  DirectoryConfigProvider: directoryProvider,
  EnvVarConfigProvider: environmentProvider,
}

/** Throws a ConfigError for a provider that is not known or not confined. */
export function createResolver(worker: RawConfig): Resolver {
  const providers = new Map<string, Provider>()
  for (const name of trimmed(worker['config.providers'] ?? '')
    .split(',')
    .map(trimmed)) {
    if (name === '') continue
    const key = `config.providers.${name}.class`
    const javaClass = worker[key]
    if (javaClass === undefined)
      throw new ConfigError(`Missing required configuration "${key}" which has no default value.`)
    const simple = javaClass.startsWith(packageName) ? javaClass.slice(packageName.length) : javaClass
    const make = Object.hasOwn(makers, simple) ? makers[simple] : makers[`${simple}ConfigProvider`]
    if (make === undefined)
      throw new ConfigError(
        `Invalid value ${javaClass} for configuration ${key}: Class ${javaClass} could not be found.`,
        {
          remedy: `Known providers: ${Object.keys(makers).join(', ')}.`,
        },
      )
    providers.set(name, make(name, parametersOf(worker, `config.providers.${name}.param.`)))
  }
  const replaced = (text: string) =>
    text.includes('${')
      ? text.replace(reference, (whole, name: string, path: string | undefined, key: string) => {
          return providers.get(name)?.(path ?? '', key) ?? whole
        })
      : text
  return {
    resolve: (raw) =>
      providers.size === 0
        ? raw
        : Object.fromEntries(Object.entries(raw).map(([key, value]) => [key, replaced(value)])),
    refers: (text) => [...text.matchAll(reference)].some((match) => providers.has(match[1] ?? '')),
  }
}

function parametersOf(worker: RawConfig, prefix: string): RawConfig {
  const own = Object.entries(worker).filter(([key]) => key.startsWith(prefix))
  return Object.fromEntries(own.map(([key, value]) => [key.slice(prefix.length), value]))
}

/** Properties files. */
function fileProvider(name: string, parameters: RawConfig): Provider {
  const allowed = allowedPaths(name, parameters)
  return (path, key) => {
    if (path === '' || !within(allowed, path)) return null
    let text: string
    try {
      text = readFileSync(path, 'utf8')
    } catch (cause) {
      throw new ConfigError(`Could not read properties from file ${path}`, { cause })
    }
    const properties = parseProperties(text)
    return Object.hasOwn(properties, key) ? (properties[key] ?? null) : null
  }
}

/** A directory of files, each of which is one value: how Kubernetes mounts secrets. */
function directoryProvider(name: string, parameters: RawConfig): Provider {
  const allowed = allowedPaths(name, parameters)
  return (path, key) => {
    if (path === '' || basename(key) !== key || key === '..' || key === '.') return null
    const file = join(path, key)
    if (!within(allowed, file)) return null
    if (!statSync(file, { throwIfNoEntry: false })?.isFile()) return null
    try {
      return readFileSync(file, 'utf8')
    } catch (cause) {
      throw new ConfigError(`Could not read file ${file}`, { cause })
    }
  }
}

/** Environment variables of the worker. */
function environmentProvider(name: string, parameters: RawConfig): Provider {
  const pattern = javaRegex(parameters['allowlist.pattern'] ?? '.*', { whole: true })
  return (path, key) => {
    if (path !== '')
      throw new ConfigError(`Path is not supported for EnvVarConfigProvider, invalid value '${path}'`, {
        remedy: `Write \${${name}:${key}}.`,
      })
    return pattern.test(key) ? (process.env[key] ?? null) : null
  }
}

function allowedPaths(name: string, parameters: RawConfig): readonly string[] {
  const key = `config.providers.${name}.param.allowed.paths`
  const given = trimmed(parameters['allowed.paths'] ?? '')
  if (given === '')
    throw new ConfigError(`The config provider ${name} reads files, but ${key} does not say where.`, {
      remedy: `Set ${key} to the absolute directories that references may read from, separated by commas.`,
    })
  return given.split(',').map((path) => {
    const absolute = trimmed(path)
    if (!isAbsolute(absolute)) throw new ConfigError(`Path ${absolute} of ${key} is not absolute`)
    const real = realOf(absolute)
    if (real === null) throw new ConfigError(`Path ${absolute} of ${key} does not exist`)
    return real
  })
}

/** Compared after following links, so that a link cannot lead out. A path that does not exist is judged as written. */
function within(allowed: readonly string[], path: string): boolean {
  const real = realOf(path) ?? resolve(path)
  return allowed.some((each) => real === each || real.startsWith(each.endsWith(sep) ? each : each + sep))
}

function realOf(path: string): string | null {
  try {
    return realpathSync(path)
  } catch {
    return null
  }
}
