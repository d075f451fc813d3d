/**
 * Log levels as `/admin/loggers` shows and sets them: by names as log4j has them, prefixes being plain text. A level
 * set here reaches this thread's loggers and, through the runner, those of the tasks.
 */
import { levelOf, loggerNames, setLevel } from '#observe'
import { HerderError, type LoggerLevel } from './herder.ts'

/** log4j's levels and what they are here. */
const levels: Readonly<Record<string, string>> = {
  OFF: 'silent',
  FATAL: 'fatal',
  ERROR: 'error',
  WARN: 'warn',
  INFO: 'info',
  DEBUG: 'debug',
  TRACE: 'trace',
  ALL: 'trace',
}

export interface Loggers {
  list(): Readonly<Record<string, LoggerLevel>>
  get(name: string): LoggerLevel
  /** The loggers whose level changed, sorted. */
  set(name: string, level: string): readonly string[]
}

/** Checks a level as typed; the answer is its name in capitals. */
export function levelNamed(level: string): string {
  if (level === '') throw new HerderError(500, 'Illegal null or empty Level name.')
  const name = level.trim().toUpperCase()
  if (levels[name] === undefined) throw new HerderError(404, `invalid log level '${level}'.`)
  return name
}

/** `reach` carries a level to the tasks. */
export function loggersOf(reach: (logger: string, level: string) => void): Loggers {
  const set = new Map<string, LoggerLevel>()
  const known = () => {
    const inherited = (name: string) => ({ level: shown(levelOf(name)), last_modified: null })
    const names = ['root', ...loggerNames(), ...set.keys()]
    return new Map<string, LoggerLevel>(names.map((name) => [name, set.get(name) ?? inherited(name)]))
  }
  return {
    list: () => Object.fromEntries([...known()].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))),
    get(name) {
      const found = known().get(canonical(name))
      if (found === undefined) throw new HerderError(404, `Logger ${name} not found.`)
      return found
    },
    set(given, level) {
      const name = canonical(given)
      const wanted = levelNamed(level)
      const before = known()
      const affected = [...before.keys()].filter((each) => name === 'root' || each.startsWith(name))
      if (!before.has(name)) affected.push(name)
      const changed = affected.filter((each) => before.get(each)?.level !== wanted).sort()
      const stamped = { level: wanted, last_modified: Date.now() }
      for (const each of changed) set.set(each, stamped)
      const ours = levels[wanted] ?? 'info'
      setLevel(name, ours)
      reach(name, ours)
      return changed
    },
  }
}

/** A level of ours by log4j's name. */
function shown(level: string): string {
  return Object.keys(levels).find((name) => levels[name] === level) ?? 'INFO'
}

function canonical(name: string): string {
  return name.toLowerCase() === 'root' ? 'root' : name
}
