/**
 * Compares what a case gave with what was recorded. Positions, times and ids that two correct runs differ in are
 * masked; so are the places of `better.json`, where ours must be one of the right texts. All else must be equal, byte
 * for byte.
 */
import { type Better, betterIn } from './better.ts'
import { compact, parse } from './exact-json.ts'
import { maskedJson } from './masked-json.ts'
import type { Answer, RecordedCase, Shown } from './recorded-case.ts'
import { hideOurOwn } from './rest-corpus.ts'

export interface Played {
  readonly records: readonly Shown[]
  readonly answers: readonly Answer[]
}

/** One text for each difference; empty where all is equal. */
export function differences(recorded: RecordedCase, played: Played): readonly string[] {
  const { expected } = recorded
  const answers = expected.answers.flatMap((wanted, index) => {
    const got = played.answers[index]
    if (got !== undefined && sameAnswer(recorded, index, wanted, got)) return []
    return [`answer ${index}: ${JSON.stringify(got)} instead of ${JSON.stringify(wanted)}`]
  })
  return [...recordDifferences(recorded, played.records), ...answers]
}

function recordDifferences(recorded: RecordedCase, played: readonly Shown[]): readonly string[] {
  const [mask, meant] = [masks(recorded), betterIn(recorded.name)]
  const wanted = byPartition(recorded.expected.records, (record, place) => mask(record, place, false))
  const got = byPartition(played, (record, place) => mask(record, place, true))
  const others = [...new Set([...wanted.keys(), ...got.keys()])].sort().flatMap((place) => {
    const theirs = (wanted.get(place) ?? []).filter((_, index) => !isMissing(meant, place, index))
    const ours = (got.get(place) ?? []).filter(
      (text, index) => !isMeant(meant, `more.${place}.${index}`, text),
    )
    const count = Math.max(theirs.length, ours.length)
    return Array.from({ length: count }, (_, index) => index).flatMap((index) =>
      theirs[index] === ours[index]
        ? []
        : [
            `${place} record ${index}: ${around(ours[index], theirs[index])} instead of ${around(theirs[index], ours[index])}`,
          ],
    )
  })
  return [...others, ...lacking(meant, got)]
}

const isMissing = (meant: readonly Better[], place: string, index: number): boolean =>
  isMeant(meant, `records.${place}.${index}`, 'null')

/** The records of ours that were not recorded and are not there either. */
function lacking(meant: readonly Better[], got: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const texts = [...got].flatMap(([place, all]) =>
    all.map((text, index) => [`more.${place}.${index}`, text] as const),
  )
  return meant
    .filter(({ path }) => path.source.startsWith('^more'))
    .filter(({ path, is }) => !texts.some(([place, text]) => path.test(place) && is.has(text)))
    .map(({ path }) => `no record is the one meant by ${path.source}`)
}

/** How many of the recorded records we do not write. */
export function meantMissing({ name, expected }: RecordedCase): number {
  const meant = betterIn(name)
  const places = byPartition(expected.records, () => '')
  return [...places].flatMap(([place, records]) =>
    records.filter((_, index) => isMissing(meant, place, index)),
  ).length
}

function byPartition(
  records: readonly Shown[],
  text: (record: Shown, place: string) => string,
): Map<string, string[]> {
  const partitions = new Map<string, string[]>()
  for (const record of records) {
    const place = `${record.topic}-${record.partition}`
    const before = partitions.get(place) ?? []
    partitions.set(place, [...before, text(record, `records.${place}.${before.length}`)])
  }
  return partitions
}

/** The part of a text where another one begins to differ; all of it where there is no other. */
function around(text: string | undefined, other: string | undefined): string {
  if (text === undefined) return '(no record)'
  if (other === undefined) return text
  let same = 0
  while (text[same] === other?.[same] && same < text.length) same++
  const from = Math.max(0, same - 100)
  return `${from > 0 ? '…' : ''}${text.slice(from, same + 240)}`
}

type Mask = (record: Shown, place: string, ours: boolean) => string

function masks(recorded: RecordedCase): Mask {
  const always = (recorded.mask ?? []).map((path) => new RegExp(path))
  const meant = betterIn(recorded.name)
  const headers = [
    /^__debezium\.context\.runId$/,
    ...(recorded.maskHeaders ?? []).map((name) => new RegExp(name)),
  ]
  const hide = (text: string | null, place: string, ours: boolean): string | null =>
    text === null
      ? null
      : maskedJson(text, (path, value) => {
          if (value !== 'null' && ofTheRun(path)) return true
          const dotted = path.join('.')
          const right = ours ? value : null
          return (
            always.some((each) => each.test(dotted)) ||
            isMeant(meant, dotted, right) ||
            isMeant(meant, `${place}.${dotted}`, right)
          )
        })
  return (record, place, ours) =>
    JSON.stringify({
      ...record,
      key: hide(record.key, place, ours),
      value: hide(record.value, place, ours),
      headers: record.headers.map(([name, value]) =>
        headers.some((each) => each.test(name)) ? [name, '*'] : [name, value],
      ),
    })
}

/** null: any value may stand there. */
function isMeant(meant: readonly Better[], path: string, value: string | null): boolean {
  return meant.some((each) => each.path.test(path) && (value === null || each.is.has(value)))
}

/** When and by which release it was read, and where it stood in the log of that server. */
function ofTheRun(path: readonly string[]): boolean {
  const [first = '', second = '', ...deeper] = path[0] === 'payload' ? path.slice(1) : path
  if (second === '') return /^ts_(ms|us|ns)$/.test(first)
  if (deeper.length > 0) return false
  return first === 'source'
    ? /^(version|ts_ms|ts_us|ts_ns|file|pos|gtid|server_id|thread|lsn|txId|xmin|sequence)$/.test(second)
    : first === 'transaction' && second === 'id'
}

/** Of an error of SQL the first line counts, of a validation all but what each project says of its own plugins. */
function comparable(answer: Answer, member: string): string | undefined {
  const value = answer[member]
  if (member !== 'text' || typeof value !== 'string') return JSON.stringify(value)
  if (value.startsWith('ERROR')) return JSON.stringify(value.split('\n', 1)[0])
  if (!String(answer['http']).endsWith('/config/validate')) return JSON.stringify(value)
  const json = parse(value)
  hideOurOwn(json)
  return compact(json)
}

export function sameAnswer(recorded: RecordedCase, index: number, wanted: Answer, got: Answer): boolean {
  const meant = betterIn(recorded.name)
  const hide = (member: string, text: string | undefined, ours: boolean): string =>
    maskedJson(text ?? '', (path, value) =>
      isMeant(meant, ['asked', index, member, ...path].join('.'), ours ? value : null),
    )
  return [...new Set([...Object.keys(wanted), ...Object.keys(got)])]
    .filter((member) => member !== '_info')
    .every((member) => {
      const [theirs, ours] = [comparable(wanted, member), comparable(got, member)]
      return theirs === ours || hide(member, theirs, false) === hide(member, ours, true)
    })
}
