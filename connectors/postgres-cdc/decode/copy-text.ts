/**
 * Decoder of COPY … TO STDOUT in text format, fed with chunks that may end anywhere.
 *
 *   rows  := (field ('\t' field)* '\n')*
 *   field := '\N' | (byte | '\' escape)*
 *   escape := b f n r t v (control characters) | any other byte stands for itself
 *
 * A line feed ends a row wherever it stands: within a field the server writes it as `\n`. Texts are unescaped in
 * place, in bytes that the rows own, so a cell is as the server's output function made it, like a cell of the stream.
 */
import { type CellChunk, NULL_CELL } from '#cdc'
import { DecodeError } from '#errors'

/** Decoded rows: row i starts at `i * stride` of `cells`. */
export interface CopiedRows extends CellChunk {
  readonly rows: number
  readonly stride: number
}

const TAB = 0x09
const LINE_FEED = 0x0a
const BACKSLASH = 0x5c
const CAPITAL_N = 0x4e

/** What stands after a backslash, and what it means; all others mean themselves. */
const unescaped = Uint8Array.from({ length: 256 }, (_, byte) => byte)
for (const [letter, code] of Object.entries({ b: 8, f: 12, n: 10, r: 13, t: 9, v: 11 }))
  unescaped[letter.charCodeAt(0)] = code

export class CopyTextDecoder {
  readonly #columns: number
  /** The beginning of a row whose end has not come yet. */
  #pending: Buffer[] = []

  constructor(columns: number) {
    this.#columns = columns
  }

  /** Takes more bytes (they are copied); returns the rows they completed, or null. */
  push(chunk: Buffer): CopiedRows | null {
    const end = chunk.lastIndexOf(LINE_FEED) + 1
    if (end === 0) {
      if (chunk.length > 0) this.#pending.push(Buffer.from(chunk))
      return null
    }
    const bytes = Buffer.concat([...this.#pending, chunk.subarray(0, end)])
    this.#pending = end < chunk.length ? [Buffer.from(chunk.subarray(end))] : []
    return decodeRows(bytes, this.#columns)
  }

  /** The copy is over: a row that did not end is an error. */
  end(): void {
    if (this.#pending.length > 0) throw new DecodeError('The server ended COPY in the middle of a row.')
  }
}

function decodeRows(bytes: Buffer, columns: number): CopiedRows {
  const stride = columns * 2
  let cells = new Int32Array(stride * 16)
  let rows = 0
  let at = 0
  while (at < bytes.length) {
    if ((rows + 1) * stride > cells.length) {
      const grown = new Int32Array(cells.length * 4)
      grown.set(cells)
      cells = grown
    }
    at = columns === 0 ? emptyRow(bytes, at) : decodeRow(bytes, at, cells, rows * stride, columns)
    rows++
  }
  return { bytes, cells, rows, stride }
}

/** A row of a table without columns is an empty line. */
function emptyRow(bytes: Buffer, at: number): number {
  if (bytes[at] !== LINE_FEED) throw wrongCount(0)
  return at + 1
}

/** Notes the cells of the row at `at`, which is known to end in a line feed; returns where the next one begins. */
function decodeRow(bytes: Buffer, at: number, cells: Int32Array, row: number, columns: number): number {
  let position = at
  for (let column = 0; column < columns; column++) {
    const cell = row + column * 2
    const from = position
    let byte = bytes[position] as number
    // Nearly all bytes are above both ends of a field, so that two comparisons pass them.
    while (byte > LINE_FEED ? byte !== BACKSLASH : byte < TAB) byte = bytes[++position] as number
    if (byte === BACKSLASH) position = unescapeField(bytes, from, position, cells, cell)
    else {
      cells[cell] = from
      cells[cell + 1] = position
    }
    const last = column === columns - 1
    if (bytes[position] !== (last ? LINE_FEED : TAB)) throw wrongCount(columns)
    position++
  }
  return position
}

/** Finishes a field with a backslash in it: `\N`, or text to be moved together. Returns where the field ends. */
function unescapeField(bytes: Buffer, from: number, at: number, cells: Int32Array, cell: number): number {
  if (at === from && bytes[at + 1] === CAPITAL_N && isEnd(bytes[at + 2] as number)) {
    cells[cell] = NULL_CELL
    cells[cell + 1] = NULL_CELL
    return at + 2
  }
  let position = at
  let to = at
  let byte = bytes[position] as number
  while (!isEnd(byte)) {
    if (byte === BACKSLASH) {
      byte = bytes[++position] as number
      if (byte === LINE_FEED) throw new DecodeError('A row of COPY ends in a single backslash.')
      byte = unescaped[byte] as number
    }
    bytes[to++] = byte
    byte = bytes[++position] as number
  }
  cells[cell] = from
  cells[cell + 1] = to
  return position
}

function isEnd(byte: number): boolean {
  return byte === TAB || byte === LINE_FEED
}

function wrongCount(columns: number): DecodeError {
  return new DecodeError(`A row of COPY does not have the ${columns} columns that were asked for.`)
}
