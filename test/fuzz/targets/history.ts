/** Records of a schema history, damaged as bytes or as documents, and what becomes of them in a recovery. */
import { readFileSync } from 'node:fs'
import { mysqlDialect } from '../../../connectors/mysql-cdc/ddl/index.ts'
import { HistoryRecovery, readHistoryRecord } from '../../../connectors/mysql-cdc/history/index.ts'
import type { Random } from '../../support/ddl/random.ts'
import { damaged, type FuzzTarget } from '../target.ts'

let read: readonly string[] | null = null
function records(): readonly string[] {
  const file = new URL('../../golden/ddl/recorded-history.jsonl', import.meta.url)
  read ??= readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as string)
  return read
}

type Json = null | boolean | number | string | Json[] | { [name: string]: Json }
const strange: readonly Json[] = [
  null,
  true,
  0,
  -1,
  1e300,
  '',
  'x',
  '"',
  [],
  {},
  [null],
  [1],
  { type: 'ALTER' },
]

/** The document with one of its values replaced, removed or doubled. */
function changed(json: Json, numbers: Random): Json {
  if (typeof json !== 'object' || json === null || numbers.chance(12)) return numbers.pick(strange)
  if (Array.isArray(json)) {
    if (json.length === 0) return numbers.pick(strange)
    const at = numbers.below(json.length)
    if (numbers.chance(15)) return json.toSpliced(at, 1)
    return json.with(at, changed(json[at] as Json, numbers))
  }
  const name = numbers.pick(Object.keys(json))
  if (name === undefined) return numbers.pick(strange)
  const { [name]: value = null, ...rest } = json
  return numbers.chance(20) ? rest : { ...json, [name]: changed(value, numbers) }
}

export const history: FuzzTarget = {
  name: 'history',
  input(numbers) {
    const text = numbers.pick(records())
    if (numbers.chance(40)) return damaged(Buffer.from(text), numbers)
    return Buffer.from(JSON.stringify(changed(JSON.parse(text) as Json, numbers)))
  },
  read(input) {
    const options = { server: 'mysql_schema_history', dialect: mysqlDialect, until: null, foldsCase: false }
    for (const prefersDdl of [false, true]) {
      const rest = { prefersDdl, filter: () => false, skipUnparseable: null }
      const recovery = new HistoryRecovery({ ...options, ...rest })
      recovery.apply(readHistoryRecord(input.toString()))
      for (const { columns } of recovery.finish().tables())
        for (const { typeName, name } of columns) `${typeName}${name}`.toUpperCase()
    }
  },
}
