/** Time zones: fixed offsets, as Java's ZoneId writes them, and regions. */
import { ConfigError } from '#errors'

/** Seconds east of UTC at a point in time, in milliseconds since 1970. */
export type ZoneOffset = (milliseconds: number) => number

export function zoneOffset(zone: string): ZoneOffset {
  const fixed = /^(?:UTC|GMT|UT)?(?:([-+])(\d{1,2})(?::?(\d\d)(?::?(\d\d))?)?)?$/.exec(zone)
  if (zone === 'Z' || (fixed !== null && zone !== '')) {
    const [, sign = '+', hours = '0', minutes = '0', seconds = '0'] = fixed ?? []
    const offset = (Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)
    return () => (sign === '-' ? -offset : offset)
  }
  return regionOffset(zone)
}

function regionOffset(zone: string): ZoneOffset {
  let format: Intl.DateTimeFormat
  try {
    format = new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' })
  } catch (cause) {
    throw new ConfigError(`Unknown time zone: ${zone}`, {
      remedy: 'Name an offset (+05:30) or a region (Asia/Kolkata).',
      cause,
    })
  }
  return (milliseconds) => {
    const parts = format.formatToParts(milliseconds)
    const name = parts.find(({ type }) => type === 'timeZoneName')?.value ?? 'GMT'
    return zoneOffset(name)(milliseconds)
  }
}

/** As ISO 8601 writes it: `Z`, `+05:30`, with seconds where there are any. */
export function offsetText(seconds: number): string {
  if (seconds === 0) return 'Z'
  const two = (value: number): string => String(Math.trunc(value)).padStart(2, '0')
  const size = Math.abs(seconds)
  const rest = size % 60 === 0 ? '' : `:${two(size % 60)}`
  return `${seconds < 0 ? '-' : '+'}${two(size / 3600)}:${two((size / 60) % 60)}${rest}`
}
