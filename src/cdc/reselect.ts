/**
 * ReselectColumnsPostProcessor: what a change does not carry (unchanged TOAST, a partial row image), or is NULL in it,
 * is read from the table by the row's key, as it is by then. Columns are named `schema.table:column` or
 * `database.table:column`. Rows of snapshots, deletes and rows without a key stay as they are.
 */
import { datum, type SourceRecord, Struct } from '#data'
import { ConnectError, messageOf } from '#errors'
import type { Logger } from '#observe'
import { boolean, type ConfigProblem, enumeration, parseConfig, type RawConfig, string } from '#plugin'
import { NO_ROW, NULL_CELL, UNAVAILABLE_CELL } from './cells.ts'
import { ChangeEvent } from './change-event.ts'
import { patterns } from './config.ts'
import { type NameFilter, nameFilter } from './filter.ts'
import { namedParts, type PartClass, partProblems } from './named-parts.ts'

/** The connector's: reads rows as they are now, through the columns of their table versions. */
export interface RowFinder extends AsyncDisposable {
  /** The values of these fields of the event's row; null: no row, or more than one, has its key. */
  find(event: ChangeEvent, fields: readonly number[]): Promise<readonly unknown[] | null>
}

const withoutEffect = 'Accepted without effect: each value is read when it is needed.'
const fields = {
  'reselect.columns.include.list': patterns('The columns to read, `schema.table:column`; unset: all.'),
  'reselect.columns.exclude.list': patterns('The columns not to read.'),
  'reselect.unavailable.values': boolean({ default: true, doc: 'Reads what a change does not carry.' }),
  'reselect.null.values': boolean({ default: true, doc: 'Reads what is NULL in a change.' }),
  'reselect.use.event.key': boolean({
    default: false,
    doc: "Accepted without effect: a row is found by all columns of its record's key.",
  }),
  'reselect.error.handling.mode': enumeration({
    values: ['warn', 'fail'],
    ignoreCase: true,
    default: 'warn',
    doc: 'What a row that cannot be read does: the change stays as it is, or the task fails.',
  }),
  'reselect.cache.enabled': boolean({ default: false, doc: withoutEffect }),
  'reselect.cache.type': string({ default: null, doc: withoutEffect }),
}

const reselectColumns: PartClass = {
  classes: ['io.debezium.processors.reselect.ReselectColumnsPostProcessor'],
  fields,
  freeOptions: null,
}

export function postProcessorProblems(config: RawConfig): readonly ConfigProblem[] {
  return partProblems(config, 'post.processors', [reselectColumns])
}

/** Whether a configuration has post processors: only then is there anything to find. */
export function postProcesses(config: RawConfig): boolean {
  return namedParts(config, 'post.processors', [reselectColumns]).length > 0
}

interface Rule {
  readonly selected: NameFilter
  readonly unavailable: boolean
  readonly nulls: boolean
  readonly fails: boolean
}

function ruleOf(raw: RawConfig, name: string): Rule {
  const options = parseConfig(fields, raw)
  return {
    selected: nameFilter({
      includeProperty: `${name}.reselect.columns.include.list`,
      include: options['reselect.columns.include.list'],
      excludeProperty: `${name}.reselect.columns.exclude.list`,
      exclude: options['reselect.columns.exclude.list'],
    }),
    unavailable: options['reselect.unavailable.values'],
    nulls: options['reselect.null.values'],
    fails: options['reselect.error.handling.mode'] === 'fail',
  }
}

/** The stage between a connector's log and its poll. */
export class PostProcessing implements AsyncDisposable {
  readonly #rules: readonly Rule[]
  readonly #finder: RowFinder
  readonly #log: Logger

  constructor(config: RawConfig, finder: RowFinder, log: Logger) {
    this.#rules = namedParts(config, 'post.processors', [reselectColumns]).map(({ name, options }) =>
      ruleOf(options, name),
    )
    this.#finder = finder
    this.#log = log
  }

  /** Replaces, in place, the records whose rows are read again. */
  async apply(records: SourceRecord[]): Promise<void> {
    for (const [i, record] of records.entries())
      for (const rule of this.#rules) {
        const { value } = record
        if (!(value instanceof ChangeEvent)) break
        const missing = missingFields(value, rule)
        const found = missing.length === 0 ? null : await this.#find(value, missing, rule)
        if (found === null) continue
        records[i] = { ...record, value: datum(value.schema, completed(value, missing, found)) }
        break
      }
  }

  async #find(
    event: ChangeEvent,
    missing: readonly number[],
    rule: Rule,
  ): Promise<readonly unknown[] | null> {
    const table = `${event.table.schemaName}.${event.table.table}`
    let cause: unknown
    try {
      const found = await this.#finder.find(event, missing)
      if (found !== null) return found
    } catch (error) {
      cause = error
    }
    const reason = cause === undefined ? 'no one row has its key by now' : messageOf(cause)
    if (rule.fails)
      throw new ConnectError(`A row of ${table} could not be read again: ${reason}.`, {
        ...(cause === undefined ? {} : { cause }),
        remedy: 'With reselect.error.handling.mode=warn its change goes on as it is.',
      })
    this.#log.warn({ table, reason }, 'a row could not be read again: its change stays as it is')
    return null
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#finder[Symbol.asyncDispose]()
  }
}

/** The fields of the new row that are to be read. */
function missingFields(event: ChangeEvent, rule: Rule): readonly number[] {
  const { table, operation, chunk, after, full } = event
  if (operation === 'r' || after === NO_ROW || table.key === null) return []
  const { cells } = chunk
  return table.row.columns.flatMap((column, field) => {
    const at = column.cell * 2
    let kind = cells[after + at] as number
    if (kind >= 0) return []
    if (kind === UNAVAILABLE_CELL && full !== NO_ROW) kind = cells[full + at] as number
    const wanted = (kind === UNAVAILABLE_CELL && rule.unavailable) || (kind === NULL_CELL && rule.nulls)
    const path = `${table.schemaName}.${table.table}:${column.sourceName ?? column.name}`
    return wanted && rule.selected(path) ? [field] : []
  })
}

function completed(event: ChangeEvent, missing: readonly number[], found: readonly unknown[]): Struct {
  const envelope = event.value() as Struct
  const after = envelope.get('after')
  if (after instanceof Struct)
    for (const [i, field] of missing.entries()) after.values[field] = found[i] ?? after.values[field]
  return envelope
}
