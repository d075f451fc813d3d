/** The wall clock of a time zone, for `db.timezone`: instants become local times, daylight saving included. */
import { ConfigError } from '#errors'
import { daysOf, type Instant } from './temporal-text.ts'

export type WallClock = (instant: Instant) => Instant

const quarterHour = 900

/** `UTC` and other names of the IANA list, and offsets such as `+02:00`; throws for a zone that does not exist. */
export function wallClock(zone: string): WallClock {
  if (/^(utc|gmt|z|etc\/utc|greenwich|universal)$/i.test(zone)) return (instant) => instant
  const format = formatOf(zone)
  const offsets = new Map<number, number>()
  return (instant) => {
    // Offsets have changed on quarters of an hour only since 1970; before, each instant is asked for.
    const slot =
      instant.seconds >= 0 ? Math.floor(instant.seconds / quarterHour) * quarterHour : instant.seconds
    let offset = offsets.get(slot)
    if (offset === undefined) {
      offset = localSeconds(format, slot) - slot
      if (offsets.size > 10_000) offsets.clear()
      offsets.set(slot, offset)
    }
    return { seconds: instant.seconds + offset, nanos: instant.nanos }
  }
}

function formatOf(zone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en-u-ca-iso8601-nu-latn-hc-h23', {
      timeZone: zone.replace(/^(GMT|UTC)(?=[+-])/, ''),
      era: 'short',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    })
  } catch {
    throw new ConfigError(`Invalid time zone '${zone}': use a name such as UTC or Europe/Berlin.`)
  }
}

function localSeconds(format: Intl.DateTimeFormat, seconds: number): number {
  const parts = Object.fromEntries(
    format.formatToParts(new Date(seconds * 1000)).map((part) => [part.type, part.value]),
  )
  const year = parts['era']?.startsWith('B') ? 1 - Number(parts['year']) : Number(parts['year'])
  const days = daysOf(year, Number(parts['month']), Number(parts['day']))
  return (
    days * 86_400 + Number(parts['hour']) * 3_600 + Number(parts['minute']) * 60 + Number(parts['second'])
  )
}
