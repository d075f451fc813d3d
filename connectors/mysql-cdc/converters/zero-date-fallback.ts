/**
 * ZeroDateFallbackConverter: DATE, DATETIME and TIMESTAMP show a value of one's choice in place of zero dates and of
 * NULL (as Debezium's does), or null, and then the column may be null.
 */
import { cellValue, type ColumnType, patterns } from '#cdc'
import { ConfigError, DataError } from '#errors'
import { parseConfig, type RawConfig, string } from '#plugin'
import { canonicalType, type DeclaredColumn } from '../column-types/declared-column.ts'
import type { MysqlConverterClass } from './index.ts'
import { retyped, selector } from './retyped.ts'

const types = ['DATE', 'DATETIME', 'TIMESTAMP'] as const
const fallback = (form: string) =>
  string({ default: null, doc: `What stands for a zero date: ${form}; NULL or unset: null.` })

const fields = {
  'target.types': string({ default: 'DATE,DATETIME,TIMESTAMP', doc: 'The types of the columns.' }),
  'fallback.date': fallback('`yyyy-MM-dd`'),
  'fallback.datetime': fallback('`yyyy-MM-dd HH:mm:ss`'),
  'fallback.timestamp': fallback('`yyyy-MM-ddTHH:mm:ssZ`'),
  selector: patterns('The columns; unset: all.'),
}

const forms: Readonly<Record<string, RegExp>> = {
  DATE: /^\d{4}-\d\d-\d\d$/,
  DATETIME: /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,6})?$/,
  TIMESTAMP: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z$/,
}
const zeroDefault = /^(0+|\d{4}-00-\d\d.*|\d{4}-\d\d-00.*)$/

/** The text of a fallback in the form that the type's own reader takes; null: there is none. */
function fallbackText(property: string, type: string, given: string | null): string | null {
  const text = given?.trim() ?? ''
  if (text === '' || text.toUpperCase() === 'NULL') return null
  if (forms[type]?.test(text)) return text.replace('T', ' ').replace('Z', '')
  throw new ConfigError(
    `Invalid value ${text} for configuration ${property}: it is no ${type} of the form asked for.`,
  )
}

/** For one column `column.<database>.<table>.<column>.fallback` counts. */
function fallbacks(options: RawConfig, name: string): (type: string, path: string) => string | null {
  const own = Object.keys(options).filter((option) => ownOption.test(option))
  const config = parseConfig(fields, options)
  const byType = new Map(
    types.map((type) => {
      const option = `fallback.${type.toLowerCase()}` as `fallback.${Lowercase<typeof type>}`
      return [type as string, fallbackText(`${name}.${option}`, type, config[option])]
    }),
  )
  return (type, path) => {
    const option = own.find((each) => each === `column.${path}.fallback`)
    if (option === undefined) return byType.get(type) ?? null
    return fallbackText(`${name}.${option}`, type, options[option] ?? null)
  }
}

const ownOption = /^column\..+\.fallback$/

function valueOfText(property: string, type: ColumnType, text: string): unknown {
  const bytes = Buffer.from(text)
  try {
    return cellValue(type, bytes, 0, bytes.length)
  } catch (error) {
    if (error instanceof DataError)
      throw new ConfigError(`Invalid value ${text} for configuration ${property}.`)
    throw error
  }
}

function hasZeroDefault({ default: literal }: DeclaredColumn): boolean {
  return (literal?.kind === 'text' || literal?.kind === 'number') && zeroDefault.test(literal.text)
}

export const zeroDateFallback: MysqlConverterClass = {
  classes: ['io.debezium.connector.binlog.converters.ZeroDateFallbackConverter'],
  fields,
  freeOptions: ownOption,
  create(options, name) {
    const selected = selector(options, name, 'selector', true)
    const targets = parseConfig(fields, options)
      ['target.types'].split(',')
      .map((each) => each.trim().toUpperCase())
    const fallbackOf = fallbacks(options, name)
    return (path, column, make) => {
      const { type } = canonicalType(column.declaredType)
      if (!targets.includes(type) || forms[type] === undefined || !selected(path)) return null
      // A column that may be null tells zero dates from the epoch.
      const base = make({ ...column, optional: true })
      const text = fallbackOf(type, path)
      const same = (value: unknown) => value
      if (text === null) return base
      const stand = valueOfText(`${name}.fallback.${type.toLowerCase()}`, base.text, text)
      const { schema } = make(column).text
      const announced = hasZeroDefault(column) && !column.optional ? schema.with({ default: stand }) : schema
      return retyped(base, announced, same, stand)
    }
  },
}
