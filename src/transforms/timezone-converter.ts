/**
 * Debezium's `TimezoneConverter`: times of change events and rows in another time zone. Texts with a zone are written
 * with the new one; dates and times of day together without a zone, which count as UTC, become the instant at which a
 * clock in the zone shows them; dates, and times of day without a zone, stay. Grammar of an entry of `include.list` and `exclude.list`:
 *
 *   entry := ('source:' table | 'topic:' topic | name) (':' field)?       (name: of a table or a topic)
 */
import { type ConnectRecord, datum, Struct } from '#data'
import { ConfigError, DataError } from '#errors'
import { type Config, list, nonEmpty, parseConfig, string, type TransformPlugin, version } from '#plugin'
import { changeEvent, structIn } from './change-event.ts'
import { unitsPerMs, zonedTimestamp } from './temporal.ts'
import { offsetText, zoneOffset, type ZoneOffset } from './zone-offset.ts'

const syntax = 'as source:TABLE, topic:TOPIC or NAME, which is either; each with :FIELD for one field only.'

const fields = {
  'converted.timezone': string({
    doc: 'The time zone: an offset (+05:30), or the name of a region (Asia/Kolkata).',
    validate: nonEmpty,
    importance: 'HIGH',
  }),
  'include.list': list({ default: [], doc: `What is converted, ${syntax} Empty: everything.` }),
  'exclude.list': list({ default: [], doc: `What is not converted, ${syntax}` }),
}

export const timezoneConverter: TransformPlugin = {
  kind: 'transformation',
  javaClass: 'io.debezium.transforms.TimezoneConverter',
  aliases: [],
  version,
  config: fields,
  create(raw) {
    const config = parseConfig(fields, raw)
    const offset = zoneOffset(config['converted.timezone'])
    const choose = choice(config)
    return <R extends ConnectRecord>(record: R): R => {
      const event = changeEvent(record)
      if (event !== null)
        return { ...record, value: converted(event, choose(tableOf(event), record.topic), offset) }
      const row = record.value.value()
      if (!(row instanceof Struct)) return record
      const wanted = choose(null, record.topic)
      return wanted === null ? record : { ...record, value: datum(row.schema, moved(row, wanted, offset)) }
    }
  },
}

type Wanted = ((field: string) => boolean) | null

function tableOf(event: Struct): string | null {
  const source = structIn(event, 'source')
  return source === null ? null : (source.raw('table') as string | null)
}

interface Entry {
  readonly of: 'source' | 'topic' | 'either'
  readonly name: string
  readonly field: string | null
}

/** Which fields of a row are converted; null: none. */
function choice(config: Config<typeof fields>): (table: string | null, topic: string) => Wanted {
  const { 'include.list': included, 'exclude.list': excluded } = config
  if (included.length > 0 && excluded.length > 0)
    throw new ConfigError('Set include.list or exclude.list, not both')
  const entries = [...included, ...excluded].map(parsed)
  if (entries.length === 0) return () => () => true
  const including = included.length > 0
  return (table, topic) => {
    const mine = entries.filter(
      ({ of, name }) => (of !== 'topic' && name === table) || (of !== 'source' && name === topic),
    )
    if (mine.length === 0) return including ? null : () => true
    const names = mine.flatMap(({ field }) => field ?? [])
    const whole = names.length < mine.length
    if (whole) return including ? () => true : null
    return (field) => names.includes(field) === including
  }
}

function parsed(text: string): Entry {
  const parts = text.trim().split(':')
  const of = parts.length > 1 && (parts[0] === 'source' || parts[0] === 'topic') ? parts[0] : 'either'
  const [name = '', field = null, ...rest] = of === 'either' ? parts : parts.slice(1)
  if (name !== '' && field !== '' && rest.length === 0) return { of, name, field }
  throw new ConfigError(`Invalid value ${text}: write it ${syntax}`)
}

function converted(event: Struct, wanted: Wanted, offset: ZoneOffset) {
  if (wanted === null) return datum(event.schema, event)
  const values = event.values.map((value, index) => {
    const name = event.schema.fields[index]?.name
    const isRow = (name === 'before' || name === 'after') && value instanceof Struct
    return isRow ? moved(value, wanted, offset) : value
  })
  return datum(event.schema, new Struct(event.schema, values))
}

function moved(row: Struct, wanted: (field: string) => boolean, offset: ZoneOffset): Struct {
  const values = row.schema.fields.map(({ name, schema, index }) => {
    const value = row.values[index] ?? null
    return value === null || schema.name === null || !wanted(name)
      ? value
      : inZone(schema.name, value, offset)
  })
  return new Struct(row.schema, values)
}

function inZone(schema: string, value: unknown, offset: ZoneOffset): unknown {
  const units = unitsPerMs[schema]
  if (units !== undefined && typeof value === 'bigint') {
    const local = Number(value / units)
    return value - BigInt(offset(local - offset(local) * 1000)) * 1000n * units
  }
  if (typeof value !== 'string') return value
  if (schema === zonedTimestamp) return zoned(value, offset)
  return schema === 'io.debezium.time.ZonedTime' ? zonedTime(value, offset(Date.now())) : value
}

const form = /^(?:(.*)T)?(\d\d):(\d\d)(?::(\d\d)(\.\d+)?)?(Z|[-+]\d\d:?\d\d(?::?\d\d)?)$/

/** `infinity` and what else is no point in time stays as it is. */
function zoned(text: string, offset: ZoneOffset): string {
  const [, date, hours, minutes, seconds = '00', fraction = '', zone = 'Z'] = form.exec(text) ?? []
  if (date === undefined) return text
  const local = Date.parse(`${extended(date)}T${hours}:${minutes}:${seconds}Z`)
  if (Number.isNaN(local)) throw new DataError(`A field of the type ${zonedTimestamp} holds no point in time`)
  const instant = local - zoneOffset(zone)(0) * 1000
  const to = offset(instant)
  const [day = '', clock = ''] = new Date(instant + to * 1000).toISOString().split('T')
  return `${day.replace(/^\+0*(?=\d{5})/, '+')}T${clock.slice(0, 8)}${shortest(fraction)}${offsetText(to)}`
}

/** Years of other than four digits, as ECMAScript reads them. */
function extended(date: string): string {
  const [, sign = '', year = '', rest = ''] = /^([-+]?)(\d+)(-\d\d-\d\d)$/.exec(date) ?? []
  return sign === '' && year.length === 4 ? date : `${sign || '+'}${year.padStart(6, '0')}${rest}`
}

function zonedTime(text: string, to: number): string {
  const [, , hours = '', minutes, seconds = '00', fraction = '', zone = 'Z'] = form.exec(text) ?? []
  if (hours === '') return text
  const local = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)
  const second = (((local - zoneOffset(zone)(0) + to) % 86_400) + 86_400) % 86_400
  const clock = new Date(second * 1000).toISOString().slice(11, 19)
  return clock + shortest(fraction) + offsetText(to)
}

/** A fraction of nothing but zeros goes, other zeros at the end too. */
function shortest(fraction: string): string {
  return fraction.replace(/\.?0+$/, '')
}
