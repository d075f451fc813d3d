/**
 * Patterns of `java.text.SimpleDateFormat`, in UTC and English. Supported letters: `y u M L d D E a H k K h m s S z Z
 * X`; others are refused. As in Java, reading is lenient (the 31st of February is the 2nd or 3rd of March, and a rest
 * of the text is not looked at), and days before 15 October 1582 are Julian.
 */
import { DataError, messageOf } from '#errors'
import { dayOf, fieldsOf } from './java-calendar.ts'

export interface DatePattern {
  format(milliseconds: number): string
  /** Milliseconds since 1970; a DataError where the text does not fit. */
  parse(text: string): number
}

interface Piece {
  /** A pattern letter, or empty for text. */
  readonly letter: string
  readonly width: number
  readonly text: string
  /** Another number follows without anything between: reads no more digits than `width`. */
  readonly abutting: boolean
}

/** A validator of patterns; an empty one is none. */
export function validPattern(value: string | null): string | null {
  try {
    if (value !== null && value !== '') datePattern(value)
    return null
  } catch (error) {
    return messageOf(error)
  }
}

/** Throws a SyntaxError for a pattern that we cannot honour. */
export function datePattern(pattern: string): DatePattern {
  const pieces = piecesOf(pattern)
  return {
    format: (milliseconds) => {
      const fields = fieldsOf(milliseconds)
      return pieces.map((piece) => (piece.letter === '' ? piece.text : formatted(piece, fields))).join('')
    },
    parse: (text) => parsed(pieces, text, pattern),
  }
}

const letters = 'yuMLdDEaHkKhmsSzZX'
const numeric = 'yudDHkKhmsS'

function piecesOf(pattern: string): Piece[] {
  const found = [...pattern.matchAll(/'((?:[^']|'')*)'|([a-zA-Z])\2*|[^a-zA-Z']+|'/g)]
  const rough = found.map(([whole, quoted, letter]) => {
    if (whole === "'") throw new SyntaxError('Unterminated quote')
    if (letter === undefined)
      return { letter: '', width: 0, text: whole === "''" ? "'" : (quoted ?? whole).replaceAll("''", "'") }
    if (!letters.includes(letter)) throw new SyntaxError(`Illegal pattern character '${letter}'`)
    if (letter === 'X' && whole.length > 3) throw new SyntaxError('invalid ISO 8601 format: length=4')
    return { letter, width: whole.length, text: '' }
  })
  return rough.map((piece, i) => ({ ...piece, abutting: isNumber(piece) && isNumber(rough[i + 1]) }))
}

function isNumber(piece: { letter: string; width: number } | undefined): boolean {
  if (piece === undefined || piece.letter === '') return false
  return numeric.includes(piece.letter) || ('ML'.includes(piece.letter) && piece.width < 3)
}

const months = 'January February March April May June July August September October November December'.split(
  ' ',
)
const weekdays = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ')

type Fields = ReturnType<typeof fieldsOf>

function formatted({ letter, width }: Piece, fields: Fields): string {
  const padded = (value: number) => String(value).padStart(width, '0')
  const named = (name: string) => (width < 4 ? name.slice(0, 3) : name)
  switch (letter) {
    case 'y':
      return width === 2 ? String(fields.year % 100).padStart(2, '0') : padded(fields.year)
    case 'u':
      return padded(fields.weekday === 0 ? 7 : fields.weekday)
    case 'M':
    case 'L':
      return width < 3 ? padded(fields.month + 1) : named(months[fields.month] ?? '')
    case 'd':
      return padded(fields.day)
    case 'D':
      return padded(fields.dayOfYear)
    case 'E':
      return named(weekdays[fields.weekday] ?? '')
    case 'a':
      return fields.hour < 12 ? 'AM' : 'PM'
    case 'H':
      return padded(fields.hour)
    case 'k':
      return padded(fields.hour === 0 ? 24 : fields.hour)
    case 'K':
      return padded(fields.hour % 12)
    case 'h':
      return padded(fields.hour % 12 === 0 ? 12 : fields.hour % 12)
    case 'm':
      return padded(fields.minute)
    case 's':
      return padded(fields.second)
    case 'S':
      return padded(fields.millisecond)
    case 'z':
      return width < 4 ? 'UTC' : 'Coordinated Universal Time'
    default:
      return letter === 'X' ? 'Z' : '+0000'
  }
}

/** What has been read so far, in Java's calendar terms. */
interface Read {
  year: number
  month: number
  day: number
  dayOfYear: number | null
  hour: number
  afternoon: boolean
  twelve: boolean
  minute: number
  second: number
  millisecond: number
  /** Minutes east of UTC. */
  zone: number
}

function parsed(pieces: readonly Piece[], text: string, pattern: string): number {
  const read: Read = {
    year: 1970,
    month: 0,
    day: 1,
    dayOfYear: null,
    hour: 0,
    afternoon: false,
    twelve: false,
    minute: 0,
    second: 0,
    millisecond: 0,
    zone: 0,
  }
  let at = 0
  for (const piece of pieces) {
    const next = readPiece(piece, text, at, read)
    if (next < 0)
      throw new DataError(`Could not parse timestamp: the text does not have the format ${pattern}`)
    at = next
  }
  const day =
    read.dayOfYear === null ? dayOf(read.year, read.month, read.day) : dayOf(read.year, 0, read.dayOfYear)
  const hour = read.twelve ? (read.hour % 12) + (read.afternoon ? 12 : 0) : read.hour
  const minutes = day * 1440 + hour * 60 + read.minute - read.zone
  return minutes * 60_000 + read.second * 1000 + read.millisecond
}

/** The position after the piece; -1 where it is not there. */
function readPiece(piece: Piece, text: string, at: number, read: Read): number {
  if (piece.letter === '') return text.startsWith(piece.text, at) ? at + piece.text.length : -1
  if (isNumber(piece)) return readNumber(piece, text, at, read)
  const rest = text.slice(at)
  if (piece.letter === 'a') {
    const half = /^\s*(AM|PM)/i.exec(rest)
    if (half === null) return -1
    read.afternoon = half[1]?.toUpperCase() === 'PM'
    return at + half[0].length
  }
  if ('zZX'.includes(piece.letter)) return readZone(rest, at, read)
  const names = piece.letter === 'E' ? weekdays : months
  const found = names.findIndex((name) => rest.toLowerCase().startsWith(name.slice(0, 3).toLowerCase()))
  const name = names[found]
  if (name === undefined) return -1
  if (piece.letter !== 'E') read.month = found
  return at + (rest.toLowerCase().startsWith(name.toLowerCase()) ? name.length : 3)
}

function readZone(rest: string, at: number, read: Read): number {
  const zone = /^(?:Z|UTC|GMT)?(?:([+-])(\d\d):?(\d\d)?)?/.exec(rest)
  if (zone === null || zone[0] === '') return -1
  if (zone[1] !== undefined)
    read.zone = (Number(zone[2]) * 60 + Number(zone[3] ?? 0)) * (zone[1] === '-' ? -1 : 1)
  return at + zone[0].length
}

function readNumber({ letter, width, abutting }: Piece, text: string, at: number, read: Read): number {
  const digits = new RegExp(`^[ \\t]*-?\\d${abutting ? `{1,${width}}` : '+'}`).exec(text.slice(at))?.[0]
  if (digits === undefined) return -1
  const value = Number(digits)
  if (letter === 'y') read.year = width <= 2 && digits.trim().length === 2 ? century(value) : value
  else if (letter === 'M' || letter === 'L') read.month = value - 1
  else if (letter === 'd') read.day = value
  else if (letter === 'D') read.dayOfYear = value
  else if (letter === 'm') read.minute = value
  else if (letter === 's') read.second = value
  else if (letter === 'S') read.millisecond = value
  else if (letter !== 'u') {
    read.hour = letter === 'k' && value === 24 ? 0 : value
    if (letter === 'h' || letter === 'K') read.twelve = true
  }
  return at + digits.length
}

/** Two digits stand for the year within 80 years before and 20 after now. */
function century(value: number): number {
  const earliest = new Date().getUTCFullYear() - 80
  const year = Math.floor(earliest / 100) * 100 + value
  return year < earliest ? year + 100 : year
}
