/**
 * Where Debezium loses or corrupts a value and we do not: `test/compat/better.json` names the case, the dotted path in
 * the record, and the exact texts that are right there. Expected and own records are compared without those places,
 * and what we have there must be one of the right texts.
 */
import { readFileSync } from 'node:fs'
import { compact, type Json, NumberText, parse } from './exact-json.ts'

interface Better {
  /** Regular expressions. */
  readonly case: string
  readonly path: string
  readonly is: readonly string[]
  readonly why: string
}

const all = JSON.parse(readFileSync(new URL('../compat/better.json', import.meta.url), 'utf8')) as Better[]

/** Hides the places that are meant to differ, in expected texts (`ours` false) and in our own. */
export function better(name: string): (text: string | null, ours: boolean) => string | null {
  const meant = all
    .filter((each) => new RegExp(each.case).test(name))
    .map(({ path, is }) => ({ path: new RegExp(path), is: new Set(is) }))
  if (meant.length === 0) return (text) => text
  const hidden = (json: Json, path: string, ours: boolean): Json => {
    const found = meant.filter((each) => each.path.test(path))
    if (found.some(({ is }) => !ours || is.has(compact(json)))) return '<better>'
    if (Array.isArray(json)) return json.map((each, index) => hidden(each, `${path}.${index}`, ours))
    if (typeof json !== 'object' || json === null || json instanceof NumberText) return json
    const members = Object.entries(json)
    return Object.fromEntries(
      members.map(([key, each]) => [key, hidden(each, path === '' ? key : `${path}.${key}`, ours)]),
    )
  }
  return (text, ours) => (text === null ? null : compact(hidden(parse(text), '', ours)))
}
