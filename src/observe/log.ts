/**
 * Logs: pino, one logger per name, each line with its connector and task. Levels are set by logger name, as
 * `PUT /admin/loggers` does, and can change while tasks run. Values of records are never logged (invariant 7).
 */
import { type Logger as Pino, pino } from 'pino'

export type Logger = Pick<Pino, 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal'>

/** One JSON object a line, readable by people too: times as text, levels by name. */
const root: Pino = pino(
  {
    level: process.env['ROWTAP_LOG_LEVEL'] ?? 'info',
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label.toUpperCase() }) },
  },
  pino.destination(1),
)
const byName = new Map<string, Pino[]>()
const levels = new Map<string, string>()

/** The logger of that name; `bindings` (connector, task) stand on each of its lines. */
export function logger(name: string, bindings: Readonly<Record<string, string | number>> = {}): Logger {
  const made = root.child({ logger: name, ...bindings })
  made.level = levelOf(name)
  byName.set(name, [...(byName.get(name) ?? []), made])
  return made
}

/** Sets the level of every logger whose name begins with `prefix`; `root` means all. Unknown levels are not checked here. */
export function setLevel(prefix: string, level: string): void {
  if (prefix === 'root') {
    root.level = level
    levels.clear()
  } else levels.set(prefix, level)
  for (const [name, loggers] of byName)
    if (prefix === 'root' || name.startsWith(prefix)) for (const each of loggers) each.level = level
}

/** Level in force for a name: its own, that of the longest prefix set, else the root's. */
export function levelOf(name: string): string {
  let best = ''
  for (const prefix of levels.keys())
    if (name.startsWith(prefix) && prefix.length > best.length) best = prefix
  return levels.get(best) ?? root.level
}

/** Names of the loggers that exist in this thread. */
export function loggerNames(): readonly string[] {
  return [...byName.keys()]
}

/** Forgets a logger made with `logger`: call it where the thing that logs ends. */
export function release(made: Logger): void {
  for (const [name, loggers] of byName) {
    const kept = loggers.filter((each) => each !== made)
    if (kept.length === 0) byName.delete(name)
    else byName.set(name, kept)
  }
}
