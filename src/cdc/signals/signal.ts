/**
 * What an operator asks of a running connector. A signal has an id, a type and data, a JSON object:
 *
 *   execute-snapshot   {"type": "incremental" | "blocking", "data-collections": [regex, …],
 *                       "additional-conditions": [{"data-collection": regex, "filter": sql}, …], "surrogate-key": column}
 *   stop-snapshot      {"type": "incremental", "data-collections": [regex, …]}     none listed: all
 *   pause-snapshot, resume-snapshot, log {"message": text}, and what a connector adds
 *
 * What cannot be understood is a SignalProblem: it is logged with the signal's id and never ends the task.
 */
import { messageOf } from '#errors'
import { javaRegex } from '#plugin'

export type SignalChannelName = 'source' | 'kafka' | 'file'
export type SignalData = Readonly<Record<string, unknown>>

export interface Signal {
  readonly id: string
  readonly type: string
  readonly data: SignalData
  readonly channel: SignalChannelName
}

/** A signal that cannot be followed, and why. */
export class SignalProblem extends Error {
  override readonly name = 'SignalProblem'
}

/** The object in a signal's data; an absent or empty text is an empty object. */
export function signalData(text: string | null): SignalData {
  return text === null || text.trim() === '' ? {} : jsonObject(text, 'data')
}

/** A whole signal as one JSON object, as files and topics carry it. */
export function parseSignal(text: string, channel: SignalChannelName, fallbackId: string): Signal {
  const { id, type, data } = jsonObject(text, 'signal')
  if (typeof type !== 'string') throw new SignalProblem('it has no type')
  const given =
    data === undefined || data === null || typeof data === 'string' ? signalData(data ?? null) : data
  if (!isObject(given)) throw new SignalProblem('its data is no JSON object')
  return { id: typeof id === 'string' ? id : fallbackId, type, data: given, channel }
}

export interface SnapshotCondition {
  readonly table: RegExp
  readonly filter: string
}

export interface SnapshotRequest {
  /** The id of the signal. */
  readonly id: string
  readonly kind: 'incremental' | 'blocking'
  /** Expressions as they were given: one that no table matches stands for a table of that name. */
  readonly tables: readonly string[]
  /** For an incremental snapshot the filter is a predicate, for a blocking one a whole SELECT. */
  readonly conditions: readonly SnapshotCondition[]
  readonly surrogateKey: string | null
  /** As it came. */
  readonly data: SignalData
}

export function snapshotRequest({ id, data }: Signal): SnapshotRequest {
  const tables = texts(data, 'data-collections')
  if (tables.length === 0) throw new SignalProblem('it names no data-collections')
  for (const each of tables) expression(each)
  const conditions = conditionsOf(data['additional-conditions'])
  const ofAll = data['additional-condition']
  if (typeof ofAll === 'string' && ofAll.trim() !== '') conditions.push({ table: /^/, filter: ofAll })
  const surrogate = data['surrogate-key']
  const surrogateKey = typeof surrogate === 'string' && surrogate.trim() !== '' ? surrogate.trim() : null
  return { id, kind: snapshotKind(data), tables, conditions, surrogateKey, data }
}

export interface StopRequest {
  /** None: every table. */
  readonly tables: readonly RegExp[]
}

export function stopRequest({ data }: Signal): StopRequest {
  if (snapshotKind(data) === 'blocking') throw new SignalProblem('a blocking snapshot cannot be stopped')
  return { tables: texts(data, 'data-collections').map(expression) }
}

function snapshotKind(data: SignalData): 'incremental' | 'blocking' {
  const { type = 'incremental' } = data
  const kind = typeof type === 'string' ? type.toLowerCase() : ''
  if (kind === 'incremental' || kind === 'blocking') return kind
  throw new SignalProblem('its type of snapshot is neither incremental nor blocking')
}

function conditionsOf(given: unknown): SnapshotCondition[] {
  if (given === undefined || given === null) return []
  if (!Array.isArray(given)) throw new SignalProblem('additional-conditions is no list')
  return given.map((each: unknown) => {
    if (!isObject(each) || typeof each['data-collection'] !== 'string' || typeof each['filter'] !== 'string')
      throw new SignalProblem('each of the additional-conditions needs a data-collection and a filter')
    return { table: expression(each['data-collection']), filter: each['filter'] }
  })
}

/** Matches the whole name of a table, in any case. */
export function expression(text: string): RegExp {
  try {
    return javaRegex(text.trim(), { whole: true, ignoreCase: true })
  } catch (error) {
    throw new SignalProblem(`${text} is no regular expression: ${messageOf(error)}`)
  }
}

function texts(data: SignalData, name: string): readonly string[] {
  const given = data[name] ?? []
  if (!Array.isArray(given) || given.some((each) => typeof each !== 'string'))
    throw new SignalProblem(`${name} is no list of texts`)
  return (given as string[]).map((each) => each.trim()).filter((each) => each !== '')
}

function jsonObject(text: string, what: string): SignalData {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new SignalProblem(`its ${what} is no JSON`)
  }
  if (!isObject(value)) throw new SignalProblem(`its ${what} is no JSON object`)
  return value
}

function isObject(value: unknown): value is SignalData {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
