/**
 * A recorded case (`test/golden/<kind>/<name>`): a configuration, the steps that were played on a real Kafka Connect,
 * and what came of them, record by record and answer by answer. Large files are kept as `<name>.gz`.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'

export type Engine = 'postgres' | 'mysql' | 'mariadb'

/** One thing that is done or asked; which one, the name of its first member says. */
export interface Step {
  /** A script, or statements: run on `database` of `engine`, else on the case's own. */
  readonly sql?: string
  readonly exec?: string
  readonly query?: string
  readonly database?: string
  readonly engine?: Engine
  /** Properties over those of the case: the connector is made, or changed. */
  readonly start?: Readonly<Record<string, string>>
  /** The end of a further connector's name. */
  readonly name?: string
  readonly mayFail?: boolean
  /** At least so many records are there, and nothing is on its way. */
  readonly quiet?: number
  readonly consumed?: true | readonly string[]
  readonly state?: string
  readonly offsets?: true
  readonly http?: { readonly method: string; readonly path: string; readonly body?: unknown }
  /** The answer counts. */
  readonly compare?: boolean
  readonly delete?: true
  readonly file?: FileStep
  readonly cat?: string
  readonly produce?: string
  readonly topics?: readonly {
    readonly topic: string
    readonly partitions?: number
    readonly config?: Readonly<Record<string, string>>
  }[]
  /** Time that the recording took for something to happen: here, steps wait for what has to happen. */
  readonly sleep?: number
}

interface FileStep {
  readonly path: string
  readonly text?: string
  readonly from?: string
  readonly append?: boolean
  readonly truncate?: number
  readonly remove?: boolean
}

export interface Shown {
  readonly topic: string
  readonly partition: number
  readonly timestamp?: string
  readonly key: string | null
  readonly value: string | null
  readonly headers: readonly (readonly [string, string | null])[]
}

/** What a step asked and what it was told, member by member; `_info` is for the reader only. */
export type Answer = Readonly<Record<string, unknown>>

interface CaseFile {
  readonly engine?: Engine
  /** A database of the case's own. */
  readonly own?: Engine
  readonly database?: string
  /** A sink: its records are what goes in, so only answers count (and the topics that `dump` names). */
  readonly sink?: boolean
  readonly dump?: string
  /** No database stands behind the connector. */
  readonly plain?: boolean
  readonly config?: Readonly<Record<string, string>>
  readonly topics?: string
  readonly mask?: readonly string[]
  readonly maskHeaders?: readonly string[]
  readonly maskText?: readonly string[]
  readonly binary?: boolean
  readonly timestamps?: boolean
  readonly steps?: readonly Step[]
}

export interface RecordedCase extends CaseFile {
  /** `jdbcsink-debezium-life-postgres`: folder and name. */
  readonly name: string
  readonly prefix: string
  readonly steps: readonly Step[]
  /** Whether a topic is this case's, and not one of a case whose name begins with this one's. */
  owns(topic: string): boolean
  readonly expected: { readonly records: readonly Shown[]; readonly answers: readonly Answer[] }
  /** The text of a file of the case. */
  text(file: string): string
}

const prefixOf = (name: string): string => name.replaceAll('-', '_')
const golden = new URL('../golden/', import.meta.url)
const wholeLife: readonly Step[] = [
  { sql: 'setup.sql' },
  { start: {} },
  { quiet: 0 },
  { sql: 'stream.sql' },
  { quiet: 1 },
]

export function caseNames(kind: string): readonly string[] {
  return readdirSync(new URL(`${kind}/`, golden)).map((name) => `${kind}-${name}`)
}

export function recordedCase(name: string): RecordedCase {
  const folder = new URL(`${name.replace('-', '/')}/`, golden)
  const text = (file: string): string => {
    const packed = new URL(`${file}.gz`, folder)
    return existsSync(packed)
      ? gunzipSync(readFileSync(packed)).toString('utf8')
      : readFileSync(new URL(file, folder), 'utf8')
  }
  const recorded = JSON.parse(text('case.json')) as CaseFile
  const lines = text('expected.jsonl').trim().split('\n')
  const expected = lines.map((line) => JSON.parse(line) as Shown & { readonly asked?: Answer })
  const engine = recorded.engine ?? recorded.own
  return {
    ...recorded,
    ...(engine === undefined ? {} : { engine }),
    name,
    prefix: prefixOf(name),
    owns: ownership(name, recorded.topics),
    steps: recorded.steps ?? wholeLife,
    expected: {
      records: expected.filter(({ asked }) => asked === undefined),
      answers: expected.flatMap(({ asked }) => (asked === undefined ? [] : [asked])),
    },
    text,
  }
}

function ownership(
  name: string,
  topics = '^({{prefix}}(\\..*)?|__debezium-heartbeat\\.{{prefix}})$',
): (topic: string) => boolean {
  const pattern = new RegExp(fill(topics, { prefix: prefixOf(name) }))
  const others = caseNames(name.split('-', 1)[0] ?? '')
    .filter((each) => each !== name && each.startsWith(name))
    .map(prefixOf)
  return (topic) => pattern.test(topic) && !others.some((other) => topic.startsWith(other))
}

/** Fills in `{{name}}`, in keys too; names that are not known stay. */
export function fill<T>(value: T, variables: Readonly<Record<string, string>>): T {
  const filled = (part: unknown): unknown => {
    if (typeof part === 'string')
      return part.replace(/\{\{(\w+)\}\}/g, (whole, name: string) => variables[name] ?? whole)
    if (Array.isArray(part)) return part.map(filled)
    if (typeof part !== 'object' || part === null) return part
    return Object.fromEntries(Object.entries(part).map(([key, each]) => [filled(key), filled(each)]))
  }
  return filled(value) as T
}
