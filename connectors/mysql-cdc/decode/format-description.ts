/**
 * The first event of every log file: who wrote it, and how its events are laid out.
 *
 *   body := version:2 serverVersion:50 created:4 headerLength:1 postHeaderLength:1* checksumAlgorithm:1
 *
 * Always with a checksum's room behind it, used or not.
 */
import { DecodeError } from '#errors'
import { EventReader } from './event-reader.ts'
import { eventType, eventName } from './event-types.ts'
import { headerSize } from './event-header.ts'

/** What is known of a log's events before they are read. */
export interface LogFormat {
  /** Events end in a CRC-32. */
  readonly checksum: boolean
  readonly serverVersion: string
  readonly mariadb: boolean
}

/** Of a connection that has not seen a format description yet; `checksum`: what was agreed on with the server. */
export function formatBeforeFirst(checksum: boolean): LogFormat {
  return { checksum, serverVersion: '', mariadb: false }
}

/** Of events within a transaction payload: the payload has the one checksum. */
export function formatWithin(format: LogFormat): LogFormat {
  return { ...format, checksum: false }
}

const expectedLengths: readonly (readonly [type: number, length: number])[] = [
  [eventType.QUERY, 13],
  [eventType.TABLE_MAP, 8],
  [eventType.WRITE_ROWS_V1, 8],
  [eventType.WRITE_ROWS, 10],
]

/** `to` is before the checksum's room. */
export function decodeFormatDescription(bytes: Buffer, from: number, to: number): LogFormat {
  const reader = new EventReader(bytes, from, to, 'FORMAT_DESCRIPTION')
  const version = reader.uint16()
  if (version !== 4) throw new DecodeError(`The binlog has the version ${version}; only 4 is known.`)
  const padded = reader.text(50)
  const end = padded.indexOf('\0')
  const serverVersion = end < 0 ? padded : padded.slice(0, end)
  reader.uint32()
  if (reader.uint8() !== headerSize) throw reader.expected(`event headers of ${headerSize} bytes`)
  const lengths = reader.slice(reader.left - 1)
  for (const [type, length] of expectedLengths) {
    const given = lengths[type - 1] ?? length
    if (given !== length && given !== 0)
      throw new DecodeError(
        `Events ${eventName(type)} of the server ${serverVersion} are laid out differently.`,
      )
  }
  const algorithm = reader.uint8()
  if (algorithm > 1)
    throw new DecodeError(`The binlog has checksums of the unknown algorithm ${algorithm}.`, {
      remedy: 'Set binlog_checksum to CRC32 or NONE.',
    })
  return { checksum: algorithm === 1, serverVersion, mariadb: /mariadb/i.test(serverVersion) }
}
