/**
 * Where a replay begins or ends, as it is written:
 *
 *   place    := position | gtids | time
 *   position := file (':' pos)?             mysql-bin.000003:154; without pos: the file's beginning
 *   gtids    := a set of MySQL, or a position of MariaDB; empty: before all transactions
 *   time     := RFC 3339                    2026-01-02T03:04:05Z, 2026-01-02T03:04:05.678+01:00
 */
import { ConfigError, messageOf } from '#errors'
import { GtidSet } from '../decode/gtid-set.ts'
import { MariadbGtidPosition } from '../decode/mariadb-gtid.ts'
import type { Server } from '../server/index.ts'

export type Place =
  | { readonly kind: 'position'; readonly file: string; readonly pos: number }
  | { readonly kind: 'gtids'; readonly gtids: string }
  /** `seconds` since 1970, as the headers of events tell time: whole ones. */
  | { readonly kind: 'time'; readonly text: string; readonly seconds: number }

export const logBegin = 4

const timeForm = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2})$/
const looksLikeTime = /^\d{4}-\d{2}-\d{2}/
const gtidForms: Readonly<Record<Server, RegExp>> = {
  mysql: /^\s*[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}\s*:/i,
  mariadb: /^\s*\d+-\d+-\d+\s*(?:,|$)/,
}
/** Names of logs end in their number. */
const positionForm = /^([^:/\\\s]+\.\d+)(?::(\d{1,15}))?$/

export function parsePlace(text: string, server: Server): Place {
  const given = text.trim()
  if (given === '' || gtidForms[server].test(given)) return { kind: 'gtids', gtids: gtidsText(given, server) }
  const position = positionForm.exec(given)
  if (position !== null) {
    const [, file = '', pos] = position
    return { kind: 'position', file, pos: Math.max(logBegin, Number(pos ?? logBegin)) }
  }
  if (looksLikeTime.test(given)) return { kind: 'time', text: given, seconds: secondsOf(given) }
  throw new ConfigError(
    `'${text}' is no place in the log of a ${server === 'mysql' ? 'MySQL' : 'MariaDB'}.`,
    {
      remedy: `Give a position (mysql-bin.000003:154), ${
        server === 'mysql' ? 'a set of GTIDs (uuid:1-100)' : 'a GTID position (0-1-100)'
      } or a time (2026-01-02T03:04:05Z).`,
    },
  )
}

function gtidsText(text: string, server: Server): string {
  return server === 'mysql' ? GtidSet.parse(text).toString() : MariadbGtidPosition.parse(text).toString()
}

function secondsOf(text: string): number {
  if (!timeForm.test(text))
    throw new ConfigError(`'${text}' is no time.`, {
      remedy: 'Write it with its zone, like 2026-01-02T03:04:05Z or 2026-01-02T03:04:05+01:00.',
    })
  const ms = Date.parse(text.replace(' ', 'T').toUpperCase())
  if (Number.isNaN(ms)) throw new ConfigError(`'${text}' is no time: there is no such day or hour.`)
  return Math.floor(ms / 1000)
}

/** The GTIDs of an offset, in the form of the server. */
export function checkedGtids(text: string, server: Server): string {
  try {
    return gtidsText(text, server)
  } catch (error) {
    throw new ConfigError(`gtids: ${messageOf(error)}`, { cause: error })
  }
}
