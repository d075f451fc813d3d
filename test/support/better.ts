/**
 * Where the recorded system loses or corrupts something and we do not: `test/compat/better.json` names the case, the
 * dotted path, and the exact JSON texts that are right there. A path begins within the key or value of every record, or
 * with `records.<topic>-<partition>.<n>.` within those of one, or is `asked.<n>.<member>` for the n-th answer of the
 * case, from 0. `records.<topic>-<partition>.<n>` is a recorded record that we do not write (`null`),
 * `^more.<topic>-<partition>.<n>` one of ours that was not recorded and must be there, as a failure shows it.
 */
import { readFileSync } from 'node:fs'

export interface Better {
  readonly path: RegExp
  readonly is: ReadonlySet<string>
}

interface Entry {
  /** Regular expressions. */
  readonly case: string
  readonly path: string
  readonly is: readonly string[]
  readonly why: string
}

const all = JSON.parse(readFileSync(new URL('../compat/better.json', import.meta.url), 'utf8')) as Entry[]

/** What is meant to differ in a case. */
export function betterIn(name: string): readonly Better[] {
  return all
    .filter((entry) => new RegExp(entry.case).test(name))
    .map(({ path, is }) => ({ path: new RegExp(path), is: new Set(is) }))
}
