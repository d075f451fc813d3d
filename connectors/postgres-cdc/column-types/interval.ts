/**
 * interval in IntervalStyle postgres, by interval.handling.mode.
 *
 *   interval := (part ' ')* (part | clock) | 'infinity' | '-infinity'
 *   part     := sign? digit+ ' ' ('year' | 'mon' | 'day') 's'?
 *   clock    := sign? digit+ ':' dd ':' dd ('.' d{1,6})?
 *
 * As a number it is microseconds, a month being a twelfth of 365.25 days; more than 64 bits hold is cut to their ends.
 */
import { latin1 } from '#bytes'
import { scalar } from '#data'
import type { TypeOptions } from './options.ts'
import { misread, type ValueType } from './value-type.ts'

interface Interval {
  readonly years: number
  readonly months: number
  readonly days: number
  readonly negative: boolean
  readonly hours: number
  readonly minutes: number
  /** Within the minute. */
  readonly micros: number
}

const form =
  /^(?:([+-]?\d+) years? ?)?(?:([+-]?\d+) mons? ?)?(?:([+-]?\d+) days? ?)?(?:([+-]?)(\d+):(\d\d):(\d\d)(?:\.(\d{1,6}))?)?$/

const infinities: Readonly<Record<string, bigint>> = { infinity: 2n ** 63n - 1n, '-infinity': -(2n ** 63n) }

function parse(text: string): Interval {
  const match = form.exec(text)
  if (match === null || text === '') throw misread('an interval')
  const [, years, months, days, sign, hours, minutes, seconds, fraction = ''] = match
  return {
    years: Number(years ?? 0),
    months: Number(months ?? 0),
    days: Number(days ?? 0),
    negative: sign === '-',
    hours: Number(hours ?? 0),
    minutes: Number(minutes ?? 0),
    micros: Number(seconds ?? 0) * 1_000_000 + Number(fraction.padEnd(6, '0')),
  }
}

const monthMicros = 2_629_800_000_000n
const dayMicros = 86_400_000_000n

function totalMicros(text: string): bigint {
  const infinite = infinities[text]
  if (infinite !== undefined) return infinite
  const { years, months, days, negative, hours, minutes, micros } = parse(text)
  const clock = BigInt(hours) * 3_600_000_000n + BigInt(minutes * 60_000_000 + micros)
  const total =
    BigInt(years * 12 + months) * monthMicros + BigInt(days) * dayMicros + (negative ? -clock : clock)
  return total === BigInt.asIntN(64, total) ? total : total > 0n ? 2n ** 63n - 1n : -(2n ** 63n)
}

/** `P1Y2M3DT4H5M6.789S`: every component, each with its own sign. */
function isoText(text: string): string {
  if (infinities[text] !== undefined) return text
  const { years, months, days, negative, hours, minutes, micros } = parse(text)
  const signed = (value: number) => (negative && value !== 0 ? `-${value}` : `${value}`)
  const whole = Math.floor(micros / 1_000_000)
  const fraction = `${micros % 1_000_000}`.padStart(6, '0').replace(/0+$/, '')
  const sign = negative && micros !== 0 ? '-' : ''
  const seconds = `${sign}${whole}${fraction === '' ? '' : `.${fraction}`}`
  return `P${years}Y${months}M${days}DT${signed(hours)}H${signed(minutes)}M${seconds}S`
}

export function intervalType(options: TypeOptions): ValueType {
  const common = {
    unavailable: null,
    defaults: { computed: '00:00:00', cell: (literal: string) => literal },
  }
  if (options.intervals === 'string') {
    return {
      ...common,
      schema: scalar('string', { name: 'io.debezium.time.Interval', version: 1 }),
      read: (bytes, from, to, writer) => writer.string(isoText(latin1(bytes, from, to))),
      zero: 'P0Y0M0DT0H0M0S',
    }
  }
  return {
    ...common,
    schema: scalar('int64', { name: 'io.debezium.time.MicroDuration', version: 1 }),
    read: (bytes, from, to, writer) => writer.int64(totalMicros(latin1(bytes, from, to))),
    zero: 0n,
  }
}
